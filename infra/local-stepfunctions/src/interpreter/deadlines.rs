//! Times that the execution waits for.

use local_service::Timestamp;
use serde_json::Value;

use super::branch::{Activity, Branch, BranchId};
use super::execution::{Execution, Outcome};
use super::step::Ready;
use crate::failure::Failure;

impl Execution {
    /// When the execution wants to be woken with [`super::Input::DeadlineReached`].
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        if self.ended.is_some() {
            return None;
        }
        let branches = self.branches.values().filter_map(Branch::deadline);
        branches.chain(self.execution_deadline()).min()
    }

    fn execution_deadline(&self) -> Option<Timestamp> {
        self.machine.timeout_seconds.map(|seconds| after(self.start.at, seconds))
    }

    pub(super) fn deadlines_reached(&mut self) {
        if self.execution_deadline().is_some_and(|deadline| deadline <= self.now) {
            return self.end(Outcome::TimedOut);
        }
        while let Some(branch) = self.due_branch() {
            self.wake(branch);
            self.drain();
        }
    }

    fn due_branch(&self) -> Option<BranchId> {
        let branches = self.branches.iter();
        let deadlines = branches.filter_map(|(id, branch)| branch.deadline().map(|deadline| (deadline, *id)));
        deadlines.min().filter(|(deadline, _)| *deadline <= self.now).map(|(_, id)| id)
    }

    fn wake(&mut self, id: BranchId) {
        let Some(branch) = self.branches.get_mut(&id) else { return };
        match std::mem::replace(&mut branch.activity, Activity::None) {
            Activity::Wait { output, .. } => self.wait_ended(id, output),
            Activity::Retry { .. } => self.ready.push_back(Ready::Run { branch: id }),
            Activity::Task(task) => {
                let is_timeout = task.timeout_at.is_some_and(|timeout| timeout <= self.now);
                let error = if is_timeout { "States.Timeout" } else { "States.HeartbeatTimeout" };
                self.task_timed_out(id, &task, Failure::new(error, ""));
            }
            other @ (Activity::None | Activity::Fan(_)) => branch.activity = other,
        }
    }

    fn wait_ended(&mut self, id: BranchId, output: Value) {
        if let Err(failure) = self.exit(id, output) {
            self.evaluation_failed(id, failure);
        }
    }
}

impl Branch {
    fn deadline(&self) -> Option<Timestamp> {
        match &self.activity {
            Activity::None | Activity::Fan(_) => None,
            Activity::Wait { until, .. } | Activity::Retry { until } => Some(*until),
            Activity::Task(task) => task.timeout_at.into_iter().chain(task.heartbeat_at).min(),
        }
    }
}

pub(super) fn after(start: Timestamp, seconds: u64) -> Timestamp {
    let milliseconds = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    start.saturating_add(milliseconds)
}
