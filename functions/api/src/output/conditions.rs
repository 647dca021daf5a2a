//! `StageConditionState` and `RuleExecutionDetail`.

use engine::declaration::StageDeclaration;
use engine::execution::{ActionError, ActionExecution, ActionStatus, ConditionExecution, ConditionType};
use platform::Config;
use platform::store::{ActionRow, ExecutionRow};
use serde_json::{Value, json};

use super::actions::artifact;
use super::{time, without_nulls};

/// `None` for a condition that the execution was not checked against.
pub(super) fn stage_condition_state(
    conditions: &[ConditionExecution],
    condition: ConditionType,
) -> Option<Value> {
    let checked = conditions.iter().find(|checked| checked.condition == condition)?;
    let (status, summary) = (checked.status.as_str(), checked.summary.as_deref());
    let rules = checked.rules.iter().map(rule_state);
    let latest = json!({
        "status": status,
        "summary": summary,
        "lastStatusChange": time(checked.updated_at),
    });
    Some(json!({
        "latestExecution": without_nulls(json!({ "status": status, "summary": summary })),
        "conditionStates": [{
            "latestExecution": without_nulls(latest),
            "ruleStates": rules.collect::<Vec<_>>(),
        }],
    }))
}

fn rule_state(rule: &ActionExecution) -> Value {
    let is_in_progress = rule.status == ActionStatus::InProgress;
    let changed_at = if is_in_progress { rule.started_at } else { rule.updated_at };
    let latest = json!({
        "ruleExecutionId": rule.id,
        "status": rule.status,
        "summary": rule.summary,
        "lastStatusChange": time(changed_at),
        "lastUpdatedBy": rule.updated_by,
        "externalExecutionId": rule.external_execution_id,
        "externalExecutionUrl": rule.external_execution_url,
        "errorDetails": rule.error.as_ref().map(error_details),
    });
    json!({ "ruleName": rule.name, "latestExecution": without_nulls(latest) })
}

fn error_details(error: &ActionError) -> Value {
    json!({ "code": error.code, "message": error.message })
}

/// `stage` is the stage's declaration in the version that the rule ran under.
pub(crate) fn rule_execution_detail(
    config: &Config,
    row: &ActionRow,
    execution: &ExecutionRow,
    stage: Option<&StageDeclaration>,
) -> Value {
    let rule = &row.execution;
    let condition = ConditionType::of_run_order(rule.run_order);
    let rules = stage.zip(condition).map(|(stage, condition)| stage.rules(condition)).unwrap_or_default();
    let declared = rules.iter().find(|declared| declared.name == rule.name);
    let input = row.input.clone().unwrap_or_default();
    without_nulls(json!({
        "pipelineExecutionId": execution.execution.execution_id,
        "ruleExecutionId": rule.id,
        "pipelineVersion": execution.execution.version,
        "stageName": stage.map(|stage| stage.name.as_str()).unwrap_or_default(),
        "ruleName": rule.name,
        "startTime": time(rule.started_at),
        "lastUpdateTime": time(rule.updated_at),
        "updatedBy": rule.updated_by,
        "status": rule.status,
        "input": without_nulls(json!({
            "ruleTypeId": declared.map(|declared| json!(declared.rule_type_id)),
            "configuration": declared.and_then(|declared| declared.configuration.clone()),
            "resolvedConfiguration": input.resolved_configuration,
            "roleArn": declared.and_then(|declared| declared.role_arn.clone()),
            "region": declared.map(|declared| declared.region.as_ref().unwrap_or(&config.region)),
            "inputArtifacts": input.input_artifacts.iter().map(artifact).collect::<Vec<_>>(),
        })),
        "output": {
            "executionResult": without_nulls(json!({
                "externalExecutionId": rule.external_execution_id,
                "externalExecutionSummary": rule.summary,
                "externalExecutionUrl": rule.external_execution_url,
                "errorDetails": rule.error.as_ref().map(error_details),
            })),
        },
    }))
}
