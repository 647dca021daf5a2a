//! ListPipelines: all pipelines, by name.

use engine::declaration::schema::{Member, optional};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::{pipeline_summary, without_nulls};

/// As the model has it; without `maxResults` a page has as many.
const RESULTS_MAX: usize = 1000;

pub(super) static MEMBERS: &[Member] =
    &[optional("nextToken", NEXT_TOKEN), optional("maxResults", max_results(1000))];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { next_token, max_results } = parse(MEMBERS, &request.input)?;
    let list = List::new(platform, request, &Value::Null);
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let page = platform.store.pipelines_page(after.as_deref(), max_results.unwrap_or(RESULTS_MAX)).await?;
    Ok(without_nulls(json!({
        "pipelines": page.rows.iter().map(pipeline_summary).collect::<Vec<_>>(),
        "nextToken": list.token(page.next).await?,
    })))
}
