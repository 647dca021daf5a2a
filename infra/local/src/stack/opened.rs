//! Every embedded service, opened on the data directory, and AWS made of them.

use std::sync::Arc;

use local_cloudwatch::LocalCloudWatch;
use local_codebuild::{LocalCodeBuild, SandboxSettings};
use local_codedeploy::LocalCodeDeploy;
use local_lambda::LocalLambda;
use local_s3::LocalS3;
use local_secrets::SecretsFile;
use local_service::{Clock, DiskQueue, ObjectStore};
use local_stepfunctions::{LocalStepFunctions, Surroundings};

use super::callers::InProcessS3;
use super::error::{StartError, part};
use super::job_functions::open_lambda;
use super::local_stack::Options;
use super::role_keys::RoleKeys;
use super::services::{
    command_environment, open_cloudwatch, open_codebuild, open_codedeploy, open_database, open_logs, open_s3,
    place, with_callers, with_secrets,
};
use super::state_machine_role::RoleInvoker;
use super::table_streams::open_streams;
use crate::connector::{CLOUDWATCH, LocalAws};
use crate::data_directory::DataDirectory;
use crate::events::{EventLog, KeptEvents, LocalEventBridge, LocalEventBus};
use crate::invoker::Invoker;
use crate::streams::TableStream;
use crate::template::Stack;

/// What the services are opened with.
pub(super) struct Ground<'a> {
    pub directory: &'a DataDirectory,
    pub template: &'a Stack,
    pub invoker: &'a Arc<Invoker>,
    pub role: Arc<RoleInvoker<Invoker>>,
    pub events: Arc<LocalEventBus>,
    /// For events of which nobody can be asked afterwards.
    pub kept_events: KeptEvents,
    pub clock: Arc<dyn Clock>,
    pub disk: DiskQueue,
    pub secrets: SecretsFile,
    pub sandbox: Option<SandboxSettings>,
}

pub(super) struct Opened {
    pub database: dynoxide::Database,
    pub s3: LocalS3,
    pub codebuild: LocalCodeBuild,
    pub codedeploy: LocalCodeDeploy,
    pub lambda: LocalLambda,
    pub cloudwatch: LocalCloudWatch,
    pub stepfunctions: Arc<LocalStepFunctions>,
    pub event_log: EventLog,
    pub streams: Vec<Arc<TableStream>>,
}

impl Opened {
    /// Opens what is there, or makes it. What was running goes on, or is told to have ended.
    pub fn open(ground: &Ground<'_>) -> Result<Self, StartError> {
        let Ground { directory, template, events, clock, disk, .. } = ground;
        let database = open_database(directory, template)?;
        let s3 = open_s3(ground)?;
        let objects: Arc<dyn ObjectStore> = Arc::new(s3.clone());
        let codebuild = open_codebuild(ground, objects.clone())?;
        let codedeploy = open_codedeploy(ground, objects)?;
        let lambda = open_lambda(directory, template, ground.invoker, command_environment())?;
        let cloudwatch = open_cloudwatch(ground)?;
        let event_log = EventLog::open(&directory.join("events").join("log"));
        let event_log = event_log.map_err(part("EventBridge"))?;
        let streams = open_streams(ground, &database)?;
        let surroundings = Surroundings { events: Some(events.clone()), disk: Some(disk.clone()) };
        let stepfunctions = LocalStepFunctions::open_in(
            &directory.join("stepfunctions"),
            place(&template.account),
            ground.role.clone(),
            clock.clone(),
            surroundings,
        );
        let stepfunctions = Arc::new(stepfunctions.map_err(part("Step Functions"))?);
        Ok(Self {
            database,
            s3,
            codebuild,
            codedeploy,
            lambda,
            cloudwatch,
            stepfunctions,
            event_log,
            streams,
        })
    }

    /// AWS, as its callers see it.
    pub fn aws(&self, ground: &Ground<'_>, options: Options) -> Result<LocalAws, StartError> {
        let Ground { directory, template, .. } = ground;
        let logs = open_logs(
            directory,
            &template.account,
            &self.codebuild,
            &self.codedeploy,
            self.event_log.clone(),
        );
        let (account, kept, clock) =
            (template.account.clone(), ground.kept_events.clone(), ground.clock.clone());
        let event_bridge = LocalEventBridge::new(account, kept, self.event_log.clone(), clock);
        let role_keys = Arc::new(RoleKeys {
            data: directory.path().to_owned(),
            account: template.account.clone(),
            clock: ground.clock.clone(),
        });
        let aws = LocalAws::new(template.account.clone(), self.database.clone())
            .with_disk(ground.disk.clone(), directory.join("dynamodb.sqlite-wal"))
            .with_service("AWSEvents", Arc::new(event_bridge))
            .with_service("AWSStepFunctions", self.stepfunctions.clone())
            .with_service("CodeBuild_20161006", Arc::new(self.codebuild.clone()))
            .with_service("CodeDeploy_20141006", Arc::new(self.codedeploy.clone()))
            .with_service(CLOUDWATCH, Arc::new(self.cloudwatch.clone()))
            .with_service("lambda", Arc::new(self.lambda.clone()))
            .with_service("sts", role_keys.clone())
            .with_identities(role_keys)
            .with_service("Logs_20140328", Arc::new(logs))
            .with_s3(Arc::new(InProcessS3(self.s3.clone())));
        let own_machines = template.state_machines.iter().map(|machine| machine.name.clone()).collect();
        let aws = aws.with_endpoints(options.aws_endpoints, own_machines);
        let mut aws = with_callers(with_secrets(aws, ground)?, template);
        for stream in &self.streams {
            aws = aws.with_stream(stream.clone());
        }
        if let Some(faults) = options.faults {
            aws = aws.with_faults(faults);
        }
        if let Some(observer) = options.observer {
            aws = aws.with_observer(observer);
        }
        Ok(aws)
    }
}
