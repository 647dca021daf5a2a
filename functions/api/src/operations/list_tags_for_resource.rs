//! ListTagsForResource: the tags of a pipeline, a webhook or a custom action type, by key.

use std::ops::Bound;

use engine::declaration::schema::{Member, optional, required};
use engine::tags::Tags;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::without_nulls;
use crate::tags::{RESOURCE_ARN, not_found, resource};

/// As the model has it; without `maxResults` a page has as many.
const RESULTS_MAX: usize = 100;

pub(super) static MEMBERS: &[Member] = &[
    required("resourceArn", RESOURCE_ARN),
    optional("nextToken", NEXT_TOKEN),
    optional("maxResults", max_results(100)),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { resource_arn, next_token, max_results } = parse(MEMBERS, &request.input)?;
    let resource = resource(&platform.config, &resource_arn)?;
    let Some(of) = platform.store.tags(&resource).await? else {
        return Err(not_found(&resource_arn).into());
    };
    let list = List::new(platform, request, &json!([resource_arn, of.created_at]));
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let (tags, next) = page(&of.tags, after.as_deref(), max_results.unwrap_or(RESULTS_MAX));
    Ok(without_nulls(json!({ "tags": tags, "nextToken": list.token(next).await? })))
}

/// The tags behind the key `after`, and the last key if more follow.
fn page<'a>(tags: &'a Tags, after: Option<&str>, rows_max: usize) -> (Vec<Value>, Option<&'a str>) {
    let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rows = tags.range::<str, _>((begin, Bound::Unbounded));
    let page: Vec<_> = rows.by_ref().take(rows_max).collect();
    let next = rows.next().and(page.last()).map(|(key, _)| key.as_str());
    (page.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect(), next)
}
