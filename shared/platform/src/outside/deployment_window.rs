//! The rule DeploymentWindow: waiting for a time at which deployments are allowed.

use engine::condition_rules::DeploymentWindow;
use engine::decide::{ActionOutcome, ActionOutput};

use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

impl Platform {
    /// The rule waits for its window; the sweep looks at it every minute.
    pub async fn wait_for_window(
        &self,
        job: &ActionJob,
        window: DeploymentWindow,
    ) -> Result<ActionResult, Fault> {
        let (work, _) = self.keep_outside_work_of(job, Provider::DeploymentWindow).await?;
        let id = work.action.action_execution_id.clone();
        let summary = Some(format!("Waits for the deployment window {}", window.cron));
        let work = OutsideWork { window: Some(window), external_execution_id: Some(id.clone()), ..work };
        Ok(ActionResult::InProgress {
            external_execution_id: id,
            external_execution_url: None,
            summary,
            work: Some(Box::new(work)),
        })
    }
}

/// `None` while it is shut. Its configuration was read once already.
pub(super) fn outcome(platform: &Platform, work: &OutsideWork) -> Option<ActionOutcome> {
    let window = work.window.as_ref()?;
    let is_open = window.is_open(platform.clock.now()).unwrap_or(false);
    is_open.then(|| ActionOutcome::Succeeded(ActionOutput::default()))
}
