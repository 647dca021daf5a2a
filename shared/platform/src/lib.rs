//! AWS, as the functions see it: the only crate that names an AWS SDK.
//!
//! It keeps what the engine decided (DynamoDB), hands artifacts on (S3), talks to the state machine
//! (Step Functions) and runs functions. It holds no pipeline rule. The functions do not know where they
//! run: on a laptop the SDK's HTTP client is answered in process.

pub mod action;
pub mod artifacts;
mod clock;
mod config;
mod connection_secret;
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
pub use connection_secret::{ConnectionSecret, Keys};
pub use fault::{Fault, FaultKind};
pub use signing_key::SigningKey;
pub use store::{Connection, Store, StoreError};

use std::sync::{Arc, LazyLock};

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;

/// A client that is made when it is first used: each function uses few of them, and all of them start.
pub type Lazy<Client> = Arc<LazyLock<Client, Box<dyn FnOnce() -> Client + Send>>>;

fn lazy<Client: 'static>(sdk: &Arc<SdkConfig>, new: fn(&SdkConfig) -> Client) -> Lazy<Client> {
    let sdk = sdk.clone();
    Arc::new(LazyLock::new(Box::new(move || new(&sdk))))
}

/// Everything a function may use. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub store: Store,
    pub artifacts: artifacts::Artifacts,
    pub s3: Lazy<aws_sdk_s3::Client>,
    pub stepfunctions: Lazy<aws_sdk_sfn::Client>,
    pub codebuild: Lazy<aws_sdk_codebuild::Client>,
    pub codedeploy: Lazy<aws_sdk_codedeploy::Client>,
    pub signing_key: SigningKey,
    pub secretsmanager: Lazy<aws_sdk_secretsmanager::Client>,
    /// The keys that the clients sign with.
    credentials: Option<SharedCredentialsProvider>,
    pub lambda: Lazy<aws_sdk_lambda::Client>,
    pub sts: Lazy<aws_sdk_sts::Client>,
    pub eventbridge: Lazy<aws_sdk_eventbridge::Client>,
    pub cloudwatch: Lazy<aws_sdk_cloudwatch::Client>,
    pub cloudformation: Lazy<aws_sdk_cloudformation::Client>,
    pub ecs: Lazy<aws_sdk_ecs::Client>,
    pub ecr: Lazy<aws_sdk_ecr::Client>,
    pub sns: Lazy<aws_sdk_sns::Client>,
    pub ssm: Lazy<aws_sdk_ssm::Client>,
}

impl Platform {
    /// Clients for every service, from one SDK configuration.
    pub fn new(sdk: &SdkConfig, config: Config, clock: Arc<dyn Clock>) -> Self {
        let config = Arc::new(config);
        let store = Store::new(aws_sdk_dynamodb::Client::new(sdk), config.clone(), clock.clone());
        let sdk = Arc::new(sdk.clone());
        let s3 = lazy(&sdk, aws_sdk_s3::Client::new);
        let secrets = lazy(&sdk, aws_sdk_secretsmanager::Client::new);
        Self {
            store,
            artifacts: artifacts::Artifacts::new(s3.clone(), config.artifact_bucket.clone()),
            s3,
            stepfunctions: lazy(&sdk, aws_sdk_sfn::Client::new),
            codebuild: lazy(&sdk, aws_sdk_codebuild::Client::new),
            codedeploy: lazy(&sdk, aws_sdk_codedeploy::Client::new),
            signing_key: SigningKey::new(secrets.clone(), config.signing_key_secret_arn.clone()),
            secretsmanager: secrets,
            credentials: sdk.credentials_provider(),
            lambda: lazy(&sdk, aws_sdk_lambda::Client::new),
            sts: lazy(&sdk, aws_sdk_sts::Client::new),
            eventbridge: lazy(&sdk, aws_sdk_eventbridge::Client::new),
            cloudwatch: lazy(&sdk, aws_sdk_cloudwatch::Client::new),
            cloudformation: lazy(&sdk, aws_sdk_cloudformation::Client::new),
            ecs: lazy(&sdk, aws_sdk_ecs::Client::new),
            ecr: lazy(&sdk, aws_sdk_ecr::Client::new),
            sns: lazy(&sdk, aws_sdk_sns::Client::new),
            ssm: lazy(&sdk, aws_sdk_ssm::Client::new),
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
