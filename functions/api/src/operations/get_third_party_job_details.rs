//! GetThirdPartyJobDetails: what a provider's worker has to know of a job, secrets and keys for its artifacts included.

use engine::Rejection;
use engine::declaration::is_uuid;
use engine::declaration::schema::{Member, Shape, TextRule, required, text};
use platform::outside::Claimant;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::parse;

pub(super) static MEMBERS: &[Member] = &[required("jobId", JOB_ID), required("clientToken", CLIENT_TOKEN)];
pub(super) const JOB_ID: Shape = Shape::Text(&JOB_ID_TEXT);
static JOB_ID_TEXT: TextRule = text(1, 512);
pub(super) const CLIENT_TOKEN: Shape = Shape::Text(&CLIENT_TOKEN_TEXT);
static CLIENT_TOKEN_TEXT: TextRule = text(1, 256);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    client_token: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id, client_token } = parse(MEMBERS, &request.input)?;
    if !is_uuid(&job_id) {
        let message =
            "The jobId was specified in an invalid format: PollForThirdPartyJobs answers with UUIDs.";
        return Err(Rejection::InvalidJob(message.to_owned()).into());
    }
    let job = platform.job_details(&job_id, Claimant::Client(&client_token)).await?;
    Ok(json!({ "jobDetails": { "id": job.id, "nonce": job.nonce, "data": job.data } }))
}
