//! CodeDeploy has no idempotency token: whether a deployment was created although nobody heard of it, its
//! group is asked.

use aws_sdk_codedeploy::primitives::DateTime;
use aws_sdk_codedeploy::types::TimeRange;
use platform::store::OutsideWork;
use platform::{Fault, Platform};

/// Clocks of ours and of CodeDeploy's may differ by so much.
const CLOCK_SKEW_SECONDS: i64 = 300;
/// The most that CodeDeploy describes at once (API reference, BatchGetDeployments).
const BATCH: usize = 25;

/// The deployment that carries the action execution's id.
pub(super) async fn find(
    platform: &Platform,
    work: &OutsideWork,
    application: &str,
    group: &str,
) -> Result<Option<String>, Fault> {
    let since = DateTime::from_secs(work.started_at.0 / 1000 - CLOCK_SKEW_SECONDS);
    let request = platform
        .codedeploy
        .list_deployments()
        .application_name(application)
        .deployment_group_name(group)
        .create_time_range(TimeRange::builder().start(since).build());
    let listed = request.send().await.map_err(|error| Fault::of_call("looking for a deployment", error))?;
    // The newest come first, and a page is more than a group can have deployed since.
    for ids in listed.deployments.unwrap_or_default().chunks(BATCH) {
        let request = platform.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
        let described =
            request.send().await.map_err(|error| Fault::of_call("looking for a deployment", error))?;
        let mut described = described.deployments_info.unwrap_or_default().into_iter();
        let ours = |description: Option<&str>| description == Some(work.action.action_execution_id.as_str());
        if let Some(found) = described.find(|deployment| ours(deployment.description.as_deref())) {
            return Ok(found.deployment_id);
        }
    }
    Ok(None)
}
