//! AcknowledgeJob: a worker takes a job that it was given.

use engine::declaration::schema::{Member, Shape, TextRule, required, text};
use platform::outside::Claimant;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{UUID, parse};

pub(super) static MEMBERS: &[Member] =
    &[required("jobId", Shape::Text(&UUID)), required("nonce", Shape::Text(&NONCE))];
pub(super) static NONCE: TextRule = text(1, 50);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    nonce: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id, nonce } = parse(MEMBERS, &request.input)?;
    let status = platform.acknowledge_job(&job_id, Claimant::Account, &nonce).await?;
    Ok(json!({ "status": status.as_str() }))
}
