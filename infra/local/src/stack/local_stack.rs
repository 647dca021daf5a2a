//! Everything that runs on this machine, started and stopped as one.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use local_cloudwatch::LocalCloudWatch;
use local_codebuild::{LocalCodeBuild, SandboxSettings};
use local_codedeploy::{LocalCodeDeploy, Target};
use local_lambda::LocalLambda;
use local_s3::LocalS3;
use local_secrets::SecretsFile;
use local_service::{AdjustableClock, ApiError, Clock, DiskQueue};
use local_stepfunctions::LocalStepFunctions;
use platform::store::Recent;
use platform::{Connection, Platform};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::callers::install_functions;
use super::definition::{Place, template};
use super::error::{StartError, part};
use super::job_functions::tell_interrupted;
use super::opened::{Ground, Opened};
use super::promise::{QUIET, only_reads};
use super::services::{create_projects, create_state_machines, expire_items};
use super::state_machine_role::RoleInvoker;
use super::store_upgrade;
use super::sweeps::{SweepInvoker, Sweeps};
use super::table_streams::read_streams;
use super::triggers::open_rules;
use crate::connector::{FaultInjection, LocalAws, WriteObserver};
use crate::data_directory::DataDirectory;
use crate::events::{Delivery, KeptEvents, LocalEventBus, ScheduleRules, run_schedules};
use crate::forwarding::AwsEndpoints;
use crate::invoker::Invoker;
use crate::template::Stack;

/// Everything that runs on this machine. Dropping it stops the schedules; [`LocalStack::shutdown`] also
/// ends builds and deployments.
pub struct LocalStack {
    pub directory: DataDirectory,
    pub clock: Arc<AdjustableClock>,
    pub codebuild: LocalCodeBuild,
    pub codedeploy: LocalCodeDeploy,
    pub lambda: LocalLambda,
    pub cloudwatch: LocalCloudWatch,
    pub s3: LocalS3,
    pub stepfunctions: Arc<LocalStepFunctions>,
    pub rules: ScheduleRules,
    pub(super) invoker: Arc<Invoker>,
    pub(super) template: Stack,
    pub(super) aws: Arc<LocalAws>,
    disk: DiskQueue,
    pub(super) sweeps: Arc<Sweeps>,
    pub(super) admit: watch::Sender<bool>,
    pub(super) running_functions: Arc<AtomicUsize>,
    schedules: JoinHandle<()>,
}

/// What may differ from one start to the next.
#[derive(Default)]
pub struct Options {
    /// The Region that ARNs name.
    pub region: Option<String>,
    /// Where the API is reached, if it is: what the URLs of webhooks begin with.
    pub api_endpoint: Option<String>,
    /// Whether webhooks may let everybody in.
    pub allow_unauthenticated_webhooks: bool,
    /// Who gets which role for a proof of who they are on AWS.
    pub caller_roles: String,
    /// What goes wrong with AWS calls, on purpose.
    pub faults: Option<FaultInjection>,
    /// The user's secrets [default: `secrets.yaml` in the data directory].
    pub secrets: Option<PathBuf>,
    /// What keeps builds away from this machine [default: nothing].
    pub sandbox: Option<SandboxSettings>,
    /// Who answers calls of AWS that nothing here does.
    pub aws_endpoints: AwsEndpoints,
    /// Sees what is written to DynamoDB.
    pub observer: Option<WriteObserver>,
    /// Functions remember nothing of what others wrote, and read it, as on AWS: to count what they read there.
    pub shares_nothing: bool,
}

impl Options {
    fn place(&self) -> Place<'_> {
        Place {
            region: self.region.as_deref(),
            api_endpoint: self.api_endpoint.as_deref(),
            allow_unauthenticated_webhooks: self.allow_unauthenticated_webhooks,
            caller_roles: &self.caller_roles,
        }
    }
}

impl LocalStack {
    /// Opens what is in the directory, or makes it. Executions that were running go on.
    ///
    /// # Errors
    /// What part does not start, and why.
    pub async fn start(directory: DataDirectory, options: Options) -> Result<Self, StartError> {
        let template = template(&options.place()).map_err(part("template.yaml"))?;
        let clock = Arc::new(AdjustableClock::default());
        let time: Arc<dyn Clock> = clock.clone();
        let invoker = Arc::new(Invoker::default());
        let sweeps = Arc::new(Sweeps::default());
        let caller = SweepInvoker::new(invoker.clone(), &template, sweeps.clone(), time.clone());
        let delivery = Delivery::new(Arc::new(caller), time.clone(), Handle::current());
        let bus = Arc::new(LocalEventBus::new(template.rules.clone(), delivery.clone()));

        let disk = DiskQueue::default();
        let kept = directory.join("events").join("kept");
        let kept_events = KeptEvents::new(kept, bus.clone(), disk.clone(), Handle::current());
        let (admit, admits) = watch::channel(true);
        let role = Arc::new(RoleInvoker::new(invoker.clone(), &template, admits));
        let running_functions = role.running();
        let secrets = options.secrets.clone().unwrap_or_else(|| directory.join("secrets.yaml"));
        let ground = Ground {
            directory: &directory,
            template: &template,
            invoker: &invoker,
            role,
            events: bus,
            kept_events: kept_events.clone(),
            clock: time.clone(),
            disk: disk.clone(),
            secrets: SecretsFile::new(secrets),
            sandbox: options.sandbox.clone(),
        };
        let opened = Opened::open(&ground)?;
        let recent = if options.shares_nothing { Recent::default() } else { Recent::shared() };
        let aws = Arc::new(opened.aws(&ground, options)?);
        let cloudwatch = opened.cloudwatch.clone();
        let Opened { database, s3, codebuild, codedeploy, lambda, stepfunctions, streams, .. } = opened;
        create_projects(&codebuild, &template).await?;
        create_state_machines(&stepfunctions, &template).await?;
        store_upgrade::bring_up_to_date(&directory, &template, &aws, &clock).await?;
        install_functions(&invoker, &template, aws.clone(), &clock, &recent)?;
        tell_interrupted(lambda.clone());
        kept_events.take_up().map_err(part("events"))?;
        let rules = open_rules(&directory, &template, &delivery)?;
        let scheduled = run_schedules(template.schedules.clone(), template.account.clone(), delivery);
        let reading = read_streams(streams, invoker.clone(), time.clone());
        let expiring = expire_items(database, aws.clone(), time);
        let settling = disk.clone().settle_behind(QUIET);
        let schedules = tokio::spawn(async { tokio::join!(scheduled, reading, expiring, settling).0 });
        Ok(Self {
            directory,
            clock,
            codebuild,
            codedeploy,
            lambda,
            cloudwatch,
            s3,
            stepfunctions,
            rules,
            invoker,
            template,
            aws,
            disk,
            sweeps,
            admit,
            running_functions,
            schedules,
        })
    }

    /// Calls an operation of the CodePipeline API as `caller`.
    ///
    /// # Errors
    /// CodePipeline's exception, or why there is no answer.
    pub async fn call(&self, operation: &str, input: Value, caller: &str) -> Result<Value, ApiFailure> {
        let platform = self.platform_of("api").ok_or_else(|| ApiFailure {
            code: "InternalFailure".into(),
            message: "the stack is shutting down".into(),
        })?;
        let (operation, caller) = (operation.to_owned(), caller.to_owned());
        // Whoever calls in this process starts the first execution by itself.
        let request = api::Request { operation, input, caller, create_starts_execution: false };
        let response = api::call(&platform, &request).await;
        if !only_reads(&request.operation) {
            self.settle().await?;
        }
        if response.status == 200 {
            return Ok(response.body);
        }
        let text = |name: &str| response.body[name].as_str().unwrap_or_default().to_owned();
        Err(ApiFailure { code: text("__type"), message: text("message") })
    }

    /// Brings everything to the disk that clients of the API may be told of.
    ///
    /// # Errors
    /// The disk does not take it: what was done may not survive a power cut.
    pub async fn settle(&self) -> Result<(), ApiFailure> {
        self.disk.settle().await.map_err(|error| unsettled(&error))
    }

    /// The same, with what no client is told of but one that puts objects into the store itself.
    ///
    /// # Errors
    /// As [`LocalStack::settle`].
    pub async fn settle_all(&self) -> Result<(), ApiFailure> {
        self.disk.settle_all().await.map_err(|error| unsettled(&error))
    }

    /// The Region that ARNs name.
    pub fn region(&self) -> &str {
        &self.template.account.region
    }

    /// Says where a source connection leads.
    ///
    /// # Errors
    /// The store does not take it.
    pub async fn connect(&self, connection: &Connection) -> Result<(), StartError> {
        let platform =
            self.platform_of("api").ok_or_else(|| StartError("there is no function api".to_owned()))?;
        platform.store.put_connection(connection).await.map_err(part("connection"))
    }

    /// Gives a deployment group its directories on this host.
    ///
    /// # Errors
    /// A directory that cannot be a target.
    pub fn define_deployment_group(
        &self,
        application: &str,
        group: &str,
        directories: Vec<PathBuf>,
    ) -> Result<(), ApiError> {
        let targets = directories.into_iter().enumerate();
        let targets = targets.map(|(index, root)| Target { name: format!("directory-{}", index + 1), root });
        self.codedeploy.define_group(application, group, targets.collect())
    }

    /// The clients of a function of the template, by its binary.
    pub fn platform_of(&self, binary: &str) -> Option<Platform> {
        self.invoker.platform_of(&self.function_arn(binary))
    }

    fn function_arn(&self, binary: &str) -> String {
        let function = self.template.functions.iter().find(|function| function.binary == binary);
        function.map(|function| function.arn.clone()).unwrap_or_default()
    }

    /// Ends builds and deployments and waits for them; what is on disk goes on at the next start.
    pub async fn shutdown(self) {
        self.end_work().await;
    }

    /// Ends builds and deployments and waits for them.
    pub async fn end_work(&self) {
        self.codebuild.shutdown().await;
        self.codedeploy.shutdown().await;
        self.lambda.shutdown().await;
        self.cloudwatch.shutdown();
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        self.schedules.abort();
        // Functions hold the services that call them; without this nothing would ever be released.
        self.invoker.uninstall();
    }
}

/// An exception of the API, or `InternalFailure`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiFailure {
    pub code: String,
    pub message: String,
}

impl Display for ApiFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiFailure {}

fn unsettled(error: &io::Error) -> ApiFailure {
    let message = format!("what was done could not be brought to the disk: {error}");
    ApiFailure { code: "InternalFailure".into(), message }
}
