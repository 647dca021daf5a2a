//! AcknowledgeThirdPartyJob: a provider's worker takes a job that it was given.

use engine::declaration::schema::{Member, Shape, required};
use platform::outside::Claimant;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::acknowledge_job::NONCE;
use super::get_third_party_job_details::{CLIENT_TOKEN, JOB_ID};
use crate::Request;
use crate::input::parse;

pub(super) static MEMBERS: &[Member] = &[
    required("jobId", JOB_ID),
    required("nonce", Shape::Text(&NONCE)),
    required("clientToken", CLIENT_TOKEN),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    nonce: String,
    client_token: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id, nonce, client_token } = parse(MEMBERS, &request.input)?;
    let status = platform.acknowledge_job(&job_id, Claimant::Client(&client_token), &nonce).await?;
    Ok(json!({ "status": status.as_str() }))
}
