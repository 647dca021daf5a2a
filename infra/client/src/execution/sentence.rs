//! A reason as one sentence, which ends with what to do where something can be done.

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::reason::{Check, Place, Reason};
use crate::text::{Mark, ago, first_line};

/// So much of an id is enough for people and for commands.
const SHORT: usize = 8;

/// The beginning of an id.
pub(crate) fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

/// `Execution 470c9a1e of demo waits for …`.
pub(crate) fn sentence(pipeline: &str, id: &str, reason: &Reason, now: Timestamp) -> String {
    format!("Execution {} of {pipeline} {}", short(id), predicate(pipeline, id, reason, now))
}

fn predicate(pipeline: &str, id: &str, reason: &Reason, now: Timestamp) -> String {
    match reason {
        Reason::Succeeded => "has succeeded.".to_owned(),
        Reason::Failed { actions, message, rolled_back_by } => {
            let failed: Vec<_> = actions.iter().map(written).collect();
            match actions.first() {
                Some(first) => {
                    let what = format!("failed because {} failed{}", enumerated(&failed), because(message));
                    let next = rolled_back(&first.stage, rolled_back_by.as_deref()).unwrap_or_else(|| {
                        format!("try again with: pipewright retry {pipeline} {}", first.stage)
                    });
                    format!("{what}; {next}")
                }
                None => format!("failed{}.", because(message)),
            }
        }
        Reason::FailedByCondition { check, rolled_back_by } => {
            let what = format!("failed because {} failed{}", checked(check), because(&check.message));
            let next = rolled_back(&check.stage, rolled_back_by.as_deref());
            match next.or_else(|| overridden(pipeline, id, check, "go on all the same with")) {
                Some(next) => format!("{what}; {next}"),
                None => format!("{what}."),
            }
        }
        Reason::EndedEarly { status, message } => {
            let by = if status == "Superseded" { " by a newer one" } else { "" };
            format!("was {}{by}{}.", Mark::of(status).word, because(message))
        }
        Reason::Stopping { running, .. } if running.is_empty() => "is stopping.".to_owned(),
        Reason::Stopping { running, .. } => format!(
            "is stopping and waits for {} to end; abandon it with: pipewright stop {id} --abandon",
            list(running, now)
        ),
        Reason::WaitsForApproval { approval, is_parallel } => {
            let execution = if *is_parallel { format!(" --execution {}", short(id)) } else { String::new() };
            format!(
                "waits for the approval of {0}{1}; approve with: pipewright approve {pipeline} {0}{execution}",
                written(approval),
                since(approval.since.as_ref(), now)
            )
        }
        Reason::Runs(running) => format!("runs {}.", list(running, now)),
        Reason::TransitionDisabled { stage, by, since: at, message } => {
            let by = by.as_deref().map_or_else(String::new, |by| format!(" by {}", first_line(by)));
            let why = because(message);
            format!(
                "waits before {stage}, whose transition was disabled{by}{}{why}; open it with: pipewright enable \
                 {pipeline} {stage}",
                at.as_ref().map_or_else(String::new, |at| format!(" {}", ago(at, now)))
            )
        }
        Reason::Behind { stage, execution_id } => format!(
            "waits before {stage} for execution {} inside of it; what that one waits for: pipewright why {execution_id}",
            short(execution_id)
        ),
        Reason::Condition(check) => {
            let begun = check.rules.first().and_then(|rule| rule.since.as_ref());
            let what =
                format!("waits for {}{}{}", checked(check), since(begun, now), because(&check.message));
            match overridden(pipeline, id, check, "go on without it with") {
                Some(next) => format!("{what}; {next}"),
                None => format!("{what}."),
            }
        }
        Reason::GoesOn { stage: Some(stage) } => format!("is about to enter {stage}."),
        Reason::GoesOn { stage: None } => "goes on in a moment.".to_owned(),
    }
}

fn because(message: &Option<String>) -> String {
    message.as_deref().map_or_else(String::new, |text| format!(": {}", first_line(text)))
}

/// `the rule Window of the entry condition of stage Deploy`.
fn checked(check: &Check) -> String {
    let condition = match check.when {
        Some(when) => format!("the {} of stage {}", when.name(), check.stage),
        None => format!("a condition of stage {}", check.stage),
    };
    let rules: Vec<_> = check.rules.iter().map(|rule| rule.action.clone()).collect();
    match rules.len() {
        0 => condition,
        1 => format!("the rule {} of {condition}", enumerated(&rules)),
        _ => format!("the rules {} of {condition}", enumerated(&rules)),
    }
}

/// None for a condition that cannot be overridden.
fn overridden(pipeline: &str, id: &str, check: &Check, what: &str) -> Option<String> {
    let when = check.when?;
    when.overridable()?;
    let command = format!("{what}: pipewright override {pipeline} {}", check.stage);
    match check.is_shown {
        true => Some(command),
        false => Some(format!("{command} --execution {} --condition {}", short(id), when.option())),
    }
}

fn rolled_back(stage: &str, by: Option<&str>) -> Option<String> {
    let by = by?;
    Some(format!("{stage} is rolled back by execution {}: pipewright watch {by}", short(by)))
}

/// `Release/Approve`, as commands take it.
fn written(place: &Place) -> String {
    format!("{}/{}", place.stage, place.action)
}

fn list(places: &[Place], now: Timestamp) -> String {
    let places: Vec<_> = places
        .iter()
        .map(|place| format!("{}{}", written(place), since(place.since.as_ref(), now)))
        .collect();
    enumerated(&places)
}

/// `one, two and three`.
fn enumerated(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

fn since(time: Option<&DateTime>, now: Timestamp) -> String {
    let Some(time) = time else { return String::new() };
    match ago(time, now).strip_suffix(" ago") {
        Some(long) => format!(" since {long}"),
        None => " since just now".to_owned(),
    }
}

/// The reason for a script: `reason` is the name of the variant.
pub(crate) fn reason_to_json(reason: &Reason) -> Value {
    let time = |time: &Option<DateTime>| time.as_ref().and_then(crate::text::rfc3339);
    let place = |place: &Place| json!({ "stageName": place.stage, "actionName": place.action, "since": time(&place.since) });
    match reason {
        Reason::Succeeded => json!({ "reason": "Succeeded" }),
        Reason::Failed { actions, message, rolled_back_by } => json!({
            "reason": "Failed", "actions": actions.iter().map(place).collect::<Vec<_>>(), "message": message,
            "rolledBackBy": rolled_back_by,
        }),
        Reason::FailedByCondition { check, rolled_back_by } => {
            let mut value = check_to_json(check);
            value["reason"] = json!("Failed");
            value["actions"] = json!([]);
            value["rolledBackBy"] = json!(rolled_back_by);
            value
        }
        Reason::EndedEarly { status, message } => json!({ "reason": status, "message": message }),
        Reason::Stopping { running, message } => json!({
            "reason": "Stopping", "actions": running.iter().map(place).collect::<Vec<_>>(), "message": message,
        }),
        Reason::WaitsForApproval { approval, .. } => {
            json!({ "reason": "WaitsForApproval", "action": place(approval) })
        }
        Reason::Runs(running) => {
            json!({ "reason": "Runs", "actions": running.iter().map(place).collect::<Vec<_>>() })
        }
        Reason::TransitionDisabled { stage, by, since, message } => json!({
            "reason": "TransitionDisabled", "stageName": stage, "disabledBy": by, "since": time(since),
            "message": message,
        }),
        Reason::Behind { stage, execution_id } => {
            json!({ "reason": "Behind", "stageName": stage, "pipelineExecutionId": execution_id })
        }
        Reason::Condition(check) => {
            let mut value = check_to_json(check);
            value["reason"] = json!("Condition");
            value
        }
        Reason::GoesOn { stage } => json!({ "reason": "GoesOn", "stageName": stage }),
    }
}

fn check_to_json(check: &Check) -> Value {
    let rules = check.rules.iter().map(|rule| {
        let since = rule.since.as_ref().and_then(crate::text::rfc3339);
        json!({ "ruleName": rule.action, "since": since })
    });
    json!({
        "stageName": check.stage,
        "condition": check.when.map(|when| when.member()),
        "rules": rules.collect::<Vec<_>>(),
        "message": check.message,
    })
}
