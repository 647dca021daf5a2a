//! The scripts of one lifecycle event, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use local_process::{Command, Outcome, Stop, run};
use local_service::{Clock, Timestamp};

use super::target_log::TargetLog;
use crate::appspec::{EVENT_SECONDS_MAX, Script};
use crate::lifecycle::{Diagnostics, ErrorCode};

/// What all scripts of an event share.
pub(super) struct Hooks<'h> {
    pub(super) archive: &'h Path,
    pub(super) environment: Vec<(String, String)>,
    pub(super) log: &'h TargetLog,
    pub(super) stop: &'h Stop,
    pub(super) clock: &'h dyn Clock,
}

impl Hooks<'_> {
    /// Ends with the first script that fails.
    pub(super) async fn run(&self, scripts: &[Script]) -> Diagnostics {
        let begin = self.log.position();
        let started = self.clock.now();
        for script in scripts {
            self.log.note(&format!("Script - {}", script.location));
            if let Err((error_code, message)) = self.run_script(script, self.time_left(script, started)).await
            {
                self.log.note(&message);
                return Diagnostics {
                    error_code,
                    script_name: script.location.clone(),
                    message,
                    log_tail: self.log.tail(begin),
                };
            }
        }
        Diagnostics::success(self.log.tail(begin))
    }

    /// The script's own timeout, or what the scripts before it left of the event's hour.
    fn time_left(&self, script: &Script, event_started: Timestamp) -> Duration {
        let spent = Duration::from_millis(u64::try_from(self.clock.now() - event_started).unwrap_or(0));
        let of_event = Duration::from_secs(EVENT_SECONDS_MAX).saturating_sub(spent);
        Duration::from_secs(script.timeout_seconds).min(of_event)
    }

    async fn run_script(&self, script: &Script, timeout: Duration) -> Result<(), (ErrorCode, String)> {
        let place = format!("Script at specified location: {}", script.location);
        let path = self.archive.join(&script.location);
        if !path.is_file() {
            let message = format!("Script does not exist at specified location: {}", script.location);
            return Err((ErrorCode::ScriptMissing, message));
        }
        make_executable(&path).map_err(|error| {
            let message = format!(
                "Unable to set script at specified location: {} as executable: {error}",
                script.location
            );
            (ErrorCode::ScriptNotExecutable, message)
        })?;
        let mut command = Command::new(&path, self.archive).output(self.log.output()).timeout(timeout);
        for (name, value) in &self.environment {
            command = command.variable(name, value);
        }
        let outcome = run(&command, self.log.log(), self.stop).await.map_err(|error| {
            (ErrorCode::ScriptNotExecutable, format!("{place} could not be started: {error}"))
        })?;
        match outcome {
            Outcome::Exited(0) => Ok(()),
            Outcome::Exited(code) => {
                Err((ErrorCode::ScriptFailed, format!("{place} failed with exit code {code}")))
            }
            Outcome::Signaled(signal) => {
                Err((ErrorCode::ScriptFailed, format!("{place} was ended by signal {signal}")))
            }
            Outcome::TimedOut => Err((
                ErrorCode::ScriptTimedOut,
                format!("{place} failed to complete in {} seconds", timeout.as_secs()),
            )),
            Outcome::Cancelled => {
                Err((ErrorCode::UnknownError, format!("{place} was ended: the deployment was stopped")))
            }
        }
    }
}

/// The agent does so too: zips that were made on Windows have no executable bits.
fn make_executable(path: &Path) -> std::io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o111 == 0 {
        permissions.set_mode(permissions.mode() | 0o111);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}
