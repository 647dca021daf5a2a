//! The stack of template.yaml, wired: its tables, buckets, functions, state machine, rules and schedules
//! in one process over one data directory.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use bytes::Bytes;
use local_codebuild::LocalCodeBuild;
use local_codedeploy::{LatestRevisions, LocalCodeDeploy, Target};
use local_process::Follower;
use local_s3::{BucketSettings, LocalS3};
use local_service::{AdjustableClock, ApiError, BoxFuture, Clock, EventSink, ObjectStore, Service};
use local_stepfunctions::{LocalStepFunctions, Place};
use platform::{Config, Connection, Platform};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::connector::{FaultInjection, HttpService, LocalAws, LocalHttpClient, ensure_tables};
use crate::data_directory::DataDirectory;
use crate::events::{Delivery, LocalEventBus, run_schedules};
use crate::functions::functions;
use crate::invoker::{Installed, Invoker};
use crate::template::{self, Account, Stack, StateMachine, Surroundings, TemplateError};

const TEMPLATE: &str = include_str!("../../../template.yaml");
const STAGE_EXECUTION: &str = include_str!("../../statemachines/stage-execution.asl.json");
/// Definition files of the template's state machines, by their path in it.
const DEFINITIONS: [(&str, &str); 1] = [("infra/statemachines/stage-execution.asl.json", STAGE_EXECUTION)];

pub const ACCOUNT_ID: &str = "123456789012";
/// Where nothing names a Region.
const REGION: &str = "us-east-1";

/// Everything that runs on this machine. Dropping it stops the schedules; [`LocalStack::shutdown`] also
/// ends builds and deployments.
pub struct LocalStack {
    pub directory: DataDirectory,
    pub clock: Arc<AdjustableClock>,
    pub codebuild: LocalCodeBuild,
    pub codedeploy: LocalCodeDeploy,
    pub s3: LocalS3,
    pub stepfunctions: Arc<LocalStepFunctions>,
    invoker: Arc<Invoker>,
    template: Stack,
    schedules: JoinHandle<()>,
}

/// Why the stack does not start, in words for the person at the keyboard.
#[derive(Debug)]
pub struct StartError(String);

impl Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

fn part<E: Display>(name: &'static str) -> impl Fn(E) -> StartError {
    move |error| StartError(format!("{name}: {error}"))
}

/// What template.yaml describes, in a Region.
pub fn template(region: Option<&str>) -> Result<Stack, TemplateError> {
    let region = region.unwrap_or(REGION).to_owned();
    let surroundings = Surroundings {
        stack_name: "pipewright".to_owned(),
        account: Account { id: ACCOUNT_ID.to_owned(), region },
        parameters: BTreeMap::new(),
    };
    template::load(TEMPLATE, &surroundings)
}

/// What may differ from one start to the next.
#[derive(Default)]
pub struct Options {
    /// The Region that ARNs name.
    pub region: Option<String>,
    /// What goes wrong with AWS calls, on purpose.
    pub faults: Option<FaultInjection>,
}

impl LocalStack {
    /// Opens what is in the directory, or makes it. Executions that were running go on.
    ///
    /// # Errors
    /// What part does not start, and why.
    pub async fn start(directory: DataDirectory, options: Options) -> Result<Self, StartError> {
        let template = template(options.region.as_deref()).map_err(part("template.yaml"))?;
        let clock = Arc::new(AdjustableClock::default());
        let time: Arc<dyn Clock> = clock.clone();
        let invoker = Arc::new(Invoker::default());
        let delivery = Delivery::new(invoker.clone(), time.clone(), tokio::runtime::Handle::current());
        let bus: Arc<dyn EventSink> = Arc::new(LocalEventBus::new(template.rules.clone(), delivery.clone()));

        let database = dynoxide::Database::new(&directory.join("dynamodb.sqlite").to_string_lossy());
        let database = database.map_err(part("DynamoDB"))?;
        ensure_tables(&database, &template.tables).map_err(part("DynamoDB"))?;
        let s3 = LocalS3::open(&directory.join("s3"), time.clone()).map_err(part("S3"))?;
        for bucket in &template.buckets {
            let settings = BucketSettings { versioned: bucket.is_versioned, ..BucketSettings::default() };
            s3.ensure_bucket(&bucket.name, settings).map_err(part("S3"))?;
        }
        let objects: Arc<dyn ObjectStore> = Arc::new(s3.clone());
        let codebuild =
            open_codebuild(&directory, &template.account, objects.clone(), bus.clone(), time.clone())?;
        let codedeploy = open_codedeploy(&directory, &template.account, objects, bus.clone(), time.clone())?;
        let Account { id: account_id, region } = template.account.clone();
        let place = Place { region, account_id };
        let path = directory.join("stepfunctions");
        let stepfunctions =
            LocalStepFunctions::open_with_events(&path, place, invoker.clone(), time, Some(bus));
        let stepfunctions = Arc::new(stepfunctions.map_err(part("Step Functions"))?);

        let mut aws = LocalAws::new(template.account.clone(), database)
            .with_service("AWSStepFunctions", stepfunctions.clone())
            .with_service("CodeBuild_20161006", Arc::new(codebuild.clone()))
            .with_service("CodeDeploy_20141006", Arc::new(codedeploy.clone()))
            .with_s3(Arc::new(InProcessS3(s3.clone())));
        for function in &template.functions {
            aws = aws.with_caller(&function.logical_id, function.policies.clone());
        }
        if let Some(faults) = options.faults {
            aws = aws.with_faults(faults);
        }
        create_projects(&codebuild, &template).await?;
        create_state_machines(&stepfunctions, &template).await?;
        install_functions(&invoker, &template, Arc::new(aws), &clock)?;
        let schedules =
            tokio::spawn(run_schedules(template.schedules.clone(), template.account.clone(), delivery));
        Ok(Self { directory, clock, codebuild, codedeploy, s3, stepfunctions, invoker, template, schedules })
    }

    /// Calls an operation of the CodePipeline API as `caller`.
    ///
    /// # Errors
    /// CodePipeline's exception, or why there is no answer.
    pub async fn call(&self, operation: &str, input: Value, caller: &str) -> Result<Value, ApiFailure> {
        use local_stepfunctions::LambdaInvoker;
        let request = json!({ "operation": operation, "input": input, "caller": caller });
        let arn = self.function_arn("api");
        let answer = self.invoker.invoke(&arn, request).await;
        let response: api::Response = answer
            .map_err(|error| error.cause)
            .and_then(|answer| serde_json::from_value(answer).map_err(|error| error.to_string()))
            .map_err(|message| ApiFailure { code: "InternalFailure".into(), message })?;
        if response.status == 200 {
            return Ok(response.body);
        }
        let text = |name: &str| response.body[name].as_str().unwrap_or_default().to_owned();
        Err(ApiFailure { code: text("__type"), message: text("message") })
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

    /// The log of outside work while it is written; `None` for work that has none.
    pub fn follow_log(&self, external_execution_id: &str) -> Option<Follower> {
        let build = self.codebuild.follow_log(external_execution_id).ok();
        build.or_else(|| self.codedeploy.follow_log(external_execution_id).ok())
    }

    /// Where the log of outside work is; a build says so itself, in its URL.
    pub fn log_path(&self, external_execution_id: &str, url: Option<&str>) -> Option<PathBuf> {
        let of_build = url.filter(|url| url.starts_with('/')).map(PathBuf::from);
        let path = of_build.unwrap_or_else(|| self.codedeploy.log_path(external_execution_id));
        path.is_file().then_some(path)
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
        self.codebuild.shutdown().await;
        self.codedeploy.shutdown().await;
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

struct InProcessS3(LocalS3);

impl HttpService for InProcessS3 {
    fn serve(&self, request: http::Request<Bytes>) -> BoxFuture<'_, http::Response<Bytes>> {
        Box::pin(self.0.serve(request))
    }
}

/// The engine's time is the stack's.
struct StackClock(Arc<AdjustableClock>);

impl platform::Clock for StackClock {
    fn now(&self) -> engine::execution::Timestamp {
        engine::execution::Timestamp(self.0.now())
    }
}

/// The environment of this process; a variable that is no text is nothing that a build could use.
fn readable_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn open_codebuild(
    directory: &DataDirectory,
    account: &Account,
    objects: Arc<dyn ObjectStore>,
    events: Arc<dyn EventSink>,
    clock: Arc<dyn Clock>,
) -> Result<LocalCodeBuild, StartError> {
    let account = local_codebuild::Account { id: account.id.clone(), region: account.region.clone() };
    let settings = local_codebuild::Settings {
        initiator: "pipewright".to_owned(),
        ..local_codebuild::Settings::for_host(account, readable_environment())
    };
    LocalCodeBuild::open(&directory.join("codebuild"), objects, events, clock, settings)
        .map_err(part("CodeBuild"))
}

fn open_codedeploy(
    directory: &DataDirectory,
    account: &Account,
    objects: Arc<dyn ObjectStore>,
    events: Arc<dyn EventSink>,
    clock: Arc<dyn Clock>,
) -> Result<LocalCodeDeploy, StartError> {
    let settings = local_codedeploy::Settings {
        region: account.region.clone(),
        account_id: account.id.clone(),
        events: Some(events),
        as_current_user: true,
        ..local_codedeploy::Settings::default()
    };
    let revisions = Arc::new(LatestRevisions(objects));
    LocalCodeDeploy::open(&directory.join("codedeploy"), clock, revisions, settings)
        .map_err(part("CodeDeploy"))
}

/// The projects of the template; one that is there already is brought up to date.
async fn create_projects(codebuild: &LocalCodeBuild, template: &Stack) -> Result<(), StartError> {
    for project in &template.projects {
        let created = codebuild.call("CreateProject", project.definition.clone()).await;
        let made = match created {
            Err(error) if error.code == "ResourceAlreadyExistsException" => {
                codebuild.call("UpdateProject", project.definition.clone()).await
            }
            made => made,
        };
        made.map_err(part("CodeBuild"))?;
    }
    Ok(())
}

async fn create_state_machines(
    stepfunctions: &LocalStepFunctions,
    template: &Stack,
) -> Result<(), StartError> {
    for machine in &template.state_machines {
        let definition = definition(machine)?;
        let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/{}", machine.logical_id);
        let input = json!({ "name": machine.name, "definition": definition, "roleArn": role });
        let made = match stepfunctions.call("CreateStateMachine", input).await {
            Err(error) if error.code == "StateMachineAlreadyExists" => {
                let input =
                    json!({ "stateMachineArn": machine.arn, "definition": definition, "roleArn": role });
                stepfunctions.call("UpdateStateMachine", input).await
            }
            made => made,
        };
        made.map_err(part("Step Functions"))?;
    }
    Ok(())
}

/// The machine's file with the template's substitutions, as SAM makes it.
fn definition(machine: &StateMachine) -> Result<String, StartError> {
    let file = DEFINITIONS.iter().find(|(path, _)| *path == machine.definition_file);
    let (_, text) =
        file.ok_or_else(|| StartError(format!("{} is not in this binary", machine.definition_file)))?;
    let substituted =
        |text: String, (name, value): (&String, &String)| text.replace(&format!("${{{name}}}"), value);
    Ok(machine.substitutions.iter().fold((*text).to_owned(), substituted))
}

/// Each function gets clients that sign in its name.
fn install_functions(
    invoker: &Invoker,
    template: &Stack,
    aws: Arc<LocalAws>,
    clock: &Arc<AdjustableClock>,
) -> Result<(), StartError> {
    let mut handlers = functions();
    let mut installed = HashMap::new();
    for function in &template.functions {
        let handler = handlers.remove(function.binary.as_str());
        let handler =
            handler.ok_or_else(|| StartError(format!("there is no function {}", function.binary)))?;
        let config = Config::from_environment(|name| function.environment.get(name).cloned());
        let sdk = sdk_config(&function.logical_id, &template.account.region, aws.clone());
        let clock = Arc::new(StackClock(clock.clone()));
        let platform = Platform::new(&sdk, config.map_err(part("template.yaml"))?, clock);
        let timeout = Duration::from_secs(function.timeout_seconds);
        installed.insert(function.arn.clone(), Installed { function: handler, platform, timeout });
    }
    invoker.install(installed);
    Ok(())
}

fn sdk_config(caller: &str, region: &str, aws: Arc<LocalAws>) -> aws_config::SdkConfig {
    let credentials = Credentials::new(caller, "local", None, None, "local stack");
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(LocalHttpClient::new(aws))
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
            aws_smithy_async::rt::sleep::TokioSleep::new(),
        ))
        .build()
}
