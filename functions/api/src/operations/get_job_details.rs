//! GetJobDetails: a worker's job again, with new keys for its artifacts.

use engine::declaration::schema::{Member, Shape, required};
use platform::outside::Claimant;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{UUID, parse};

pub(super) static MEMBERS: &[Member] = &[required("jobId", Shape::Text(&UUID))];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id } = parse(MEMBERS, &request.input)?;
    let job = platform.job_details(&job_id, Claimant::Account).await?;
    let account = &platform.config.account_id;
    Ok(json!({ "jobDetails": { "id": job.id, "accountId": account, "data": job.data } }))
}
