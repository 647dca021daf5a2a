//! ListTriggerEvents: what sources told, newest first, with what it started and which filters said no.

use engine::Rejection;
use platform::{Platform, StoreError, event_bus};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::next_token::List;
use crate::output::without_nulls;

const RESULTS_MAX: usize = 100;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Option<Input> = serde_json::from_value(request.input.clone())
        .map_err(|error| Rejection::Validation(format!("The input of ListTriggerEvents: {error}")))?;
    let Input { max_results, next_token } = input.unwrap_or_default();
    let list = List::new(platform, request, &Value::Null);
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let count = max_results.unwrap_or(RESULTS_MAX).clamp(1, RESULTS_MAX);
    let page = platform.store.trigger_events_page(after.as_deref(), count).await?;
    let events: Vec<_> = page
        .rows
        .iter()
        .map(|event| {
            let mut shown = json!(event);
            shown["toldAt"] = json!(event_bus::written(event.told_at));
            shown
        })
        .collect();
    Ok(without_nulls(json!({ "triggerEvents": events, "nextToken": list.token(page.next).await? })))
}
