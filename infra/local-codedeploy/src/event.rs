//! "CodeDeploy Deployment State-change Notification", as CodeDeploy sends it to EventBridge.
//!
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html>

use jiff::Timestamp as Instant;
use local_service::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Settings;
use crate::record::{Deployment, DeploymentStatus};

/// `None` for a status that has no event of its own.
pub(crate) fn state_change(settings: &Settings, deployment: &Deployment, now: Timestamp) -> Option<Value> {
    let state = match deployment.status {
        DeploymentStatus::Created => return None,
        DeploymentStatus::InProgress => "START",
        DeploymentStatus::Succeeded => "SUCCESS",
        DeploymentStatus::Failed => "FAILURE",
        DeploymentStatus::Stopped => "STOP",
    };
    let Settings { region, account_id, .. } = settings;
    let (application, group) = (&deployment.application, &deployment.group);
    let arn = format!("arn:aws:codedeploy:{region}:{account_id}");
    Some(json!({
        "version": "0",
        "id": Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {state}", deployment.id).as_bytes()),
        "detail-type": "CodeDeploy Deployment State-change Notification",
        "source": "aws.codedeploy",
        "account": account_id,
        "time": time_text(now),
        "region": region,
        "resources": [
            format!("{arn}:application:{application}"),
            format!("{arn}:deploymentgroup:{application}/{group}"),
        ],
        "detail": {
            "region": region,
            "deploymentId": deployment.id,
            "instanceGroupId": deployment.group_id,
            "deploymentGroup": group,
            "state": state,
            "application": application,
        },
    }))
}

/// In whole seconds: `2026-11-22T01:40:27Z`.
fn time_text(milliseconds: Timestamp) -> String {
    Instant::from_second(milliseconds.div_euclid(1000)).unwrap_or_default().to_string()
}
