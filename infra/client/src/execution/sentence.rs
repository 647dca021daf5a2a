//! A reason as one sentence, which ends with what to do where something can be done.

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::reason::{Place, Reason};
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
        Reason::Failed { actions, message } => {
            let because =
                message.as_deref().map_or_else(String::new, |text| format!(": {}", first_line(text)));
            let failed: Vec<_> = actions.iter().map(written).collect();
            match actions.first() {
                Some(first) => format!(
                    "failed because {} failed{because}; try again with: pipewright retry {pipeline} {}",
                    enumerated(&failed),
                    first.stage
                ),
                None => format!("failed{because}."),
            }
        }
        Reason::EndedEarly { status, message } => {
            let by = if status == "Superseded" { " by a newer one" } else { "" };
            let because =
                message.as_deref().map_or_else(String::new, |text| format!(": {}", first_line(text)));
            format!("was {}{by}{because}.", Mark::of(status).word)
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
            let why = message.as_deref().map_or_else(String::new, |text| format!(": {}", first_line(text)));
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
        Reason::Condition { stage, summary } => {
            let what = summary.as_deref().map_or_else(String::new, |text| format!(": {}", first_line(text)));
            format!("waits before {stage} for its conditions{what}.")
        }
        Reason::GoesOn { stage: Some(stage) } => format!("is about to enter {stage}."),
        Reason::GoesOn { stage: None } => "goes on in a moment.".to_owned(),
    }
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
        Reason::Failed { actions, message } => json!({
            "reason": "Failed", "actions": actions.iter().map(place).collect::<Vec<_>>(), "message": message,
        }),
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
        Reason::Condition { stage, summary } => {
            json!({ "reason": "Condition", "stageName": stage, "message": summary })
        }
        Reason::GoesOn { stage } => json!({ "reason": "GoesOn", "stageName": stage }),
    }
}
