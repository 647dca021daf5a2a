//! One deployment, from its start to its end.

mod hooks;
mod prepare;
mod target;

use std::sync::Arc;

use local_process::{DEFAULT_LIMIT_BYTES, Log, Stop, StopReason};

use crate::lifecycle::TargetStatus;
use crate::record::{Deployment, DeploymentStatus, ErrorInformation, LastDeployment};
use crate::service::Inner;
use target::TargetRun;

/// Runs in the background until the deployment has ended, whatever happens.
pub(crate) async fn deploy(inner: Arc<Inner>, deployment_id: String, stop: Stop) {
    let now = inner.now();
    let started = inner.update(&deployment_id, |deployment| {
        deployment.status = DeploymentStatus::InProgress;
        deployment.started = Some(now);
    });
    let Some(deployment) = started else { return };
    inner.announce(&deployment);
    let error = match Log::open(inner.log_path(&deployment_id), DEFAULT_LIMIT_BYTES) {
        Ok(log) => {
            inner.state().logs.insert(deployment_id.clone(), log.clone());
            let error = run(&inner, &deployment, &log, &stop).await;
            if let Err(failure) = log.close() {
                tracing::error!(%deployment_id, %failure, "the log of a deployment is not complete");
            }
            error
        }
        Err(error) => Err(ErrorInformation { code: "INTERNAL_ERROR".into(), message: error.to_string() }),
    };
    finish(&inner, &deployment_id, error, &stop);
}

async fn run(
    inner: &Arc<Inner>,
    deployment: &Deployment,
    log: &Log,
    stop: &Stop,
) -> Result<(), ErrorInformation> {
    if deployment.targets.is_empty() {
        let message = format!(
            "The deployment failed because no instances were found for your deployment group. The group {} has \
             no target directories on this host; define them where the local CodeDeploy is set up.",
            deployment.group
        );
        return Err(ErrorInformation { code: "NO_INSTANCES".into(), message });
    }
    for index in 0..deployment.targets.len() {
        let run = TargetRun { inner, deployment, index, log, stop };
        if run.to_end().await != TargetStatus::Succeeded {
            break;
        }
    }
    Ok(())
}

/// Writes the end down, tells it, and lets the group's next deployment in.
fn finish(inner: &Arc<Inner>, deployment_id: &str, outcome: Result<(), ErrorInformation>, stop: &Stop) {
    let now = inner.now();
    let stopped = stop.reason() == Some(StopReason::Cancelled);
    let ended = inner.update(deployment_id, |deployment| {
        for target in &mut deployment.targets {
            target.events.skip_rest();
        }
        let succeeded =
            deployment.targets.iter().all(|target| target.events.status() == TargetStatus::Succeeded);
        deployment.completed = Some(now);
        (deployment.status, deployment.error) = match outcome {
            Err(error) => (DeploymentStatus::Failed, Some(error)),
            Ok(()) if succeeded => (DeploymentStatus::Succeeded, None),
            Ok(()) if stopped => (DeploymentStatus::Stopped, Some(manual_stop())),
            Ok(()) => (DeploymentStatus::Failed, deployment.error_of_targets()),
        };
    });
    inner.forget_running(deployment_id);
    if let Some(deployment) = ended {
        remember_in_group(inner, &deployment);
        inner.announce(&deployment);
    }
}

fn manual_stop() -> ErrorInformation {
    ErrorInformation { code: "MANUAL_STOP".into(), message: "The deployment was stopped on request.".into() }
}

pub(crate) fn remember_in_group(inner: &Inner, deployment: &Deployment) {
    let last = LastDeployment {
        deployment_id: deployment.id.clone(),
        revision: deployment.revision.clone(),
        status: deployment.status,
        created: deployment.created,
        completed: deployment.completed.unwrap_or_default(),
    };
    inner.update_group(&deployment.application, &deployment.group, |group| {
        if deployment.status == DeploymentStatus::Succeeded {
            group.last_successful = Some(last.clone());
        }
        group.last_attempted = Some(last);
    });
}
