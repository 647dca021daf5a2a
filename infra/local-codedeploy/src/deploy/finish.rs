//! The end of a deployment: written down, told, and rolled back where that is wanted.

use std::sync::Arc;

use local_process::{Stop, StopReason};

use super::left_behind::end_scripts;
use crate::lifecycle::TargetStatus;
use crate::record::{Deployment, DeploymentStatus, ErrorInformation, LastDeployment};
use crate::rollback::{Rollback, RollbackInfo, decide};
use crate::service::{Inner, State, roll_back};

/// What a target says that this service lost.
const LOST: &str = "The local CodeDeploy failed while it deployed to this target.";

pub(super) fn finish(
    inner: &Arc<Inner>,
    deployment_id: &str,
    outcome: Result<(), ErrorInformation>,
    stop: &Stop,
) {
    let now = inner.now();
    let reason = stop.reason();
    let end = |deployment: &mut Deployment| {
        for target in &mut deployment.targets {
            target.events.interrupt(LOST, now);
        }
        deployment.completed = Some(now);
        deployment.ended_with_service = reason == Some(StopReason::ServiceEnded);
        (deployment.status, deployment.error) = status(deployment, outcome, reason);
    };
    conclude(inner, deployment_id, end);
}

fn status(
    deployment: &Deployment,
    outcome: Result<(), ErrorInformation>,
    reason: Option<StopReason>,
) -> (DeploymentStatus, Option<ErrorInformation>) {
    let (count, succeeded) = (deployment.targets.len(), deployment.targets_that(TargetStatus::Succeeded));
    let error =
        |code: &str, message: &str| Some(ErrorInformation { code: code.into(), message: message.into() });
    match (outcome, reason) {
        (Err(error), _) => (DeploymentStatus::Failed, Some(error)),
        (Ok(()), _) if succeeded == count => (DeploymentStatus::Succeeded, None),
        (Ok(()), Some(StopReason::Cancelled)) => {
            let error = error("MANUAL_STOP", "The deployment was stopped on request.");
            (DeploymentStatus::Stopped, error)
        }
        (Ok(()), Some(StopReason::ServiceEnded)) => {
            (DeploymentStatus::Failed, error("AGENT_ISSUE", INTERRUPTED))
        }
        (Ok(()), Some(StopReason::TimedOut)) => {
            let error = error("TIMEOUT", "The deployment took longer than a deployment may take.");
            (DeploymentStatus::Failed, error)
        }
        (Ok(()), None) if deployment.minimum_healthy_hosts.is_satisfied(count, succeeded) => {
            (DeploymentStatus::Succeeded, None)
        }
        (Ok(()), None) => (DeploymentStatus::Failed, deployment.error_of_targets()),
    }
}

const INTERRUPTED: &str = "The deployment was interrupted: the local CodeDeploy ended while it was in progress. \
                           What was installed so far is still there; deploy again.";

/// Nobody knows how far the scripts of a dead process came: a deployment that was in progress has failed.
pub(crate) fn end_interrupted(inner: &Arc<Inner>) {
    let now = inner.now();
    let interrupted: Vec<String> = {
        let state = inner.state();
        let open = state.deployments.values().filter(|deployment| !deployment.status.is_final());
        end_scripts(open.clone());
        open.map(|deployment| deployment.id.clone()).collect()
    };
    for id in interrupted {
        conclude(inner, &id, |deployment| {
            for target in &mut deployment.targets {
                target.events.interrupt(INTERRUPTED, now);
            }
            deployment.status = DeploymentStatus::Failed;
            deployment.completed = Some(now);
            deployment.error =
                Some(ErrorInformation { code: "AGENT_ISSUE".into(), message: INTERRUPTED.into() });
        });
    }
    // Last, as it begins deployments, which are in progress for good reason.
    roll_back_what_ended_with_the_service(inner);
}

/// A service that ends begins no deployment any more: this makes up for it.
fn roll_back_what_ended_with_the_service(inner: &Arc<Inner>) {
    let mut state = inner.state();
    let due = state.deployments.values().filter(|deployment| deployment.ended_with_service);
    let due: Vec<Deployment> = due.cloned().collect();
    for mut ended in due {
        ended.ended_with_service = false;
        ended.rollback = rollback(inner, &mut state, &ended).or(ended.rollback);
        if let Err(error) = inner.write_deployment(&ended) {
            tracing::error!(deployment_id = ended.id, %error, "a rollback could not be written down");
        }
        state.deployments.insert(ended.id.clone(), ended);
    }
}

/// Under one lock, so that no other deployment of the group comes before its rollback.
fn conclude(inner: &Arc<Inner>, deployment_id: &str, end: impl FnOnce(&mut Deployment)) {
    let mut state = inner.state();
    let Some(deployment) = state.deployments.get_mut(deployment_id) else { return };
    end(deployment);
    let mut ended = deployment.clone();
    state.running.remove(deployment_id);
    state.logs.remove(deployment_id);
    if !ended.ended_with_service {
        ended.rollback = rollback(inner, &mut state, &ended).or(ended.rollback);
    }
    state.deployments.insert(ended.id.clone(), ended.clone());
    if let Err(error) = inner.write_deployment(&ended) {
        tracing::error!(deployment_id, %error, "the end of a deployment could not be written down");
    }
    remember_in_group(inner, &mut state, &ended);
    drop(state);
    inner.announce(&ended);
}

fn rollback(inner: &Arc<Inner>, state: &mut State, ended: &Deployment) -> Option<RollbackInfo> {
    let application = state.applications.get(&ended.application);
    let group = application.and_then(|application| application.groups.get(&ended.group));
    let last_successful = group.and_then(|group| group.last_successful.clone());
    match decide(ended, last_successful.as_ref()) {
        Rollback::No => None,
        Rollback::Impossible(message) => {
            Some(RollbackInfo { rollback_message: Some(message), ..RollbackInfo::default() })
        }
        Rollback::To(last) => Some(match roll_back(inner, state, ended, &last) {
            Ok(id) => RollbackInfo {
                rollback_message: Some(format!(
                    "The deployment {} is rolled back to the revision of {} by the deployment {id}.",
                    ended.id, last.deployment_id
                )),
                rollback_deployment_id: Some(id),
                ..RollbackInfo::default()
            },
            Err(error) => {
                let message = format!("The deployment {} cannot be rolled back: {error}", ended.id);
                RollbackInfo { rollback_message: Some(message), ..RollbackInfo::default() }
            }
        }),
    }
}

fn remember_in_group(inner: &Inner, state: &mut State, deployment: &Deployment) {
    let found = state.applications.get_mut(&deployment.application);
    let Some(group) = found.and_then(|application| application.groups.get_mut(&deployment.group)) else {
        return;
    };
    let last = LastDeployment::of(deployment);
    if deployment.status == DeploymentStatus::Succeeded {
        group.last_successful = Some(last.clone());
    }
    group.last_attempted = Some(last);
    if let Err(error) = inner.write_last_deployments(state) {
        tracing::error!(%error, "the deployment groups could not be written down");
    }
}
