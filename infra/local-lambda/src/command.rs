//! A function that is a command.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local_process::{Command, DEFAULT_LIMIT_BYTES, Log, Outcome, Output, Session, Stop};
use serde_json::Value;

use crate::FunctionError;

pub(crate) struct Run<'r> {
    pub(crate) command: &'r [String],
    pub(crate) directory: &'r Path,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) timeout: Duration,
    pub(crate) event: &'r Value,
    pub(crate) event_path: PathBuf,
    pub(crate) log_path: PathBuf,
    pub(crate) stop: &'r Stop,
}

/// Opens the event as standard input and becomes the command: `$0` is the event's file.
const WITH_EVENT: &str = "exec \"$@\" < \"$0\"";
/// Begins the lines of standard error in the log.
const ERROR_LABEL: &str = "[stderr] ";
/// So many of the last lines tell why a command failed.
const LAST_LINES: usize = 10;

impl Run<'_> {
    /// The command's answer: its last line on standard output when that is JSON, null otherwise.
    pub(crate) async fn answer(self) -> Result<Value, FunctionError> {
        let broken = |error: io::Error| FunctionError::new("Runtime.InvalidEntrypoint", error.to_string());
        let log = Log::open(&self.log_path, DEFAULT_LIMIT_BYTES)
            .map_err(|error| FunctionError::new("Runtime.Unknown", error.to_string()))?;
        write_private(&self.event_path, self.event.to_string().as_bytes()).map_err(broken)?;
        let mut session = Session::new();
        let outcome = session.run(&self.command(), &log, self.stop).await;
        session.end().await;
        let _ = fs::remove_file(&self.event_path);
        let outcome =
            outcome.map_err(|error| FunctionError::new("Runtime.InvalidEntrypoint", error.to_string()));
        let closed = log.close();
        let printed = fs::read_to_string(&self.log_path).unwrap_or_default();
        closed.map_err(|error| FunctionError::new("Runtime.Unknown", error.to_string()))?;
        answer_of(outcome?, &printed, self.timeout)
    }

    fn command(&self) -> Command {
        let output = Output::Labelled { stdout: String::new(), stderr: ERROR_LABEL.into() };
        let mut command = Command::shell_script(WITH_EVENT, self.directory)
            .argument(&self.event_path)
            .output(output)
            .timeout(self.timeout);
        for word in self.command {
            command = command.argument(word);
        }
        for (name, value) in &self.environment {
            command = command.variable(name, value);
        }
        command
    }
}

/// Credentials are in it.
fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(text)
}

fn answer_of(outcome: Outcome, printed: &str, timeout: Duration) -> Result<Value, FunctionError> {
    match outcome {
        Outcome::Exited(0) => {
            let mut lines = printed.lines().rev().filter(|line| !line.starts_with(ERROR_LABEL));
            let last = lines.find(|line| !line.trim().is_empty());
            Ok(last.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default())
        }
        Outcome::TimedOut => {
            let message = format!("Task timed out after {}.00 seconds", timeout.as_secs());
            Err(FunctionError::new("Sandbox.Timedout", with_last_lines(message, printed)))
        }
        Outcome::Cancelled => {
            Err(FunctionError::new("Runtime.Unknown", "The local Lambda ended while the function ran"))
        }
        failed @ (Outcome::Exited(_) | Outcome::Signaled(_)) => {
            let message = format!("The command ended with {failed}");
            Err(FunctionError::new("Runtime.ExitError", with_last_lines(message, printed)))
        }
    }
}

fn with_last_lines(message: String, printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    if last.is_empty() { message } else { format!("{message}:\n{}", last.join("\n")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_exit_status_and_the_last_line_are_the_answer() {
        let timeout = Duration::from_secs(3);
        let answer = |outcome, printed: &str| answer_of(outcome, printed, timeout);
        for (what, printed, expected) in [
            ("nothing printed", "", json!(null)),
            ("no JSON", "done\n", json!(null)),
            ("JSON in the last line", "working\n{\"a\": 1}\n", json!({ "a": 1 })),
            ("JSON before the last line", "{\"a\": 1}\ndone\n", json!(null)),
            ("what went to stderr", "{\"a\": 1}\n[stderr] {\"b\": 2}\n", json!({ "a": 1 })),
            ("an empty line at the end", "7\n\n", json!(7)),
        ] {
            assert_eq!(answer(Outcome::Exited(0), printed), Ok(expected), "{what}");
        }
        let failed = answer(Outcome::Exited(3), "one\n[stderr] two\n").expect_err("exit status 3");
        assert_eq!(
            failed.to_string(),
            "Runtime.ExitError: The command ended with exit status 3:\none\n[stderr] two"
        );
        let late = answer(Outcome::TimedOut, "").expect_err("too late");
        assert_eq!(late.to_string(), "Sandbox.Timedout: Task timed out after 3.00 seconds");
    }
}
