//! What is to be run, as data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The time between SIGTERM and SIGKILL unless a command says otherwise: long enough for a test
/// runner to remove its containers, short enough for someone who waits for Ctrl-C to take effect.
const DEFAULT_GRACE: Duration = Duration::from_secs(5);

/// A program with its arguments, directory and environment. The environment starts **empty**: the
/// process sees what is given here and nothing of ours, not even `PATH`. Its input is `/dev/null`.
#[derive(Debug, Clone)]
pub struct Command {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub directory: PathBuf,
    pub environment: BTreeMap<OsString, OsString>,
    pub output: Output,
    /// Ends the command with [`StopReason::TimedOut`](crate::StopReason); none: as long as it takes.
    pub timeout: Option<Duration>,
    /// The time between SIGTERM and SIGKILL when the command is stopped.
    pub grace: Duration,
}

/// How the two output streams reach the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Both are one pipe, so lines keep the order in which they were written.
    Merged,
    /// Two pipes; each line starts with its stream's label. Between the streams the order is lost.
    Labelled { stdout: String, stderr: String },
}

impl Command {
    pub fn new(program: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            directory: directory.into(),
            environment: BTreeMap::new(),
            output: Output::Merged,
            timeout: None,
            grace: DEFAULT_GRACE,
        }
    }

    /// `text` is a program of `/bin/sh`. Values that come from elsewhere belong into the arguments
    /// (`$1`, …; the first further argument is `$0`) or the environment, never into the text.
    pub fn shell_script(text: impl Into<OsString>, directory: impl Into<PathBuf>) -> Self {
        Self::new("/bin/sh", directory).argument("-c").argument(text)
    }

    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}
