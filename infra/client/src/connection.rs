//! Where the service is and who asks: from options, from the AWS configuration, or told by who runs the command.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::ServiceConfigKey;

use crate::arguments::ConnectionArguments;
use crate::exit::Exit;
use crate::failure::Failure;

/// Longer than a request takes, shorter than a person waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// A service that can be spoken to.
#[derive(Debug, Clone)]
pub enum Connection {
    /// A service whose address and keys are known, as those of the service on this machine are.
    Known { endpoint_url: String, region: String, credentials: SharedCredentialsProvider },
    /// What the AWS configuration leads to.
    Configured(Box<SdkConfig>),
    /// There is none. The text says what to do about it.
    Missing { message: String, help: String },
}

impl Connection {
    /// The service of the AWS configuration, if an option, the environment or a profile says that it is meant:
    /// by `--endpoint-url`, `--profile` or `--region`, by `AWS_ENDPOINT_URL_CODEPIPELINE` or `AWS_ENDPOINT_URL`,
    /// or by `endpoint_url` in the profile. `--data` means the service on this machine.
    pub async fn configured(arguments: &ConnectionArguments) -> Option<Self> {
        if arguments.data.is_some() {
            return None;
        }
        // With a Region nobody is asked for it: looking for one may take seconds where there is no AWS.
        let probe = loader(arguments).region(Region::new("unknown"));
        let is_meant = arguments.names_aws() || endpoint(&probe.load().await, CODEPIPELINE).is_some();
        if is_meant { Some(Self::Configured(Box::new(loader(arguments).load().await))) } else { None }
    }
}

/// The ids of services in the names of variables and in profiles.
const CODEPIPELINE: &str = "CodePipeline";
const CLOUDWATCH_LOGS: &str = "CloudWatch Logs";
const CODEBUILD: &str = "CodeBuild";

/// Where the APIs are spoken to, and how.
pub(crate) struct Endpoints {
    /// None for AWS itself.
    pub custom: Option<String>,
    pub codepipeline: SdkConfig,
    pub logs: SdkConfig,
    pub codebuild: SdkConfig,
}

impl Endpoints {
    pub fn of(connection: Connection) -> Result<Self, Failure> {
        match connection {
            Connection::Known { endpoint_url, region, credentials } => {
                let config = SdkConfig::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .endpoint_url(&endpoint_url)
                    .region(Region::new(region))
                    .credentials_provider(credentials)
                    .http_client(http_client(Some(&endpoint_url)))
                    .timeout_config(timeouts())
                    .build();
                Ok(Self {
                    custom: Some(endpoint_url),
                    codepipeline: config.clone(),
                    logs: config.clone(),
                    codebuild: config,
                })
            }
            Connection::Configured(config) => of_config(*config),
            Connection::Missing { message, help } => Err(Failure::new(Exit::Unreachable, message).help(help)),
        }
    }
}

/// A service of one's own answers all APIs: its logs are where it is, unless they have an address of their own.
fn of_config(config: SdkConfig) -> Result<Endpoints, Failure> {
    if config.region().is_none() {
        return Err(Failure::usage("no Region is configured")
            .help("give --region, or set AWS_REGION or `region` in the profile"));
    }
    let custom = endpoint(&config, CODEPIPELINE);
    let of = |service: &str| endpoint(&config, service).or_else(|| custom.clone());
    let (logs, codebuild) = (of(CLOUDWATCH_LOGS), of(CODEBUILD));
    let with = |endpoint: Option<String>| {
        let mut builder = config.to_builder();
        builder.set_http_client(Some(http_client(endpoint.as_deref())));
        builder.set_endpoint_url(endpoint);
        builder.build()
    };
    Ok(Endpoints { codepipeline: with(custom.clone()), logs: with(logs), codebuild: with(codebuild), custom })
}

fn endpoint(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service_id);
    let key = key.env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    let own = config.service_config().and_then(|services| services.load_config(key));
    // An option goes before everything; the SDK keeps it where it keeps AWS_ENDPOINT_URL.
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

fn loader(arguments: &ConnectionArguments) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(None))
        .timeout_config(timeouts());
    if let Some(profile) = &arguments.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &arguments.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint_url) = &arguments.endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    loader
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
}

/// Certificates are only read where they are needed.
pub(crate) fn http_client(endpoint_url: Option<&str>) -> SharedHttpClient {
    match endpoint_url {
        Some(url) if url.starts_with("http://") => Builder::new().build_http(),
        _ => Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(endpoint_url: Option<&str>, region: Option<&'static str>) -> SdkConfig {
        let mut builder = SdkConfig::builder().behavior_version(BehaviorVersion::latest());
        builder.set_endpoint_url(endpoint_url.map(str::to_owned)).set_region(region.map(Region::new));
        builder.build()
    }

    #[test]
    fn a_service_of_ones_own_is_asked_for_logs_where_it_is() {
        let own = of_config(config(Some("http://127.0.0.1:8787"), Some("eu-west-1"))).unwrap();
        assert_eq!(own.custom.as_deref(), Some("http://127.0.0.1:8787"));
        assert_eq!(own.logs.endpoint_url(), own.codepipeline.endpoint_url());
        let aws = of_config(config(None, Some("eu-west-1"))).unwrap();
        assert_eq!((aws.custom, aws.logs.endpoint_url()), (None, None));
        assert_eq!(of_config(config(None, None)).err().map(|failure| failure.exit), Some(Exit::Usage));
    }

    #[tokio::test]
    async fn options_say_which_service_is_meant() {
        let local = ConnectionArguments { data: Some("data".into()), ..ConnectionArguments::default() };
        assert!(Connection::configured(&local).await.is_none());
        let endpoint_url = Some("http://127.0.0.1:1".to_owned());
        let region = Some("eu-west-1".to_owned());
        let remote = ConnectionArguments { endpoint_url, region, ..ConnectionArguments::default() };
        let Some(Connection::Configured(config)) = Connection::configured(&remote).await else {
            panic!("an endpoint leads to the AWS configuration")
        };
        assert_eq!(endpoint(&config, CODEPIPELINE).as_deref(), Some("http://127.0.0.1:1"));
    }
}
