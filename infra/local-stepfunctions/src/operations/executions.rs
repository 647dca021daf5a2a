//! DescribeExecution, ListExecutions, StopExecution.

use std::cmp::Reverse;
use std::sync::Arc;

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::check_execution_arn;
use super::errors::{broken, invalid, invalid_page_token, no_execution};
use super::input::check_error;
use super::page;
use super::state_machines::find;
use crate::driver::{Inner, Unaccepted};
use crate::interpreter::{Execution, Input, Outcome};
use crate::store::Summary;
use crate::timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Describe {
    execution_arn: String,
    included_data: Option<String>,
}

pub(super) fn describe(service: &Arc<Inner>, input: Describe) -> Result<Value, ApiError> {
    check_execution_arn(&input.execution_arn)?;
    let described = service.look(&input.execution_arn, |execution| {
        let with_data = input.included_data.as_deref() != Some("METADATA_ONLY");
        description(execution, with_data)
    });
    described.map_err(broken)?.ok_or_else(|| no_execution(&input.execution_arn))
}

fn description(execution: &Execution, with_data: bool) -> Value {
    let start = execution.started_with();
    let mut answer = json!({
        "executionArn": start.execution_arn,
        "stateMachineArn": start.machine_arn,
        "name": start.execution_name,
        "status": execution.ended().map_or("RUNNING", |(outcome, _)| outcome.status()),
        "startDate": timestamp::api(start.at),
        "inputDetails": { "included": with_data },
        "redriveCount": 0,
    });
    if with_data {
        answer["input"] = start.input.as_str().into();
    }
    let Some((outcome, at)) = execution.ended() else { return answer };
    answer["stopDate"] = timestamp::api(*at);
    match outcome {
        Outcome::Succeeded { output } => {
            answer["outputDetails"] = json!({ "included": with_data });
            if with_data {
                answer["output"] = output.as_str().into();
            }
        }
        Outcome::Failed { error, cause } | Outcome::Aborted { error, cause } => {
            for (name, text) in [("error", error), ("cause", cause)] {
                if let Some(text) = text {
                    answer[name] = text.as_str().into();
                }
            }
        }
        Outcome::TimedOut => {}
    }
    answer
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    state_machine_arn: String,
    status_filter: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// The newest first.
pub(super) fn list(service: &Arc<Inner>, input: List) -> Result<Value, ApiError> {
    let machine = find(service, &input.state_machine_arn)?;
    let known = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
    if let Some(filter) = input.status_filter.as_deref().filter(|filter| !known.contains(filter)) {
        return Err(invalid(format!("statusFilter '{filter}' is none of {}", known.join(", "))));
    }
    let size = page::size(input.max_results)?;
    let list = format!("executions {} {}", machine.arn, input.status_filter.as_deref().unwrap_or(""));
    let after =
        page::place(&list, input.next_token.as_deref())?.map(|place| parse_key(&place)).transpose()?;
    let mut executions = service.summaries();
    executions.retain(|summary| {
        summary.machine_arn == machine.arn
            && input.status_filter.as_ref().is_none_or(|filter| summary.status == *filter)
            && after.as_ref().is_none_or(|after| key(summary) > *after)
    });
    executions.sort_by_key(key);
    let mut answer = json!({ "executions": executions.iter().take(size).map(item).collect::<Vec<_>>() });
    if let (true, Some(last)) = (executions.len() > size, executions.get(size - 1)) {
        answer["nextToken"] =
            page::token(&list, &format!("{} {}", last.started_at, last.execution_arn)).into();
    }
    Ok(answer)
}

type Key = (Reverse<i64>, String);

fn key(summary: &Summary) -> Key {
    (Reverse(summary.started_at), summary.execution_arn.clone())
}

fn parse_key(place: &str) -> Result<Key, ApiError> {
    let (at, arn) = place.split_once(' ').ok_or_else(invalid_page_token)?;
    let at = at.parse().map_err(|_| invalid_page_token())?;
    Ok((Reverse(at), arn.to_owned()))
}

fn item(summary: &Summary) -> Value {
    let mut item = json!({
        "executionArn": summary.execution_arn,
        "stateMachineArn": summary.machine_arn,
        "name": summary.name,
        "status": summary.status,
        "startDate": timestamp::api(summary.started_at),
        "redriveCount": 0,
    });
    if let Some(at) = summary.stopped_at {
        item["stopDate"] = timestamp::api(at);
    }
    item
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Stop {
    execution_arn: String,
    error: Option<String>,
    cause: Option<String>,
}

/// Stopping an execution that has ended changes nothing and answers when it ended.
pub(super) fn stop(service: &Arc<Inner>, input: Stop) -> Result<Value, ApiError> {
    check_execution_arn(&input.execution_arn)?;
    check_error(input.error.as_deref(), input.cause.as_deref())?;
    let stopped = Input::Stopped { error: input.error, cause: input.cause };
    if let Err(Unaccepted::Store(error)) = service.happened(&input.execution_arn, |_| Some(stopped)) {
        return Err(broken(error));
    }
    let summary = service.summary(&input.execution_arn).ok_or_else(|| no_execution(&input.execution_arn))?;
    Ok(json!({ "stopDate": timestamp::api(summary.stopped_at.unwrap_or_else(|| service.clock.now())) }))
}
