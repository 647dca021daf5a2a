//! The scripts of one lifecycle event, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use local_process::{Command, Log, Outcome, Output, Stop, run};

use crate::appspec::Script;
use crate::lifecycle::{Diagnostics, ErrorCode};

/// What all scripts of an event share.
pub(super) struct Hooks<'h> {
    pub(super) archive: &'h Path,
    pub(super) environment: Vec<(String, String)>,
    pub(super) log: &'h Log,
    pub(super) stop: &'h Stop,
}

/// The agent sends this much of the output along (`remaining_buffer`).
const LOG_TAIL_BYTES: usize = 2048;

impl Hooks<'_> {
    /// Ends with the first script that fails.
    pub(super) async fn run(&self, scripts: &[Script]) -> Diagnostics {
        let begin = self.log_bytes();
        for script in scripts {
            self.log.note(&format!("Script - {}", script.location));
            if let Err((error_code, message)) = self.run_script(script).await {
                self.log.note(&message);
                return Diagnostics {
                    error_code,
                    script_name: script.location.clone(),
                    message,
                    log_tail: self.tail(begin),
                };
            }
        }
        Diagnostics::success(self.tail(begin))
    }

    async fn run_script(&self, script: &Script) -> Result<(), (ErrorCode, String)> {
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
        let mut command = Command::new(&path, self.archive)
            .output(Output::Labelled { stdout: "[stdout]".into(), stderr: "[stderr]".into() })
            .timeout(Duration::from_secs(script.timeout_seconds));
        for (name, value) in &self.environment {
            command = command.variable(name, value);
        }
        let outcome = run(&command, self.log, self.stop).await.map_err(|error| {
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
                format!("{place} failed to complete in {} seconds", script.timeout_seconds),
            )),
            Outcome::Cancelled => {
                Err((ErrorCode::UnknownError, format!("{place} was ended: the deployment was stopped")))
            }
        }
    }

    fn log_bytes(&self) -> usize {
        let length = fs::metadata(self.log.path()).map_or(0, |metadata| metadata.len());
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    /// Whole lines from the end of what was logged since `begin`.
    fn tail(&self, begin: usize) -> String {
        let logged = fs::read(self.log.path()).unwrap_or_default();
        let logged = &logged[begin.min(logged.len())..];
        tail(&String::from_utf8_lossy(logged))
    }
}

fn tail(text: &str) -> String {
    if text.len() <= LOG_TAIL_BYTES {
        return text.into();
    }
    let from = text.len() - LOG_TAIL_BYTES;
    let after_line = text.bytes().enumerate().skip(from.saturating_sub(1)).find(|(_, byte)| *byte == b'\n');
    after_line.map(|(index, _)| text[index + 1..].into()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_whole_lines_that_fit() {
        assert_eq!(tail("short\n"), "short\n");
        let long: String = (0..1000).map(|line| format!("line {line}\n")).collect();
        let cut = tail(&long);
        assert!(cut.len() <= LOG_TAIL_BYTES && cut.len() > LOG_TAIL_BYTES - 20, "{}", cut.len());
        assert!(cut.starts_with("line ") && cut.ends_with("line 999\n"));
    }
}
