//! Rule/AWS/DeploymentWindow/1: waits until the time is one at which deployments are allowed.
//!
//! | configuration | |
//! | --- | --- |
//! | `Cron` | required; seconds (always `*`), minutes, hours, day of month, month, day of week, and the year if wanted |
//! | `TimeZone` | `Region/City`, `UTC+02:00` or an abbreviation; UTC if there is none |
//!
//! It succeeds at once inside the window. Outside it runs on until the window opens, which is noticed within two
//! minutes, until somebody overrides the condition, or until its `timeoutInMinutes` are over (a week if there are
//! none).
//!
//! Failures: ConfigurationError.

use engine::condition_rules::DeploymentWindow;
use engine::decide::{ActionOutput, FailureType};
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let cron = match job.required("Cron") {
        Ok(cron) => cron.to_owned(),
        Err(refusal) => return Ok(refusal),
    };
    let window = DeploymentWindow { cron, time_zone: job.optional("TimeZone").map(str::to_owned) };
    match window.is_open(platform.clock.now()) {
        Ok(true) => Ok(ActionResult::succeeded(ActionOutput::default())),
        Ok(false) => platform.wait_for_window(&job, window).await,
        Err(message) => Ok(ActionResult::failed(FailureType::ConfigurationError, message)),
    }
}
