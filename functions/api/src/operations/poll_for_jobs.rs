//! PollForJobs: a worker asks for jobs of a custom action type.

use std::collections::BTreeMap;

use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, Pattern, Shape, TextRule, optional, patterned, required, text};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{CATEGORY, PROVIDER, TYPE_VERSION, parse};

pub(super) static MEMBERS: &[Member] = &[
    required("actionTypeId", ACTION_TYPE_ID),
    optional("maxBatchSize", MAX_BATCH_SIZE),
    optional("queryParam", Shape::TextMap { key: &NAME, value: &VALUE, maximum: Some(1) }),
];
pub(super) const ACTION_TYPE_ID: Shape = Shape::Structure(&[
    required("category", CATEGORY),
    required("owner", Shape::Word(&["AWS", "ThirdParty", "Custom"])),
    required("provider", PROVIDER),
    required("version", TYPE_VERSION),
]);
pub(super) const MAX_BATCH_SIZE: Shape = Shape::Integer { minimum: 1, maximum: None };
static NAME: TextRule = text(1, 50);
static VALUE: TextRule = patterned(
    1,
    50,
    Pattern { text: "[a-zA-Z0-9_-]+", allows: "letters, digits and _ -", matches: is_value },
);

fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character))
}

/// Jobs of an answer, whatever was asked for: each is read, and given keys of its own.
pub(super) const JOBS_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    action_type_id: ActionTypeId,
    max_batch_size: Option<usize>,
    #[serde(default)]
    query_param: BTreeMap<String, String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let jobs_max = input.max_batch_size.unwrap_or(JOBS_MAX).min(JOBS_MAX);
    let jobs = platform.dispatch_jobs(&input.action_type_id, &input.query_param, jobs_max).await?;
    let account = &platform.config.account_id;
    let jobs = jobs
        .into_iter()
        .map(|job| json!({ "id": job.id, "nonce": job.nonce, "accountId": account, "data": job.data }));
    Ok(json!({ "jobs": jobs.collect::<Vec<_>>() }))
}
