//! Values of rules that can be read before they run: a regular expression, a window, a state of an alarm. Only what is
//! written out; what a variable will hold is known in the execution.

use crate::condition_rules::{alarm_watch, deployment_window, variable_check};
use crate::declaration::{PipelineDeclaration, Violation};
use crate::execution::ConditionType;
use crate::variables::references_in;

use super::places::{Placed, Position, Rules};

/// A large expression takes milliseconds to read. So many rules bound the work on a hostile document; what is wrong
/// with others is told when they run.
const RULES_MAX: usize = 100;

const EXPRESSION: &str = "write a regular expression that the whole variable matches, such as release/.*";
const CRON: &str = "write seconds, minutes, hours, day of month, month, day of week: * * 9-17 ? * MON-FRI";
const TIME_ZONE: &str = "write Region/City, UTC+02:00 or an abbreviation";
const ALARM_STATES: &str = "write OK, ALARM, INSUFFICIENT_DATA, or several of them with commas between";
const WAIT_TIME: &str = "write a number of minutes";

pub(super) fn broken(pipeline: &PipelineDeclaration) -> Vec<Violation> {
    let rules = Rules::of(pipeline);
    let placed: Vec<_> = rules.placed(pipeline).take(RULES_MAX).collect();
    placed.into_iter().flat_map(unreadable).collect()
}

fn unreadable(placed: Placed) -> Vec<Violation> {
    let written = |key: &str| {
        let value = placed.action.configuration(key)?;
        references_in(value).is_empty().then_some(value)
    };
    let refused = |key: &str, read: fn(&str) -> Result<(), String>, help: &str| {
        let problem = read(written(key)?).err()?;
        Some(violation(placed, key, &problem, help))
    };
    let found = match placed.action.action_type_id.provider.as_str() {
        "VariableCheck" if written("Operator") == Some(variable_check::MATCHES) => {
            [refused("Value", |text| variable_check::expression_of(text).map(drop), EXPRESSION), None]
        }
        "DeploymentWindow" => [
            refused("Cron", |text| deployment_window::cron_of(text).map(drop), CRON),
            refused("TimeZone", |text| deployment_window::zone_of(text).map(drop), TIME_ZONE),
        ],
        "CloudWatchAlarm" => [
            refused("AlarmStates", |text| alarm_watch::states_of(text).map(drop), ALARM_STATES),
            refused("WaitTime", |text| alarm_watch::minutes_of(text).map(drop), WAIT_TIME),
        ],
        _ => [None, None],
    };
    found.into_iter().flatten().collect()
}

fn violation(placed: Placed, key: &str, problem: &str, help: &str) -> Violation {
    let (stage, rule) = (&placed.stage.name, &placed.action.name);
    let condition = match placed.position {
        Position::Rule(ConditionType::BeforeEntry, _) => "beforeEntry",
        Position::Rule(ConditionType::OnSuccess, _) => "onSuccess",
        Position::Rule(ConditionType::OnFailure, _) => "onFailure",
        Position::Action(_) => "none",
    };
    let message = format!(
        "Rule configuration for rule '{rule}' contains an invalid value for configuration '{key}': {problem}.\n\
         StageName=[{stage}], Condition=[{condition}], RuleName=[{rule}], RuleConfigurationKey=[{key}]"
    );
    Violation::stage(placed.path().member("configuration").member(key), message, help)
}
