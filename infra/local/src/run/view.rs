//! An execution as the API shows it, and what changed since the last look.

use std::collections::BTreeMap;
use std::convert::Infallible;

use client::progress::{self, Look, WatchedAction, skipped, sort_as_declared};
use serde::Deserialize;
use serde_json::Value;

/// The category of rules, which no action has.
const RULE: &str = "Rule";

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct View {
    pub status: String,
    pub status_summary: Option<String>,
    /// By stage and start, rules among them.
    pub actions: Vec<ActionView>,
    /// The stages that were skipped.
    pub skipped: Vec<String>,
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

    /// `Build / Compile`, or `Deploy / rule Window`.
    pub fn place(&self) -> String {
        let rule = if self.is_rule() { "rule " } else { "" };
        format!("{} / {rule}{}", self.stage, self.name)
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

    fn is_rule(&self) -> bool {
        self.category == RULE
    }
}

impl View {
    pub fn is_ended(&self) -> bool {
        !matches!(self.status.as_str(), "" | "InProgress" | "Stopping")
    }

    /// The rules were read a moment later than the actions, which have ended since: no action runs while its stage's
    /// rules do. The next look has both.
    pub fn is_torn(&self) -> bool {
        let running = self.actions.iter().filter(|action| action.is_in_progress());
        let (rules, actions): (Vec<_>, Vec<_>) = running.partition(|action| action.is_rule());
        rules.iter().any(|rule| actions.iter().any(|action| action.stage == rule.stage))
    }

    fn as_look(&self) -> Look<'_, ActionView, Infallible> {
        let is_stopping = self.status == "Stopping";
        let has_ended = self.is_ended();
        Look { actions: &self.actions, skipped: &self.skipped, waits: None, is_stopping, has_ended }
    }

    /// Actions that began at the same moment in the order of the declaration.
    pub fn in_order_of(mut self, stages: &[(String, Vec<String>)]) -> Self {
        sort_as_declared(&mut self.actions, stages);
        let names = stages.iter().map(|(stage, _)| stage.as_str());
        self.skipped = skipped(names, &self.actions, self.status == "Succeeded");
        self
    }

    /// Reads the answers of GetPipelineExecution, ListActionExecutions and ListRuleExecutions.
    pub fn of(execution: &Value, actions: &Value, rules: &Value) -> Self {
        let execution = &execution["pipelineExecution"];
        let details = actions["actionExecutionDetails"].as_array().into_iter().flatten();
        // The API lists the newest first.
        let mut actions: Vec<_> = details.map(action_of).collect();
        let rules = rules["ruleExecutionDetails"].as_array().into_iter().flatten().map(rule_of);
        actions.extend(rules);
        actions.reverse();
        Self {
            status: text(&execution["status"]).unwrap_or_default(),
            status_summary: text(&execution["statusSummary"]),
            actions,
            skipped: Vec::new(),
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

/// A rule runs as an action does, and is told of in the same way.
fn rule_of(detail: &Value) -> ActionView {
    ActionView {
        id: text(&detail["ruleExecutionId"]).unwrap_or_default(),
        name: text(&detail["ruleName"]).unwrap_or_default(),
        category: RULE.to_owned(),
        ..action_of(detail)
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
        View { status: status.into(), actions, ..View::default() }
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
    fn a_stage_that_was_passed_by_is_told_before_the_next_and_no_look_between_two_writes_is() {
        let rule = |status| ActionView { category: RULE.into(), ..action("r", "Deploy", status, None) };
        let stages = [("Deploy".to_owned(), vec![]), ("After".to_owned(), vec![])];
        let seen = |status: &str, actions| view(status, actions).in_order_of(&stages);
        let checked = seen("InProgress", vec![rule("InProgress")]);
        assert_eq!(seen("Failed", vec![rule("Failed")]).skipped, [""; 0]);
        let went_on = seen("InProgress", vec![rule("Failed"), action("a", "After", "InProgress", None)]);
        let told = changes(&checked, &went_on);
        let skipped = [Change::ActionEnded(rule("Failed")), Change::StageSkipped("Deploy".into())];
        assert_eq!(told[..3], [&skipped[..], &[Change::StageEntered("After".into())]].concat());
        assert_eq!(changes(&went_on, &went_on), []);

        let deploys = action("a", "Deploy", "InProgress", None);
        assert!(seen("InProgress", vec![deploys.clone(), rule("InProgress")]).is_torn());
        assert!(!seen("InProgress", vec![deploys, rule("Succeeded")]).is_torn());
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
