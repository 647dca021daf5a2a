//! An execution as the API shows it, and what changed since the last look.

use std::collections::BTreeMap;
use std::convert::Infallible;

use client::progress::{self, Look, WatchedAction, sort_as_declared};
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
    /// The same action, under the name that the lines of one build of its batch are shown with.
    pub fn build_of(&self, build: Option<&str>) -> Self {
        let name = build.map_or_else(|| self.name.clone(), |build| format!("{} {build}", self.name));
        Self { name, ..self.clone() }
    }

    pub fn seconds(&self) -> f64 {
        (self.updated - self.started).max(0.0)
    }
}

impl WatchedAction for ActionView {
    fn id(&self) -> &str {
        &self.id
    }

    fn stage(&self) -> &str {
        &self.stage
    }

    fn name(&self) -> &str {
        &self.name
    }

    #[expect(clippy::cast_possible_truncation, reason = "a time as the API tells it, to the millisecond")]
    fn started(&self) -> Option<i128> {
        Some((self.started * 1e3).round() as i128 * 1_000_000)
    }

    fn is_in_progress(&self) -> bool {
        self.status == "InProgress"
    }

    /// Without its token it cannot be answered yet.
    fn waits_for_approval(&self) -> bool {
        self.is_in_progress() && self.category == "Approval" && self.external_id.is_some()
    }
}

impl View {
    pub fn is_ended(&self) -> bool {
        !matches!(self.status.as_str(), "" | "InProgress" | "Stopping")
    }

    fn as_look(&self) -> Look<'_, ActionView, Infallible> {
        let is_stopping = self.status == "Stopping";
        Look { actions: &self.actions, waits: None, is_stopping, has_ended: self.is_ended() }
    }

    /// Actions that began at the same moment in the order of the declaration.
    pub fn in_order_of(mut self, stages: &[(String, Vec<String>)]) -> Self {
        sort_as_declared(&mut self.actions, stages);
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

/// An execution of a run waits for nothing that would have to be explained: it is the only one.
pub(super) type Change = progress::Change<ActionView, Infallible>;

/// The changes from one look to the next, in the order in which they are best told.
pub(super) fn changes(before: &View, after: &View) -> Vec<Change> {
    progress::changes(&before.as_look(), &after.as_look())
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
    fn an_approval_is_told_when_it_can_be_answered() {
        let approval =
            |token| ActionView { category: "Approval".into(), ..action("a", "Release", "InProgress", token) };
        let begun = view("InProgress", vec![approval(None)]);
        let waits = view("InProgress", vec![approval(Some("token"))]);
        let entered = Change::StageEntered("Release".into());
        assert_eq!(changes(&View::default(), &begun), [entered, Change::ActionStarted(approval(None))]);
        assert_eq!(changes(&begun, &waits), [Change::ApprovalWaits(approval(Some("token")))]);
        assert_eq!(changes(&waits, &waits), []);
        let ended = view("Stopped", vec![]);
        assert_eq!(changes(&waits, &ended), [Change::Ended]);
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
}
