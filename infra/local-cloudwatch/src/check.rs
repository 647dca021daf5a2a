//! An alarm whose state a command finds out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use local_process::{Command, DEFAULT_LIMIT_BYTES, Log, Outcome, Session, Stop};

use crate::State;

/// Whoever asks for an alarm waits for its command, and has other things to do.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Between SIGTERM and SIGKILL when that is over.
const GRACE: Duration = Duration::from_secs(1);

/// So many of the last lines tell why.
const LAST_LINES: usize = 10;
/// Of the service model, `StateReason`.
const REASON_MAX: usize = 1023;

pub(crate) struct Check<'c> {
    pub(crate) command: &'c [String],
    pub(crate) directory: &'c Path,
    /// All that the command sees of ours.
    pub(crate) environment: &'c BTreeMap<String, String>,
    pub(crate) log_path: &'c Path,
    pub(crate) stop: &'c Stop,
}

impl Check<'_> {
    /// The state and its reason.
    pub(crate) async fn state(self) -> (State, String) {
        let found = self.run().await;
        let printed = fs::read_to_string(self.log_path).unwrap_or_default();
        // It is read; nobody else looks for it.
        let _ = fs::remove_file(self.log_path);
        let (state, what) = match found {
            Ok(Outcome::Exited(0)) => (State::Ok, "The command ended with exit status 0".to_owned()),
            Ok(Outcome::TimedOut) => {
                (State::Alarm, format!("The command took more than {} seconds", TIMEOUT.as_secs()))
            }
            Ok(other) => (State::Alarm, format!("The command ended with {other}")),
            Err(problem) => (State::Alarm, problem),
        };
        (state, with_last_lines(what, &printed))
    }

    async fn run(&self) -> Result<Outcome, String> {
        let log = Log::open(self.log_path, DEFAULT_LIMIT_BYTES).map_err(|error| error.to_string())?;
        let mut session = Session::new();
        let outcome = session.run(&self.command(), &log, self.stop).await;
        session.end().await;
        let closed = log.close();
        let outcome = outcome.map_err(|error| error.to_string())?;
        closed.map_err(|error| error.to_string())?;
        Ok(outcome)
    }

    /// The shell finds the program, in `PATH` or below the directory.
    fn command(&self) -> Command {
        let mut command = Command::shell_script("exec \"$@\"", self.directory).argument("check");
        for word in self.command {
            command = command.argument(word);
        }
        for (name, value) in self.environment {
            command = command.variable(name, value);
        }
        command.timeout(TIMEOUT).grace(GRACE)
    }
}

fn with_last_lines(what: String, printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    let reason = if last.is_empty() { what } else { format!("{what}:\n{}", last.join("\n")) };
    reason.chars().take(REASON_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_the_last_lines_and_is_no_longer_than_cloudwatch_takes() {
        assert_eq!(with_last_lines("It ended".into(), "\n"), "It ended");
        let many: String = (1..=12).map(|number| format!("line {number}\n")).collect();
        let reason = with_last_lines("It ended".into(), &many);
        assert!(reason.starts_with("It ended:\nline 3\n") && reason.ends_with("line 12"), "{reason}");
        assert_eq!(with_last_lines("It ended".into(), &"é".repeat(5000)).chars().count(), REASON_MAX);
    }
}
