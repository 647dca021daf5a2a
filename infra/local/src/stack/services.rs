//! The embedded services, opened on the data directory, with what the template declares in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use local_cloudwatch::LocalCloudWatch;
use local_codebuild::LocalCodeBuild;
use local_codedeploy::{LatestRevisions, LocalCodeDeploy};
use local_logs::LocalLogs;
use local_s3::{BucketSettings, LocalS3};
use local_secrets::{LocalParameterStore, LocalSecrets, StackSecrets};
use local_service::{Clock, EventSink, ObjectStore, Service};
use local_stepfunctions::{LocalStepFunctions, Place};
use serde_json::json;

use super::definition::definition;
use super::error::part;
use super::log_files::LogFiles;
use super::opened::Ground;
use super::{ACCOUNT_ID, StartError};
use crate::connector::{LocalAws, OWNER, ensure_tables};
use crate::data_directory::DataDirectory;
use crate::events::EventLog;
use crate::permissions::{Effect, Statement};
use crate::template::{Account, Stack};

/// What commands that stand for functions and alarms find in their environment: tools, a home, and the user's language.
pub(super) fn command_environment() -> BTreeMap<String, String> {
    let passed = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];
    readable_environment().filter(|(name, _)| passed.contains(&name.as_str())).collect()
}

/// The environment of this process; a variable that is no text is nothing that a build could use.
fn readable_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// In the ARNs of Step Functions.
pub(super) fn place(account: &Account) -> Place {
    Place { region: account.region.clone(), account_id: account.id.clone() }
}

pub(super) fn open_database(
    directory: &DataDirectory,
    template: &Stack,
) -> Result<dynoxide::Database, StartError> {
    let file = directory.join(DATABASE);
    check_that_it_is_whole(&file)?;
    let database = dynoxide::Database::new(&file.to_string_lossy());
    let database = database.map_err(part("DynamoDB"))?;
    // dynoxide's name for what is the default elsewhere: SQLite in WAL mode with `synchronous = NORMAL`. Commits
    // survive the end of the process; the queue brings them to the disk.
    database.disable_bulk_loading().map_err(part("DynamoDB"))?;
    ensure_tables(&database, &template.tables).map_err(part("DynamoDB"))?;
    Ok(database)
}

const DATABASE: &str = "dynamodb.sqlite";
/// What SQLite has not brought into the database yet.
const WRITE_AHEAD_LOG: &str = "dynamodb.sqlite-wal";

/// SQLite takes an empty file for a new database, and throws the log away that belongs to it.
fn check_that_it_is_whole(file: &Path) -> Result<(), StartError> {
    let is_empty = |path: &Path| fs::metadata(path).map_or(true, |found| found.len() == 0);
    let log = file.with_file_name(WRITE_AHEAD_LOG);
    if is_empty(file) && !is_empty(&log) {
        return Err(part("DynamoDB")(format!(
            "{} is empty or gone, and {} is not. Restore a backup; to begin anew, remove both",
            file.display(),
            log.display()
        )));
    }
    Ok(())
}

pub(super) fn open_s3(ground: &Ground<'_>) -> Result<LocalS3, StartError> {
    let Account { id: account_id, region } = ground.template.account.clone();
    let disk = Some(ground.disk.clone());
    let events: Option<Arc<dyn EventSink>> = Some(Arc::new(ground.kept_events.clone()));
    let settings = local_s3::Settings { disk, region, account_id, events };
    let directory = ground.directory.join("s3");
    let s3 = LocalS3::open_with(&directory, ground.clock.clone(), settings).map_err(part("S3"))?;
    for bucket in &ground.template.buckets {
        let settings = BucketSettings { versioned: bucket.is_versioned, ..BucketSettings::default() };
        s3.ensure_bucket(&bucket.name, settings).map_err(part("S3"))?;
    }
    Ok(s3)
}

pub(super) fn open_cloudwatch(ground: &Ground<'_>) -> Result<LocalCloudWatch, StartError> {
    let Account { id: account_id, region } = ground.template.account.clone();
    let clock = ground.clock.clone();
    let settings =
        local_cloudwatch::Settings { region, account_id, environment: command_environment(), clock };
    LocalCloudWatch::open(&ground.directory.join("cloudwatch"), settings).map_err(part("CloudWatch"))
}

pub(super) fn open_codebuild(
    ground: &Ground<'_>,
    objects: Arc<dyn ObjectStore>,
) -> Result<LocalCodeBuild, StartError> {
    let Account { id, region } = ground.template.account.clone();
    let owner = local_secrets::Account { id: id.clone(), region: region.clone() };
    let secrets = LocalSecrets::of_user(owner.clone(), ground.secrets.clone());
    let parameters = LocalParameterStore::new(owner, ground.secrets.clone());
    let account = local_codebuild::Account { id, region };
    let settings = local_codebuild::Settings {
        initiator: "pipewright".to_owned(),
        secrets_manager: Some(Arc::new(secrets)),
        parameter_store: Some(Arc::new(parameters)),
        sandbox: ground.sandbox.clone(),
        ..local_codebuild::Settings::for_host(account, readable_environment())
    };
    let directory = ground.directory.join("codebuild");
    LocalCodeBuild::open(&directory, objects, ground.events.clone(), ground.clock.clone(), settings)
        .map_err(part("CodeBuild"))
}

pub(super) fn open_codedeploy(
    ground: &Ground<'_>,
    objects: Arc<dyn ObjectStore>,
) -> Result<LocalCodeDeploy, StartError> {
    let Account { id: account_id, region } = ground.template.account.clone();
    let settings = local_codedeploy::Settings {
        region,
        account_id,
        events: Some(ground.events.clone()),
        as_current_user: true,
        ..local_codedeploy::Settings::default()
    };
    let revisions = Arc::new(LatestRevisions(objects));
    let directory = ground.directory.join("codedeploy");
    LocalCodeDeploy::open(&directory, ground.clock.clone(), revisions, settings).map_err(part("CodeDeploy"))
}

/// Secrets of the user, in a file of the data directory unless another one is named, and those that the
/// template has generated: made here when they are not there yet.
pub(super) fn with_secrets(aws: LocalAws, ground: &Ground<'_>) -> Result<LocalAws, StartError> {
    let Ground { directory, template, secrets: file, .. } = ground;
    file.check().map_err(part("secrets"))?;
    let stack = StackSecrets::of(directory.path());
    for secret in &template.secrets {
        stack.ensure(&secret.name).map_err(part("secrets"))?;
    }
    let Account { id, region } = template.account.clone();
    let account = local_secrets::Account { id, region };
    let secrets = LocalSecrets::new(account.clone(), file.clone(), stack);
    Ok(aws
        .with_service("secretsmanager", Arc::new(secrets))
        .with_service("AmazonSSM", Arc::new(LocalParameterStore::new(account, file.clone())))
        .with_caller(OWNER, owner_policies(template)))
}

/// The functions, each with its own policies.
pub(super) fn with_callers(aws: LocalAws, template: &Stack) -> LocalAws {
    let functions = template.functions.iter();
    functions.fold(aws, |aws, function| aws.with_caller(&function.logical_id, function.policies.clone()))
}

/// Everything, but for the secrets that prove who somebody is: who has them can be anybody.
fn owner_policies(template: &Stack) -> Vec<Statement> {
    let generated = template.secrets.iter().map(|secret| format!("*:{}*", secret.name));
    let denied = Statement {
        sid: Some("KeepGeneratedSecrets".to_owned()),
        effect: Effect::Deny,
        actions: vec!["secretsmanager:*".to_owned()],
        resources: generated.collect(),
    };
    vec![Statement::allow_everything(), denied]
}

/// The logs of builds and deployments.
pub(super) fn open_logs(
    directory: &DataDirectory,
    account: &Account,
    codebuild: &LocalCodeBuild,
    codedeploy: &LocalCodeDeploy,
    events: EventLog,
) -> LocalLogs {
    let Account { id, region } = account.clone();
    let files = LogFiles::new(codebuild.clone(), codedeploy.clone(), &directory.join("codebuild"), events);
    LocalLogs::new(local_logs::Account { id, region }, Arc::new(files))
}

/// The projects of the template; one that is there already is brought up to date.
pub(super) async fn create_projects(codebuild: &LocalCodeBuild, template: &Stack) -> Result<(), StartError> {
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

pub(super) async fn create_state_machines(
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

/// DynamoDB deletes expired items within days; nothing here depends on when.
const EXPIRY_PERIOD_MS: i64 = 3600 * 1000;

/// Takes out of the tables what has expired, until this future is dropped.
pub(super) async fn expire_items(database: dynoxide::Database, aws: Arc<LocalAws>, clock: Arc<dyn Clock>) {
    loop {
        clock.sleep_until(clock.now() + EXPIRY_PERIOD_MS).await;
        let _under_way = aws.under_way().await;
        let database = database.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            tracing::error!(%error, "expired items could not be deleted");
        }
    }
}
