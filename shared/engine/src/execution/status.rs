//! Statuses as CodePipeline has them, and which may follow which.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Rejection;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ExecutionStatus {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Superseded,
    Failed,
    Cancelled,
}

impl ExecutionStatus {
    /// Nothing happens any more, but for a retry of a Failed or Stopped one.
    pub fn is_ended(self) -> bool {
        !matches!(self, Self::InProgress | Self::Stopping)
    }

    /// The one place that says which status may follow which.
    pub fn next(self, to: Self) -> Result<Self, IllegalTransition> {
        use ExecutionStatus::*;
        match (self, to) {
            (InProgress, Stopping | Stopped | Succeeded | Superseded | Failed | Cancelled)
            | (Stopping, Stopped | Succeeded | Failed | Cancelled)
            | (Failed | Stopped, InProgress) => Ok(to),
            (InProgress, InProgress)
            | (Stopping, InProgress | Stopping | Superseded)
            | (Stopped | Failed, Stopping | Stopped | Succeeded | Superseded | Failed | Cancelled)
            | (Succeeded | Superseded | Cancelled, _) => {
                Err(IllegalTransition { from: self.as_str(), to: to.as_str() })
            }
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
            Self::Superseded => "Superseded",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StageStatus {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Cancelled,
    /// Its entry condition was not met, and says to leave the stage out.
    Skipped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ActionStatus {
    InProgress,
    Abandoned,
    Succeeded,
    Failed,
}

impl ActionStatus {
    /// An action ends once, and stays as it ended.
    pub fn next(self, to: Self) -> Result<Self, IllegalTransition> {
        use ActionStatus::*;
        match (self, to) {
            (InProgress, Abandoned | Succeeded | Failed) => Ok(to),
            (InProgress, InProgress) | (Abandoned | Succeeded | Failed, _) => {
                Err(IllegalTransition { from: self.as_str(), to: to.as_str() })
            }
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Abandoned => "Abandoned",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// A status that may not follow the one that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IllegalTransition {
    pub from: &'static str,
    pub to: &'static str,
}

impl fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the status cannot change from {} to {}", self.from, self.to)
    }
}

impl std::error::Error for IllegalTransition {}

impl From<IllegalTransition> for Rejection {
    fn from(illegal: IllegalTransition) -> Self {
        Self::Conflict(illegal.to_string())
    }
}
