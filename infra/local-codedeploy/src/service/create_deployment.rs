//! Deployments begin: because somebody asked, or because one has to be rolled back.

use std::sync::Arc;

use local_process::Stop;
use local_service::ApiError;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::input::{application_name, fields, group_name, refuse_unknown, text};
use super::state::{Inner, State};
use super::{configurations, groups};
use crate::appspec::{FileExistsBehavior, parse_behavior};
use crate::configuration::{DEFAULT_CONFIG, MinimumHealthyHosts};
use crate::deploy::deploy;
use crate::lifecycle::Progress;
use crate::record::{Creator, Deployment, DeploymentStatus, Group, LastDeployment, TargetRecord};
use crate::revision::S3Location;
use crate::rollback::RollbackInfo;

pub(super) fn create_deployment(inner: &Arc<Inner>, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "applicationName",
        "deploymentGroupName",
        "revision",
        "deploymentConfigName",
        "description",
        "ignoreApplicationStopFailures",
        "fileExistsBehavior",
        "autoRollbackConfiguration",
    ];
    refuse_unknown("CreateDeployment", &fields(input), &known)?;
    let application = application_name(input)?;
    let group_name = group_name(input, "deploymentGroupName")?;
    let revision = revision(input)?;
    let mut state = inner.state();
    let group = groups::find(&state, application, group_name)?;
    if let Some(active) = active(&state, &group.id) {
        // AWS's words.
        let message =
            format!("The Deployment Group '{group_name}' already has an active Deployment '{active}'");
        return Err(ApiError::client("DeploymentLimitExceededException", message));
    }
    let config = text(input, "deploymentConfigName").unwrap_or(groups::config(group)).to_owned();
    let deployment = Deployment {
        application: application.into(),
        config: config.clone(),
        minimum_healthy_hosts: configurations::find(&state, &config)?,
        auto_rollback: match groups::auto_rollback(input)? {
            Some(of_deployment) => of_deployment,
            None => groups::auto_rollback_of(group),
        },
        description: text(input, "description").map(Into::into),
        file_exists_behavior: file_exists_behavior(input)?,
        ignore_application_stop_failures: input["ignoreApplicationStopFailures"] == json!(true),
        ..new_deployment(inner, &state, group, revision)
    };
    let id = start(inner, &mut state, deployment)?;
    Ok(json!({ "deploymentId": id }))
}

/// Deploys the revision of `last` to the group of `ended` again.
pub(crate) fn roll_back(
    inner: &Arc<Inner>,
    state: &mut State,
    ended: &Deployment,
    last: &LastDeployment,
) -> Result<String, ApiError> {
    let group = groups::find(state, &ended.application, &ended.group)?;
    let deployment = Deployment {
        application: ended.application.clone(),
        config: ended.config.clone(),
        minimum_healthy_hosts: ended.minimum_healthy_hosts,
        creator: Creator::CodeDeployRollback,
        file_exists_behavior: ended.file_exists_behavior,
        ignore_application_stop_failures: ended.ignore_application_stop_failures,
        rollback: Some(RollbackInfo {
            rollback_triggering_deployment_id: Some(ended.id.clone()),
            rollback_message: Some(format!("Rolls back the deployment {}.", ended.id)),
            ..RollbackInfo::default()
        }),
        ..new_deployment(inner, state, group, last.revision.clone())
    };
    start(inner, state, deployment)
}

fn new_deployment(inner: &Inner, state: &State, group: &Group, revision: S3Location) -> Deployment {
    let now = inner.now();
    let targets = group.targets.iter().map(|target| TargetRecord {
        target: target.clone(),
        updated: now,
        events: Progress::new(),
    });
    Deployment {
        id: new_deployment_id(inner, state, &group.id),
        application: String::new(),
        group: group.name.clone(),
        group_id: group.id.clone(),
        config: DEFAULT_CONFIG.into(),
        minimum_healthy_hosts: MinimumHealthyHosts::default(),
        creator: Creator::User,
        auto_rollback: groups::auto_rollback_of(group),
        rollback_on_stop: None,
        rollback: None,
        ended_with_service: false,
        revision,
        previous_revision: group.last_successful.as_ref().map(|last| last.revision.clone()),
        description: None,
        file_exists_behavior: FileExistsBehavior::Disallow,
        ignore_application_stop_failures: false,
        status: DeploymentStatus::Created,
        error: None,
        created: now,
        started: None,
        completed: None,
        targets: targets.collect(),
    }
}

fn start(inner: &Arc<Inner>, state: &mut State, deployment: Deployment) -> Result<String, ApiError> {
    let runtime = Handle::try_current().map_err(|error| ApiError::internal(error.to_string()))?;
    inner.write_deployment(&deployment)?;
    let (id, stop) = (deployment.id.clone(), Stop::new());
    state.running.insert(id.clone(), stop.clone());
    state.deployments.insert(id.clone(), deployment);
    runtime.spawn(deploy(inner.clone(), id.clone(), stop));
    Ok(id)
}

fn active<'s>(state: &'s State, group_id: &str) -> Option<&'s str> {
    let mut running = state.running.keys().filter_map(|id| state.deployments.get(id));
    running.find(|deployment| deployment.group_id == group_id).map(|deployment| deployment.id.as_str())
}

/// `d-` and nine capitals and digits.
fn new_deployment_id(inner: &Inner, state: &State, group_id: &str) -> String {
    const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut attempt = state.deployments.len();
    loop {
        let uuid = inner.new_id(&["deployment", group_id, &attempt.to_string()]);
        let letters = uuid.as_bytes()[..9].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
        let id = format!("d-{}", letters.collect::<String>());
        if !state.deployments.contains_key(&id) {
            return id;
        }
        attempt += 1;
    }
}

fn revision(input: &Value) -> Result<S3Location, ApiError> {
    let invalid = |message: String| ApiError::client("InvalidRevisionException", message);
    let revision = input
        .get("revision")
        .filter(|revision| !revision.is_null())
        .ok_or_else(|| ApiError::client("RevisionRequiredException", "The revision is required"))?;
    match text(revision, "revisionType") {
        Some("S3") => {}
        other => {
            let other = other.unwrap_or("no revisionType");
            return Err(invalid(format!("the local CodeDeploy deploys revisions of type S3, not {other}")));
        }
    }
    let location: S3Location = serde_json::from_value(revision["s3Location"].clone())
        .map_err(|error| invalid(format!("s3Location: {error}")))?;
    match location.bundle_type.as_deref() {
        Some("zip") => Ok(location),
        other => {
            let other = other.unwrap_or("nothing");
            Err(invalid(format!("the local CodeDeploy deploys bundles of type zip, not {other}")))
        }
    }
}

fn file_exists_behavior(input: &Value) -> Result<FileExistsBehavior, ApiError> {
    let Some(given) = text(input, "fileExistsBehavior") else { return Ok(FileExistsBehavior::Disallow) };
    parse_behavior(given).map_err(|problem| {
        ApiError::client("InvalidFileExistsBehaviorException", format!("fileExistsBehavior: {problem}"))
    })
}
