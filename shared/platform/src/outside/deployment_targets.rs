//! The targets of a deployment, and what happened on each of them: CodeDeploy is asked.

use aws_sdk_codedeploy::types::{DeploymentTarget, LifecycleEvent};
use engine::execution::Timestamp;

use crate::{Fault, Platform};

/// CodeDeploy tells of so many at once (API reference, BatchGetDeploymentTargets).
const BATCH: usize = 25;

/// A machine that is deployed to, in the words of CodeDeploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: String,
    pub target_type: String,
    pub status: String,
    pub events: Vec<TargetEvent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEvent {
    pub name: String,
    pub status: String,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub message: Option<String>,
}

impl Platform {
    /// All targets of a deployment, by id; `None` if CodeDeploy does not know the deployment any more.
    ///
    /// # Errors
    /// CodeDeploy's trouble.
    pub async fn deployment_targets(&self, deployment_id: &str) -> Result<Option<Vec<Target>>, Fault> {
        let Some(mut ids) = self.deployment_target_ids(deployment_id).await? else { return Ok(None) };
        ids.sort();
        let mut targets = Vec::new();
        for batch in ids.chunks(BATCH) {
            let request = self.codedeploy.batch_get_deployment_targets().deployment_id(deployment_id);
            let output = request.set_target_ids(Some(batch.to_vec())).send().await;
            let output = output.map_err(|error| Fault::of_call("asking for deployment targets", error))?;
            targets.extend(output.deployment_targets.unwrap_or_default().iter().filter_map(told));
        }
        Ok(Some(targets))
    }

    async fn deployment_target_ids(&self, deployment_id: &str) -> Result<Option<Vec<String>>, Fault> {
        let (mut ids, mut next_token) = (Vec::new(), None);
        loop {
            let request = self.codedeploy.list_deployment_targets().deployment_id(deployment_id);
            match request.set_next_token(next_token).send().await {
                Ok(page) => {
                    ids.extend(page.target_ids.unwrap_or_default());
                    next_token = page.next_token;
                    if next_token.is_none() {
                        return Ok(Some(ids));
                    }
                }
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|error| error.is_deployment_does_not_exist_exception()) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(Fault::of_call("listing deployment targets", error)),
            }
        }
    }
}

/// `None` for what has no id, which would be no target.
fn told(target: &DeploymentTarget) -> Option<Target> {
    let target_type = target.deployment_target_type.as_ref().map(|kind| kind.as_str().to_owned());
    let (id, status, events) = if let Some(one) = &target.instance_target {
        (&one.target_id, &one.status, one.lifecycle_events())
    } else if let Some(one) = &target.ecs_target {
        (&one.target_id, &one.status, one.lifecycle_events())
    } else if let Some(one) = &target.lambda_target {
        (&one.target_id, &one.status, one.lifecycle_events())
    } else {
        let one = target.cloud_formation_target.as_ref()?;
        (&one.target_id, &one.status, one.lifecycle_events())
    };
    Some(Target {
        id: id.clone()?,
        target_type: target_type.unwrap_or_default(),
        status: status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        events: events.iter().map(event).collect(),
    })
}

fn event(event: &LifecycleEvent) -> TargetEvent {
    let at = |time: &aws_sdk_codedeploy::primitives::DateTime| time.to_millis().ok().map(Timestamp);
    TargetEvent {
        name: event.lifecycle_event_name.clone().unwrap_or_default(),
        status: event.status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        started_at: event.start_time.as_ref().and_then(at),
        ended_at: event.end_time.as_ref().and_then(at),
        message: event.diagnostics.as_ref().and_then(|diagnostics| diagnostics.message.clone()),
    }
}
