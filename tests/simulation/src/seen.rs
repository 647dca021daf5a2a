//! Rare paths that have to be seen over all runs: a simulation that never gets there proves nothing.

macro_rules! rare_paths {
    ($($path:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Path { $($path),* }

        impl Path {
            pub const ALL: &[Path] = &[$(Path::$path),*];
        }
    };
}

rare_paths! {
    // What happens to executions.
    Succeeded, Failed, Stopped, Superseded, Cancelled, WaitedInQueue, HeldByTransition, EnteredWhenOpened,
    QueueLimitReached, MissingVariables,
    // Conditions of stages, and what follows from them.
    Skipped, EntryRefused, SuccessConditionNotMet, RuleErrored, AutomaticRetry, AutomaticRollback, ManualRollback,
    RollbackSucceeded, RollbackFailed, NothingToRollBackTo, RollbackOvertookWaiters, StoppedWhileChecked,
    OverriddenWhileChecked, OverriddenAfterFailure, OverrideRefused, RollbackRefused, RollbackToOldVersionRefused,
    // What people do.
    StopAndWait, SecondStopRefused, Abandoned, AbandonedWhileStopping, StoppedWhileWaiting,
    RetryOfFailedActions, RetryOfAllActions, RetryWhileOthersRun, RetryOfStopped, RetryOvertaken,
    RetryAfterEditRefused, RetryOfParallel,
    ApprovalAccepted, ApprovalRejected, ApprovalAnsweredTwice, StaleApproval, ApprovalTimedOut,
    DeletedWhileRunning, DeletedWhileWaiting, DeletedWithParallelExecutions, DeletedTwice, CreatedAgain, CreatedTwice,
    EditWhileRunning, CancelOnEdit, ModeChangedWithWaiters, TransitionWithParallelExecutions,
    // What goes wrong around decisions.
    CrashBeforeCommit, CrashAfterCommit, CrashBeforeOutboxDelete, LostCommitReply, DecidedAgainAfterLostReply,
    ConditionFailed, RepeatedClientRequest, DuplicateStartRefused, StopBeforeStart, DeadTaskCompleted,
    RaisedToMissingState, ToldToDeletedPipeline, ToldOfDeletedPipeline, SweptEffect, RaiseRepeated,
    // What goes wrong around workflows and functions.
    TimedOut, FunctionRetried, FunctionLost, ActionEndedBeforeItsFunctionStarted, LateResult, LostProviderEvent,
    RepeatedProviderEvent, AskedTwice, LateQuestion, WorkflowStopped, WorkflowLost, WorkStartedTwice,
}

/// The rare paths that were seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen(u128);

impl Seen {
    pub fn mark(&mut self, path: Path) {
        self.0 |= 1 << path as u32;
    }

    pub fn has(self, path: Path) -> bool {
        self.0 & (1 << path as u32) != 0
    }

    pub fn add(&mut self, other: Seen) {
        self.0 |= other.0;
    }

    /// What was never seen.
    pub fn missing(self) -> Vec<Path> {
        Path::ALL.iter().copied().filter(|path| !self.has(*path)).collect()
    }
}
