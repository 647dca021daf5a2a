//! An execution as a watcher sees it, and what has changed between two looks.

use aws_sdk_codepipeline::types::{ExecutionMode, PipelineExecution};

use crate::execution::{ActionView, Reason, target};
use crate::exit::Exit;
use crate::progress::{self, Look, WatchedAction};

/// One look.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct View {
    pub version: Option<i32>,
    pub is_parallel: bool,
    pub status: String,
    pub summary: Option<String>,
    /// Of a rollback, the execution that it goes back to.
    pub rollback_target: Option<String>,
    /// The execution that rolls back the stage in which this one failed.
    pub rolled_back_by: Option<String>,
    /// The oldest first, rules among them.
    pub actions: Vec<ActionView>,
    /// The stages that were skipped.
    pub skipped: Vec<String>,
    /// What it waits for, where no action of it runs.
    pub waits: Option<Reason>,
}

impl View {
    pub fn of(execution: &PipelineExecution, actions: Vec<ActionView>) -> Self {
        Self {
            version: execution.pipeline_version(),
            is_parallel: execution.execution_mode() == Some(&ExecutionMode::Parallel),
            status: execution.status().map_or("", |status| status.as_str()).to_owned(),
            summary: execution.status_summary().filter(|text| !text.is_empty()).map(str::to_owned),
            rollback_target: target(execution).map(str::to_owned),
            actions,
            ..Self::default()
        }
    }

    /// Whether the action has been tried before.
    pub fn is_again(&self, action: &ActionView) -> bool {
        let earlier = self.actions.iter().take_while(|earlier| earlier.id != action.id);
        earlier.filter(|earlier| earlier.is_rule() == action.is_rule()).any(|earlier| {
            (earlier.stage.as_str(), earlier.name.as_str()) == (action.stage.as_str(), action.name.as_str())
        })
    }

    /// How it ended; none while it has not.
    pub fn exit(&self) -> Option<Exit> {
        Exit::of_status(&self.status)
    }

    fn as_look(&self) -> Look<'_, ActionView, Reason> {
        Look {
            actions: &self.actions,
            skipped: &self.skipped,
            // What is about to go on needs no words.
            waits: self.waits.as_ref().filter(|reason| !matches!(reason, Reason::GoesOn { .. })),
            is_stopping: self.status == "Stopping",
            has_ended: self.exit().is_some(),
        }
    }

    /// From the start of the first action to the last change of any.
    pub fn seconds(&self) -> f64 {
        let first = self.actions.iter().filter_map(|action| action.started).map(|time| time.as_secs_f64());
        let last = self.actions.iter().filter_map(|action| action.updated).map(|time| time.as_secs_f64());
        (last.fold(f64::NEG_INFINITY, f64::max) - first.fold(f64::INFINITY, f64::min)).max(0.0)
    }
}

pub(super) type Change = progress::Change<ActionView, Reason>;

/// The changes from one look to the next, in the order in which they are best told.
pub(super) fn changes(before: &View, after: &View) -> Vec<Change> {
    progress::changes(&before.as_look(), &after.as_look())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(id: &str, status: &str, category: &str) -> ActionView {
        ActionView {
            id: id.into(),
            stage: "Build".into(),
            status: status.into(),
            category: category.into(),
            ..ActionView::default()
        }
    }

    fn view(status: &str, actions: &[ActionView]) -> View {
        View { status: status.into(), actions: actions.to_vec(), ..View::default() }
    }

    #[test]
    fn an_action_that_started_and_ended_between_two_looks_is_told_whole() {
        let ended = action("a", "Succeeded", "Build");
        let after = view("Succeeded", std::slice::from_ref(&ended));
        let expected = [
            Change::StageEntered("Build".into()),
            Change::ActionStarted(ended.clone()),
            Change::ActionEnded(ended),
            Change::Ended,
        ];
        assert_eq!(changes(&View::default(), &after), expected);
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn a_retried_action_starts_again_in_a_stage_that_was_entered_before() {
        let first = view("Failed", &[action("a", "Failed", "Build")]);
        let again = action("b", "InProgress", "Build");
        let second = view("InProgress", &[action("a", "Failed", "Build"), again.clone()]);
        assert_eq!(changes(&first, &second), [Change::ActionStarted(again)]);
    }

    #[test]
    fn an_approval_and_a_wait_are_told_once() {
        let approval = action("a", "InProgress", "Approval");
        let waiting = view("InProgress", std::slice::from_ref(&approval));
        let told = changes(&View::default(), &waiting);
        assert_eq!(told.last(), Some(&Change::ApprovalWaits(approval)));
        assert_eq!(changes(&waiting, &waiting), []);

        let reason = Reason::Behind { stage: "Build".into(), execution_id: "x".into() };
        let behind = View { waits: Some(reason.clone()), ..view("InProgress", &[]) };
        assert_eq!(changes(&view("InProgress", &[]), &behind), [Change::Waits(reason)]);
        assert_eq!(changes(&behind, &behind), []);
        let about_to = View { waits: Some(Reason::GoesOn { stage: None }), ..view("InProgress", &[]) };
        assert_eq!(changes(&behind, &about_to), []);
    }
}
