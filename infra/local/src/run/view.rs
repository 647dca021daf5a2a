//! An execution as the API shows it, and what changed since the last look.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct View {
    pub status: String,
    pub status_summary: Option<String>,
    /// By stage and start.
    pub actions: Vec<ActionView>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ActionView {
    pub id: String,
    pub stage: String,
    pub name: String,
    pub category: String,
    pub status: String,
    /// Seconds since the epoch.
    pub started: f64,
    pub updated: f64,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub summary: Option<String>,
    pub error: Option<String>,
    pub namespace: Option<String>,
    pub variables: BTreeMap<String, String>,
    pub artifacts: Vec<ArtifactView>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ArtifactView {
    pub name: String,
    pub location: String,
    pub sha256: String,
}

impl ActionView {
    pub fn is_in_progress(&self) -> bool {
        self.status == "InProgress"
    }

    pub fn waits_for_approval(&self) -> bool {
        self.is_in_progress() && self.category == "Approval" && self.external_id.is_some()
    }

    /// The same action, under the name that the lines of one build of its batch are shown with.
    pub fn build_of(&self, build: Option<&str>) -> Self {
        let name = build.map_or_else(|| self.name.clone(), |build| format!("{} {build}", self.name));
        Self { name, ..self.clone() }
    }

    pub fn seconds(&self) -> f64 {
        (self.updated - self.started).max(0.0)
    }
}

impl View {
    pub fn is_ended(&self) -> bool {
        !matches!(self.status.as_str(), "" | "InProgress" | "Stopping")
    }

    /// Actions that began at the same moment in the order of the declaration.
    pub fn in_order_of(mut self, stages: &[(String, Vec<String>)]) -> Self {
        let place = |action: &ActionView| {
            let stage = stages.iter().position(|(name, _)| *name == action.stage)?;
            Some((stage, stages[stage].1.iter().position(|name| *name == action.name)?))
        };
        self.actions.sort_by(|a, b| a.started.total_cmp(&b.started).then_with(|| place(a).cmp(&place(b))));
        self
    }

    /// Reads the answers of GetPipelineExecution and ListActionExecutions.
    pub fn of(execution: &Value, actions: &Value) -> Self {
        let execution = &execution["pipelineExecution"];
        let details = actions["actionExecutionDetails"].as_array().into_iter().flatten();
        // The API lists the newest first.
        let mut actions: Vec<_> = details.map(action_of).collect();
        actions.reverse();
        Self {
            status: text(&execution["status"]).unwrap_or_default(),
            status_summary: text(&execution["statusSummary"]),
            actions,
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn action_of(detail: &Value) -> ActionView {
    let (input, output) = (&detail["input"], &detail["output"]);
    let result = &output["executionResult"];
    let error = &result["errorDetails"];
    let artifacts = output["outputArtifacts"].as_array().into_iter().flatten().map(|artifact| ArtifactView {
        name: text(&artifact["name"]).unwrap_or_default(),
        location: format!(
            "s3://{}/{}",
            text(&artifact["s3location"]["bucket"]).unwrap_or_default(),
            text(&artifact["s3location"]["key"]).unwrap_or_default()
        ),
        sha256: text(&artifact["sha256"]).unwrap_or_default(),
    });
    ActionView {
        id: text(&detail["actionExecutionId"]).unwrap_or_default(),
        stage: text(&detail["stageName"]).unwrap_or_default(),
        name: text(&detail["actionName"]).unwrap_or_default(),
        category: text(&input["actionTypeId"]["category"]).unwrap_or_default(),
        status: text(&detail["status"]).unwrap_or_default(),
        started: detail["startTime"].as_f64().unwrap_or_default(),
        updated: detail["lastUpdateTime"].as_f64().unwrap_or_default(),
        external_id: text(&result["externalExecutionId"]),
        url: text(&result["externalExecutionUrl"]),
        summary: text(&result["externalExecutionSummary"]),
        error: text(&error["message"]),
        namespace: text(&input["namespace"]),
        variables: BTreeMap::deserialize(&output["outputVariables"]).unwrap_or_default(),
        artifacts: artifacts.collect(),
    }
}

/// What somebody who watches has to be told.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    StageEntered(String),
    ActionStarted(ActionView),
    ApprovalWaits(ActionView),
    ActionEnded(ActionView),
    Ended(String),
}

/// The changes from one look to the next, in the order in which they are best told.
pub(super) fn changes(before: &View, after: &View) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut known_stages: Vec<&str> = before.actions.iter().map(|action| action.stage.as_str()).collect();
    for action in &after.actions {
        let was = before.actions.iter().find(|was| was.id == action.id);
        if !known_stages.contains(&action.stage.as_str()) {
            known_stages.push(&action.stage);
            changes.push(Change::StageEntered(action.stage.clone()));
        }
        if was.is_none() {
            changes.push(Change::ActionStarted(action.clone()));
        }
        if action.waits_for_approval() && !was.is_some_and(ActionView::waits_for_approval) {
            changes.push(Change::ApprovalWaits(action.clone()));
        }
        if !action.is_in_progress() && was.is_none_or(ActionView::is_in_progress) {
            changes.push(Change::ActionEnded(action.clone()));
        }
    }
    if after.is_ended() && !before.is_ended() {
        changes.push(Change::Ended(after.status.clone()));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(id: &str, stage: &str, status: &str, external_id: Option<&str>) -> ActionView {
        ActionView {
            id: id.into(),
            stage: stage.into(),
            status: status.into(),
            category: "Build".into(),
            external_id: external_id.map(str::to_owned),
            ..ActionView::default()
        }
    }

    fn view(status: &str, actions: Vec<ActionView>) -> View {
        View { status: status.into(), status_summary: None, actions }
    }

    #[test]
    fn an_action_that_started_and_ended_between_two_looks_is_told_whole() {
        let ended = action("a", "Build", "Succeeded", Some("app:1"));
        let after = view("Succeeded", vec![ended.clone()]);
        let expected = [
            Change::StageEntered("Build".into()),
            Change::ActionStarted(ended.clone()),
            Change::ActionEnded(ended),
            Change::Ended("Succeeded".into()),
        ];
        assert_eq!(changes(&View::default(), &after), expected);
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn actions_that_began_together_are_told_as_they_are_declared() {
        let named = |name: &str, started| ActionView {
            name: name.into(),
            stage: "Build".into(),
            started,
            ..ActionView::default()
        };
        let stages = [("Build".to_owned(), vec!["Compile".to_owned(), "Lint".to_owned()])];
        let view = view("InProgress", vec![named("Lint", 1.0), named("Compile", 1.0), named("Lint", 0.5)]);
        let names: Vec<_> =
            view.in_order_of(&stages).actions.into_iter().map(|a| (a.name, a.started)).collect();
        assert_eq!(names, [("Lint".into(), 0.5), ("Compile".into(), 1.0), ("Lint".into(), 1.0)]);
    }

    #[test]
    fn a_retried_action_starts_again_in_a_stage_that_was_entered_before() {
        let first = view("InProgress", vec![action("a", "Build", "Failed", None)]);
        let second = view(
            "InProgress",
            vec![action("a", "Build", "Failed", None), action("b", "Build", "InProgress", None)],
        );
        assert_eq!(
            changes(&first, &second),
            [Change::ActionStarted(action("b", "Build", "InProgress", None))]
        );
    }
}
