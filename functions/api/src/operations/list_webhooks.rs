//! ListWebhooks: all webhooks, by name.

use engine::declaration::schema::{Member, optional};
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::{webhook, without_nulls};

/// As the model has it; without `MaxResults` a page has as many.
const RESULTS_MAX: usize = 100;

pub(super) static MEMBERS: &[Member] =
    &[optional("NextToken", NEXT_TOKEN), optional("MaxResults", max_results(100))];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { next_token, max_results } = parse(MEMBERS, &request.input)?;
    let list = List::new(platform, request, &Value::Null);
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let page = platform.store.webhooks_page(after.as_deref(), max_results.unwrap_or(RESULTS_MAX)).await?;
    let shown = page.rows.iter().map(|row| webhook(&platform.config, row));
    Ok(without_nulls(json!({
        "webhooks": shown.collect::<Result<Vec<_>, Fault>>()?,
        "NextToken": list.token(page.next).await?,
    })))
}
