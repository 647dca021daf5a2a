//! One deployment, from its start to its end: as many targets at a time as its configuration allows.

mod finish;
mod hooks;
mod left_behind;
mod prepare;
mod target;
mod target_log;

use std::sync::Arc;

use local_process::{DEFAULT_LIMIT_BYTES, Log, Stop, StopReason};
use tokio::task::JoinSet;

use crate::lifecycle::TargetStatus;
use crate::record::{Deployment, DeploymentStatus, ErrorInformation};
use crate::service::Inner;
use target::TargetRun;
use target_log::TargetLog;

pub(crate) use finish::end_interrupted;

/// The longest that a deployment may run on AWS ("CodeDeploy limits").
const DEPLOYMENT_HOURS_MAX: i64 = 48;

/// Runs in the background until the deployment has ended, whatever happens.
pub(crate) async fn deploy(inner: Arc<Inner>, deployment_id: String, stop: Stop) {
    let now = inner.now();
    let started = inner.update(&deployment_id, |deployment| {
        deployment.status = DeploymentStatus::InProgress;
        deployment.started = Some(now);
    });
    let Some(deployment) = started.map(Arc::new) else { return };
    inner.announce(&deployment);
    let outcome = match Log::open(inner.log_path(&deployment_id), DEFAULT_LIMIT_BYTES) {
        Ok(log) => {
            inner.state().logs.insert(deployment_id.clone(), log.clone());
            let outcome = run_in_time(&inner, &deployment, &log, &stop).await;
            if let Err(failure) = log.close() {
                tracing::error!(%deployment_id, %failure, "the log of a deployment is not complete");
            }
            outcome
        }
        Err(error) => Err(ErrorInformation { code: "INTERNAL_ERROR".into(), message: error.to_string() }),
    };
    finish::finish(&inner, &deployment_id, outcome, &stop);
}

async fn run_in_time(
    inner: &Arc<Inner>,
    deployment: &Arc<Deployment>,
    log: &Log,
    stop: &Stop,
) -> Result<(), ErrorInformation> {
    let deadline = inner.now() + DEPLOYMENT_HOURS_MAX * 3_600_000;
    let running = run(inner, deployment, log, stop);
    tokio::pin!(running);
    tokio::select! {
        biased;
        outcome = &mut running => outcome,
        () = inner.clock().sleep_until(deadline) => {
            stop.request(StopReason::TimedOut);
            running.await
        }
    }
}

async fn run(
    inner: &Arc<Inner>,
    deployment: &Arc<Deployment>,
    log: &Log,
    stop: &Stop,
) -> Result<(), ErrorInformation> {
    let may_be_down = check_health(deployment)?;
    let count = deployment.targets.len();
    let mut waiting = 0..count;
    let mut failed = 0;
    let mut running = JoinSet::new();
    loop {
        while stop.reason().is_none() && running.len() + failed < may_be_down {
            let Some(index) = waiting.next() else { break };
            let log = TargetLog::new(log.clone(), &deployment.targets[index].target.name, count);
            let (inner, deployment, stop) = (inner.clone(), deployment.clone(), stop.clone());
            running.spawn(TargetRun { inner, deployment, index, log, stop }.finished());
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(TargetStatus::Succeeded)) => {}
            // A panic is noticed when the deployment ends: its target is still in progress.
            Some(Ok(_) | Err(_)) => failed += 1,
        }
    }
}

/// How many targets may be down at a time, or why there is nothing to deploy to.
fn check_health(deployment: &Deployment) -> Result<usize, ErrorInformation> {
    let count = deployment.targets.len();
    if count == 0 {
        let message = format!(
            "The deployment failed because no instances were found for your deployment group. The group {} has \
             no target directories on this host; define them where the local CodeDeploy is set up.",
            deployment.group
        );
        return Err(ErrorInformation { code: "NO_INSTANCES".into(), message });
    }
    match deployment.minimum_healthy_hosts.may_be_down(count) {
        0 => {
            let message = format!(
                "The deployment failed because too few healthy instances are available for deployment: {} lets \
                 none of the group's {count} be deployed to. Give the group more directories, or use \
                 CodeDeployDefault.OneAtATime or CodeDeployDefault.AllAtOnce.",
                deployment.config
            );
            Err(ErrorInformation { code: "HEALTH_CONSTRAINTS".into(), message })
        }
        may_be_down => Ok(may_be_down),
    }
}
