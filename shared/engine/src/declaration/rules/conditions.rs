//! Stage conditions: checked as CodePipeline checks them.

use crate::catalog::{self, RuleType};
use crate::declaration::{
    Condition, ConditionResult, ExecutionMode, FailureConditions, Path, PipelineDeclaration, RuleDeclaration,
    Violation, closest,
};

use super::stages::repeated;

pub(super) fn broken(pipeline: &PipelineDeclaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let path = Path::stage(index);
        if let Some(before) = &stage.before_entry {
            let allowed = [ConditionResult::Fail, ConditionResult::Skip];
            conditions(&path.member("beforeEntry"), &before.conditions, &allowed, &mut violations);
        }
        if let Some(success) = &stage.on_success {
            let allowed = [ConditionResult::Rollback, ConditionResult::Fail];
            let path = path.member("onSuccess");
            conditions(&path, &success.conditions, &allowed, &mut violations);
            let rolls_back = success.conditions.iter().any(|condition| rolls_back(condition.result));
            violations.extend(no_rollback(pipeline, index, &path, rolls_back));
        }
        if let Some(failure) = &stage.on_failure {
            on_failure(pipeline, index, &path.member("onFailure"), failure, &mut violations);
        }
    }
    violations
}

fn rolls_back(result: Option<ConditionResult>) -> bool {
    result == Some(ConditionResult::Rollback)
}

/// Neither a PARALLEL pipeline nor the source stage can be rolled back. (user guide, "Configuring stage rollback")
fn no_rollback(
    pipeline: &PipelineDeclaration,
    stage_index: usize,
    path: &Path,
    rolls_back: bool,
) -> Option<Violation> {
    if !rolls_back {
        return None;
    }
    let help = "use another result";
    if pipeline.execution_mode() == ExecutionMode::Parallel {
        let message = "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.";
        return Some(Violation::stage(path.clone(), message, format!("{help}, or another execution mode")));
    }
    let name = &pipeline.stages[stage_index].name;
    let message = format!("The source stage '{name}' cannot be rolled back");
    (stage_index == 0).then(|| Violation::stage(path.clone(), message, help))
}

fn on_failure(
    pipeline: &PipelineDeclaration,
    stage_index: usize,
    path: &Path,
    failure: &FailureConditions,
    violations: &mut Vec<Violation>,
) {
    let declared = failure.conditions.as_deref().unwrap_or_default();
    let stage = &pipeline.stages[stage_index];
    if failure.result.is_some() && !declared.is_empty() {
        violations.push(Violation::stage(
            path.member("result"),
            format!(
                "The following stage cannot have a failure exit gate configured with both top level result and \
                 conditions: '{}'",
                stage.name
            ),
            "keep either `result` or `conditions`",
        ));
    }
    if let Some(result) = failure.result {
        let allowed = [ConditionResult::Rollback, ConditionResult::Retry];
        violations.extend(wrong_result(&path.member("result"), result, &allowed));
    }
    // A failure condition that says nothing else rolls back.
    let rolls_back = rolls_back(failure.result) || !declared.is_empty();
    violations.extend(no_rollback(pipeline, stage_index, path, rolls_back));
    conditions(path, declared, &[ConditionResult::Rollback], violations);
}

fn conditions(
    path: &Path,
    conditions: &[Condition],
    allowed: &[ConditionResult],
    violations: &mut Vec<Violation>,
) {
    for (index, condition) in conditions.iter().enumerate() {
        let path = path.member("conditions").item(index);
        if let Some(result) = condition.result {
            violations.extend(wrong_result(&path.member("result"), result, allowed));
        }
        let rules = condition.rules.as_deref().unwrap_or_default();
        if condition.rules.is_none() {
            let message = "A condition must have at least one rule";
            violations.push(Violation::stage(path.clone(), message, "add `rules`, or remove the condition"));
        }
        for (repeated, _) in repeated(rules.iter().map(|rule| rule.name.as_str())) {
            let message =
                format!("Rule name '{}' is used more than once in a condition", rules[repeated].name);
            let path = path.member("rules").item(repeated).member("name");
            violations.push(Violation::stage(path, message, "choose another name"));
        }
        for (index, rule) in rules.iter().enumerate() {
            violations.extend(broken_rule(&path.member("rules").item(index), rule, condition.result));
        }
    }
}

fn wrong_result(path: &Path, result: ConditionResult, allowed: &[ConditionResult]) -> Option<Violation> {
    if allowed.contains(&result) {
        return None;
    }
    let words: Vec<&str> = allowed.iter().map(|result| word(*result)).collect();
    let message = format!("The result {} cannot be used here", word(result));
    Some(Violation::stage(path.clone(), message, format!("use {}", words.join(" or "))))
}

fn word(result: ConditionResult) -> &'static str {
    match result {
        ConditionResult::Rollback => "ROLLBACK",
        ConditionResult::Fail => "FAIL",
        ConditionResult::Retry => "RETRY",
        ConditionResult::Skip => "SKIP",
    }
}

fn broken_rule(path: &Path, rule: &RuleDeclaration, result: Option<ConditionResult>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let provider = &rule.rule_type_id.provider;
    let Some(found) = catalog::find_rule(provider) else {
        let known = || catalog::rule_types().iter().map(|rule| rule.provider);
        let help = match closest(provider, known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("use one of: {}", known().collect::<Vec<_>>().join(", ")),
        };
        if !provider.is_empty() {
            let message = format!("Rule '{}' has an unknown provider '{provider}'", rule.name);
            let path = path.member("ruleTypeId").member("provider");
            violations.push(Violation::stage(path, message, help));
        }
        return violations;
    };
    let artifacts = rule.input_artifacts.as_ref().map_or(0, Vec::len);
    if artifacts > found.input_artifacts.maximum {
        let message = format!("Rule '{}' declares {artifacts} input artifacts", rule.name);
        let help = match found.input_artifacts.maximum {
            0 => format!("remove `inputArtifacts`: the rule {provider} takes none"),
            maximum => format!("the rule {provider} takes {maximum} at most"),
        };
        violations.push(Violation::stage(path.member("inputArtifacts"), message, help));
    }
    if result == Some(ConditionResult::Skip) && !found.may_skip {
        let message = format!("The result SKIP cannot be used with the rule {provider}");
        let help = "use LambdaInvoke or VariableCheck, or the result FAIL";
        violations.push(Violation::stage(path.member("ruleTypeId").member("provider"), message, help));
    }
    rule_configuration(path, rule, found, &mut violations);
    violations
}

fn rule_configuration(
    path: &Path,
    rule: &RuleDeclaration,
    found: &RuleType,
    violations: &mut Vec<Violation>,
) {
    let declared = |key: &str| rule.configuration.iter().flatten().any(|(name, _)| name == key);
    let path = path.member("configuration");
    for key in found.configuration.iter().filter(|key| key.required && !declared(key.name)) {
        let message = format!(
            "Rule configuration for rule '{}' is missing required configuration '{}'",
            rule.name, key.name
        );
        let help = format!("add `{}` to the configuration", key.name);
        violations.push(Violation::stage(path.member(key.name), message, help));
    }
    for (name, value) in rule.configuration.iter().flatten() {
        match found.configuration.iter().find(|key| key.name == name) {
            Some(key) if key.allowed.is_empty() || key.allowed.contains(&value.as_str()) => {}
            Some(key) => {
                let message = format!(
                    "Rule configuration for rule '{}' contains an invalid value '{value}' for configuration '{name}'",
                    rule.name
                );
                let help = format!("use {}", key.allowed.join(" or "));
                violations.push(Violation::stage(path.member(name), message, help));
            }
            None => {
                let names = found.configuration.iter().map(|key| key.name);
                let help = match closest(name, names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "remove it".to_string(),
                };
                let message = format!(
                    "Rule configuration for rule '{}' contains unknown configuration '{name}'",
                    rule.name
                );
                violations.push(Violation::stage(path.member(name), message, help).at_name());
            }
        }
    }
    if found.takes_commands && rule.commands.as_ref().is_none_or(Vec::is_empty) {
        let message = format!("Rule {} must have a non-empty commands field", rule.name);
        let path = path.parent().unwrap_or_default().member("commands");
        violations.push(Violation::stage(path, message, "add `commands` to the rule"));
    }
}
