//! PutThirdPartyJobFailureResult: a provider's worker says why its job has failed.

use engine::declaration::schema::{Member, required};
use platform::outside::Claimant;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::get_third_party_job_details::{CLIENT_TOKEN, JOB_ID};
use super::put_job_failure_result::{FAILURE_DETAILS, FailureDetails};
use crate::Request;
use crate::input::parse;

pub(super) static MEMBERS: &[Member] = &[
    required("jobId", JOB_ID),
    required("clientToken", CLIENT_TOKEN),
    required("failureDetails", FAILURE_DETAILS),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    client_token: String,
    failure_details: FailureDetails,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id, client_token, failure_details } = parse(MEMBERS, &request.input)?;
    platform.report_job(&job_id, Claimant::Client(&client_token), failure_details.into()).await?;
    Ok(json!({}))
}
