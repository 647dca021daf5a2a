//! How a phase of a running build ended. Pure.

use local_process::StopReason;

use crate::model::{BuildStatus, PhaseContext};

/// Builds are processes of the service, and do not outlive it.
pub const SERVICE_ENDED: &str = "The local service ended while the build was running; start the build again";

/// How a phase ended.
pub enum PhaseEnd {
    Succeeded,
    Failed(PhaseContext),
    /// Not the build's failure but this machine's.
    Fault(PhaseContext),
    Stopped(StopReason),
}

impl PhaseEnd {
    pub fn status(&self) -> BuildStatus {
        match self {
            Self::Succeeded => BuildStatus::Succeeded,
            Self::Failed(_) => BuildStatus::Failed,
            Self::Fault(_) => BuildStatus::Fault,
            Self::Stopped(StopReason::TimedOut) => BuildStatus::TimedOut,
            Self::Stopped(StopReason::Cancelled) => BuildStatus::Stopped,
            Self::Stopped(StopReason::ServiceEnded) => BuildStatus::Fault,
        }
    }

    pub fn contexts(&self) -> Vec<PhaseContext> {
        match self {
            Self::Succeeded => Vec::new(),
            Self::Failed(context) | Self::Fault(context) => vec![context.clone()],
            Self::Stopped(StopReason::TimedOut) => {
                vec![PhaseContext::new("BUILD_TIMED_OUT", "Build has timed out.")]
            }
            Self::Stopped(StopReason::Cancelled) => {
                vec![PhaseContext::new("BUILD_STOPPED", "Build was stopped on request.")]
            }
            Self::Stopped(StopReason::ServiceEnded) => {
                vec![PhaseContext::new("INTERNAL_ERROR", SERVICE_ENDED)]
            }
        }
    }
}

/// The build did something wrong, or asked for what is not there.
pub fn failed(status_code: &str, message: impl Into<String>) -> PhaseEnd {
    PhaseEnd::Failed(PhaseContext::new(status_code, message))
}

/// This machine did.
pub fn fault(status_code: &str, message: impl Into<String>) -> PhaseEnd {
    PhaseEnd::Fault(PhaseContext::new(status_code, message))
}
