//! AWS, as the functions see it: the only crate that names an AWS SDK.
//!
//! It keeps what the engine decided (DynamoDB), hands artifacts on (S3), talks to the state machine
//! (Step Functions) and runs functions. It holds no pipeline rule. The functions do not know where they
//! run: on a laptop the SDK's HTTP client is answered in process.

pub mod action;
pub mod artifacts;
mod clock;
mod config;
mod effects;
pub mod event_bus;
mod fault;
pub mod function;
pub mod http_event;
pub mod ids;
pub mod outside;
mod signing_key;
pub mod start;
pub mod store;

pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use fault::{Fault, FaultKind};
pub use signing_key::SigningKey;
pub use store::{Connection, Store, StoreError};

use std::sync::Arc;

use aws_config::SdkConfig;

/// Everything a function may use. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub store: Store,
    pub artifacts: artifacts::Artifacts,
    pub s3: aws_sdk_s3::Client,
    pub stepfunctions: aws_sdk_sfn::Client,
    pub codebuild: aws_sdk_codebuild::Client,
    pub codedeploy: aws_sdk_codedeploy::Client,
    pub signing_key: SigningKey,
    pub lambda: aws_sdk_lambda::Client,
    pub sts: aws_sdk_sts::Client,
    pub eventbridge: aws_sdk_eventbridge::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
}

impl Platform {
    /// Clients for every service, from one SDK configuration.
    pub fn new(sdk: &SdkConfig, config: Config, clock: Arc<dyn Clock>) -> Self {
        let config = Arc::new(config);
        let s3 = aws_sdk_s3::Client::new(sdk);
        Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(sdk), config.clone(), clock.clone()),
            artifacts: artifacts::Artifacts::new(s3.clone(), config.artifact_bucket.clone()),
            s3,
            stepfunctions: aws_sdk_sfn::Client::new(sdk),
            codebuild: aws_sdk_codebuild::Client::new(sdk),
            codedeploy: aws_sdk_codedeploy::Client::new(sdk),
            signing_key: SigningKey::new(
                aws_sdk_secretsmanager::Client::new(sdk),
                config.signing_key_secret_arn.clone(),
            ),
            lambda: aws_sdk_lambda::Client::new(sdk),
            sts: aws_sdk_sts::Client::new(sdk),
            eventbridge: aws_sdk_eventbridge::Client::new(sdk),
            cloudwatch: aws_sdk_cloudwatch::Client::new(sdk),
            config,
            clock,
        }
    }

    /// See [`Store::with_recent`].
    #[must_use]
    pub fn with_recent(self, recent: store::Recent) -> Self {
        Self { store: self.store.with_recent(recent), ..self }
    }
}
