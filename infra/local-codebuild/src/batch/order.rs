//! Which builds of a batch begin, and how the batch ends. Pure.

use crate::buildspec::{Batch, BatchTask};
use crate::model::BuildStatus;

/// The state of one task; `None`: its build was not started.
pub type TaskState = Option<BuildStatus>;

/// The tasks whose builds can begin now.
pub fn ready(batch: &Batch, states: &[TaskState]) -> Vec<usize> {
    if batch.is_fast_fail && has_failed(batch, states) {
        return Vec::new();
    }
    let is_done = |identifier: &String| {
        let other = batch.tasks.iter().position(|task| task.identifier == *identifier);
        other.is_some_and(|index| is_good(&batch.tasks[index], states[index]))
    };
    let is_ready =
        |index: &usize| states[*index].is_none() && batch.tasks[*index].depend_on.iter().all(is_done);
    (0..batch.tasks.len()).filter(is_ready).collect()
}

/// Whether builds that run are to be stopped.
pub fn is_to_stop(batch: &Batch, states: &[TaskState]) -> bool {
    batch.is_fast_fail && has_failed(batch, states)
}

/// Of a batch none of whose builds runs or can begin.
pub fn status(batch: &Batch, states: &[TaskState]) -> BuildStatus {
    let mut tasks = batch.tasks.iter().zip(states);
    if tasks.all(|(task, state)| is_good(task, *state)) {
        BuildStatus::Succeeded
    } else {
        BuildStatus::Failed
    }
}

fn has_failed(batch: &Batch, states: &[TaskState]) -> bool {
    batch.tasks.iter().zip(states).any(|(task, state)| {
        !is_good(task, *state) && state.is_some_and(|status| status != BuildStatus::InProgress)
    })
}

/// Ended, and nothing that depends on it is held up.
fn is_good(task: &BatchTask, state: TaskState) -> bool {
    match state {
        None | Some(BuildStatus::InProgress) => false,
        Some(BuildStatus::Succeeded) => true,
        Some(_) => task.is_failure_ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: TaskState = Some(BuildStatus::InProgress);
    const GOOD: TaskState = Some(BuildStatus::Succeeded);
    const BAD: TaskState = Some(BuildStatus::Failed);

    /// `a`, `b` after `a`, `c` (whose failure is ignored), `d` after `b` and `c`.
    fn batch(is_fast_fail: bool) -> Batch {
        let task = |identifier: &str, depend_on: &[&str]| BatchTask {
            identifier: identifier.into(),
            depend_on: depend_on.iter().map(|other| (*other).to_owned()).collect(),
            is_failure_ignored: identifier == "c",
            ..BatchTask::default()
        };
        let tasks = vec![task("a", &[]), task("b", &["a"]), task("c", &[]), task("d", &["b", "c"])];
        Batch { is_fast_fail, tasks }
    }

    #[test]
    fn a_build_begins_when_what_it_depends_on_is_done() {
        let cases: [([TaskState; 4], &[usize]); 7] = [
            ([None, None, None, None], &[0, 2]),
            ([RUNNING, None, RUNNING, None], &[]),
            ([GOOD, None, RUNNING, None], &[1]),
            ([GOOD, GOOD, BAD, None], &[3]),
            ([BAD, None, GOOD, None], &[]),
            ([BAD, None, None, None], &[2]),
            ([GOOD, GOOD, GOOD, GOOD], &[]),
        ];
        for (states, expected) in cases {
            assert_eq!(ready(&batch(false), &states), expected, "{states:?}");
        }
        assert!(ready(&batch(true), &[BAD, None, None, None]).is_empty());
    }

    #[test]
    fn the_first_failure_stops_a_batch_that_fails_fast() {
        assert!(is_to_stop(&batch(true), &[BAD, None, RUNNING, None]));
        assert!(!is_to_stop(&batch(false), &[BAD, None, RUNNING, None]));
        assert!(!is_to_stop(&batch(true), &[RUNNING, None, BAD, None]));
    }

    #[test]
    fn a_batch_is_as_good_as_its_builds() {
        assert_eq!(status(&batch(false), &[GOOD, GOOD, BAD, GOOD]), BuildStatus::Succeeded);
        assert_eq!(status(&batch(false), &[GOOD, BAD, GOOD, None]), BuildStatus::Failed);
        assert_eq!(status(&batch(false), &[GOOD, GOOD, GOOD, None]), BuildStatus::Failed);
    }
}
