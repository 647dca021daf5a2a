//! How a command ended, as scripts see it.

/// The exit statuses of every command; their meaning is a promise to scripts (`docs/cli.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Succeeded = 0,
    /// The execution failed, or the service refused what was asked as things stand.
    Failed = 1,
    /// The command was called wrongly, or a declaration has errors.
    Usage = 2,
    /// There is no such pipeline, stage, action, version or execution.
    NotFound = 3,
    /// The credentials are missing or wrong, or do not allow it.
    NotAllowed = 4,
    /// The execution was stopped or superseded, or somebody else was faster.
    Stopped = 5,
    /// It did not end within `--timeout`.
    TimedOut = 6,
    /// No service answers.
    Unreachable = 7,
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What the end of a pipeline execution means; none while it has not ended.
    pub(crate) fn of_status(status: &str) -> Option<Self> {
        match status {
            "Succeeded" => Some(Self::Succeeded),
            "Stopped" | "Superseded" | "Cancelled" => Some(Self::Stopped),
            "InProgress" | "Stopping" | "" => None,
            _ => Some(Self::Failed),
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
