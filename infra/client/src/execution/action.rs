//! One action execution, or that of a rule, with everything that is shown of it in one place.

use std::collections::HashMap;

use aws_sdk_codepipeline::types::{ActionExecutionDetail, RuleExecutionDetail};
use aws_smithy_types::DateTime;

use crate::progress::WatchedAction;

/// The category of rules, which no action has.
const RULE: &str = "Rule";

/// Where an action's log is, in CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogStream {
    pub group: String,
    pub stream: String,
}

/// Where an action's lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Log {
    One(LogStream),
    /// In the logs of the builds of this batch.
    OfBatch(String),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ActionView {
    pub id: String,
    pub execution_id: String,
    pub stage: String,
    pub name: String,
    pub category: String,
    pub status: String,
    pub started: Option<DateTime>,
    pub updated: Option<DateTime>,
    pub updated_by: Option<String>,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub summary: Option<String>,
    pub error: Option<String>,
    pub log: Option<Log>,
}

impl ActionView {
    pub fn of(detail: &ActionExecutionDetail) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let action_type = detail.input().and_then(|input| input.action_type_id());
        let result = detail.output().and_then(|output| output.execution_result());
        let error = result.and_then(|result| result.error_details());
        let error = error.and_then(|error| text(error.message()).or_else(|| text(error.code())));
        let external_id = result.and_then(|result| text(result.external_execution_id()));
        let provider = action_type.map_or("", |action_type| action_type.provider());
        let input = detail.input();
        let is_batch = provider == "CodeBuild"
            && is_batch(
                input.and_then(|input| input.resolved_configuration()),
                input.and_then(|input| input.configuration()),
            );
        Self {
            id: detail.action_execution_id().unwrap_or_default().to_owned(),
            execution_id: detail.pipeline_execution_id().unwrap_or_default().to_owned(),
            stage: detail.stage_name().unwrap_or_default().to_owned(),
            name: detail.action_name().unwrap_or_default().to_owned(),
            category: action_type.map_or("", |action_type| action_type.category().as_str()).to_owned(),
            status: detail.status().map_or("", |status| status.as_str()).to_owned(),
            started: detail.start_time().copied(),
            updated: detail.last_update_time().copied(),
            updated_by: text(detail.updated_by()),
            url: result.and_then(|result| text(result.external_execution_url())),
            summary: result.and_then(|result| text(result.external_execution_summary())),
            log: match &external_id {
                Some(id) if is_batch => Some(Log::OfBatch(id.clone())),
                _ => result
                    .and_then(|result| log_of_arn(result.log_stream_arn()?))
                    .or_else(|| log_of_build(external_id.as_deref().filter(|_| provider == "CodeBuild")?))
                    .map(Log::One),
            },
            external_id,
            error,
        }
    }

    /// Of a rule, which runs as an action does.
    pub fn of_rule(detail: &RuleExecutionDetail) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let result = detail.output().and_then(|output| output.execution_result());
        let error = result.and_then(|result| result.error_details());
        let rule_type = detail.input().and_then(|input| input.rule_type_id());
        let provider = rule_type.map_or("", |rule_type| rule_type.provider());
        let input = detail.input();
        let is_batch = provider == "CodeBuild"
            && is_batch(
                input.and_then(|input| input.resolved_configuration()),
                input.and_then(|input| input.configuration()),
            );
        let external_id = result.and_then(|result| text(result.external_execution_id()));
        let log = match (&external_id, provider) {
            (Some(id), _) if is_batch => Some(Log::OfBatch(id.clone())),
            (Some(id), "Commands" | "CodeBuild") => log_of_build(id).map(Log::One),
            _ => None,
        };
        Self {
            id: detail.rule_execution_id().unwrap_or_default().to_owned(),
            execution_id: detail.pipeline_execution_id().unwrap_or_default().to_owned(),
            stage: detail.stage_name().unwrap_or_default().to_owned(),
            name: detail.rule_name().unwrap_or_default().to_owned(),
            category: RULE.to_owned(),
            status: detail.status().map_or("", |status| status.as_str()).to_owned(),
            started: detail.start_time().copied(),
            updated: detail.last_update_time().copied(),
            updated_by: text(detail.updated_by()),
            url: result.and_then(|result| text(result.external_execution_url())),
            summary: result.and_then(|result| text(result.external_execution_summary())),
            error: error.and_then(|error| text(error.message()).or_else(|| text(error.code()))),
            log,
            external_id,
        }
    }

    /// `Build / Compile`, or `Deploy / rule Window`.
    pub fn place(&self) -> String {
        let rule = if self.is_rule() { "rule " } else { "" };
        format!("{} / {rule}{}", self.stage, self.name)
    }

    /// The same action, under the name that the lines of one build of its batch are shown with.
    pub fn build(&self, build: &str) -> Self {
        Self { name: format!("{} {build}", self.name), ..self.clone() }
    }

    /// How long it took, or has taken until it was last heard of.
    pub fn seconds(&self) -> f64 {
        match (self.started, self.updated) {
            (Some(started), Some(updated)) => (updated.as_secs_f64() - started.as_secs_f64()).max(0.0),
            _ => 0.0,
        }
    }

    /// What it said at its end.
    pub fn said(&self) -> Option<&str> {
        self.error.as_deref().or(self.summary.as_deref())
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

    fn started(&self) -> Option<i128> {
        self.started.map(|time| time.as_nanos())
    }

    fn is_in_progress(&self) -> bool {
        self.status == "InProgress"
    }

    fn waits_for_approval(&self) -> bool {
        self.is_in_progress() && self.category == "Approval"
    }

    fn is_rule(&self) -> bool {
        self.category == RULE
    }
}

/// Whether an action or a rule of CodeBuild runs a batch of builds.
fn is_batch(
    resolved: Option<&HashMap<String, String>>,
    configuration: Option<&HashMap<String, String>>,
) -> bool {
    let of = |configuration: Option<&HashMap<String, String>>| configuration?.get("BatchEnabled").cloned();
    of(resolved).or_else(|| of(configuration)).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// `arn:aws:logs:<region>:<account>:log-group:<group>:log-stream:<stream>`.
fn log_of_arn(arn: &str) -> Option<LogStream> {
    let (_, rest) = arn.split_once(":log-group:")?;
    let (group, stream) = rest.split_once(":log-stream:")?;
    Some(LogStream { group: group.to_owned(), stream: stream.to_owned() })
}

/// Of CodeBuild's actions AWS only tells the build, `<project>:<id>`, whose log has both in its name unless the
/// project says otherwise (CodeBuild user guide, "View build details").
pub(crate) fn log_of_build(id: &str) -> Option<LogStream> {
    let (project, build) = id.rsplit_once(':').filter(|(project, _)| !project.is_empty())?;
    Some(LogStream { group: format!("/aws/codebuild/{project}"), stream: build.to_owned() })
}

/// The oldest first; the API lists the newest first.
pub(crate) fn actions_in_order(details: &[ActionExecutionDetail]) -> Vec<ActionView> {
    let mut actions: Vec<_> = details.iter().rev().map(ActionView::of).collect();
    actions.sort_by_key(|action| action.started.map(|time| time.as_nanos()));
    actions
}

/// The rules among the actions.
pub(crate) fn with_rules(actions: Vec<ActionView>, rules: &[RuleExecutionDetail]) -> Vec<ActionView> {
    let mut all: Vec<_> = actions.into_iter().chain(rules.iter().rev().map(ActionView::of_rule)).collect();
    all.sort_by_key(|action| action.started.map(|time| time.as_nanos()));
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::from_json;

    fn view(provider: &str, result: serde_json::Value) -> ActionView {
        let detail = json!({
            "actionExecutionId": "a", "stageName": "Build", "actionName": "Compile", "status": "InProgress",
            "input": { "actionTypeId": { "category": "Build", "owner": "AWS", "provider": provider, "version": "1" } },
            "output": { "executionResult": result },
        });
        ActionView::of(&from_json(&detail, ActionExecutionDetail::deserialize).unwrap())
    }

    #[test]
    fn a_log_is_found_by_its_arn_or_by_the_build() {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codedeploy/app:log-stream:d-1";
        let stream = |group: &str, stream: &str| {
            Some(Log::One(LogStream { group: group.into(), stream: stream.into() }))
        };
        for (provider, result, log) in [
            ("CodeDeploy", json!({ "logStreamARN": arn }), stream("/aws/codedeploy/app", "d-1")),
            ("CodeBuild", json!({ "externalExecutionId": "app:5d21" }), stream("/aws/codebuild/app", "5d21")),
            ("Manual", json!({ "externalExecutionId": "app:5d21" }), None),
            ("CodeBuild", json!({ "externalExecutionId": "5d21" }), None),
            ("CodeBuild", json!({}), None),
        ] {
            assert_eq!(view(provider, result.clone()).log, log, "{provider} {result}");
        }
    }

    #[test]
    fn a_batch_has_the_logs_of_its_builds() {
        for (declared, resolved, is_batch) in
            [("true", "TRUE", true), ("#{variables.batch}", "true", true), ("true", "false", false)]
        {
            let detail = json!({
                "input": {
                    "actionTypeId": { "category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1" },
                    "configuration": { "BatchEnabled": declared },
                    "resolvedConfiguration": { "BatchEnabled": resolved },
                },
                "output": { "executionResult": { "externalExecutionId": "app:1" } },
            });
            let view = ActionView::of(&from_json(&detail, ActionExecutionDetail::deserialize).unwrap());
            assert_eq!(view.log == Some(Log::OfBatch("app:1".into())), is_batch, "{declared} {resolved}");
        }
    }
}
