//! GetExecutionHistory.

use std::sync::Arc;

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::check_execution_arn;
use super::errors::{broken, invalid_page_token, no_execution};
use super::page;
use crate::driver::Inner;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetExecutionHistory {
    execution_arn: String,
    max_results: Option<i64>,
    #[serde(default)]
    reverse_order: bool,
    next_token: Option<String>,
    include_execution_data: Option<bool>,
}

pub(super) fn get(service: &Arc<Inner>, input: GetExecutionHistory) -> Result<Value, ApiError> {
    check_execution_arn(&input.execution_arn)?;
    let size = page::size(input.max_results)?;
    let list = format!("history {} {}", input.execution_arn, input.reverse_order);
    let place = page::place(&list, input.next_token.as_deref())?;
    let last: Option<u64> = place.map(|place| place.parse().map_err(|_| invalid_page_token())).transpose()?;
    let with_data = input.include_execution_data.unwrap_or(true);
    let page = service.look(&input.execution_arn, |execution| {
        let follows = |id: u64| match (last, input.reverse_order) {
            (None, _) => true,
            (Some(last), false) => id > last,
            (Some(last), true) => id < last,
        };
        let mut events: Vec<_> = execution.history().iter().filter(|event| follows(event.id)).collect();
        if input.reverse_order {
            events.reverse();
        }
        let next = if events.len() > size { events.get(size - 1).map(|event| event.id) } else { None };
        let shown: Vec<Value> = events.iter().take(size).map(|event| event.to_api(with_data)).collect();
        (shown, next)
    });
    let (events, next) = page.map_err(broken)?.ok_or_else(|| no_execution(&input.execution_arn))?;
    let mut answer = json!({ "events": events });
    if let Some(next) = next {
        answer["nextToken"] = page::token(&list, &next.to_string()).into();
    }
    Ok(answer)
}
