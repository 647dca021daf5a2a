//! PollForThirdPartyJobs: a provider's worker asks for jobs of the provider's action type.

use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, optional, required};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::poll_for_jobs::{ACTION_TYPE_ID, JOBS_MAX, MAX_BATCH_SIZE};
use crate::Request;
use crate::input::parse;

pub(super) static MEMBERS: &[Member] =
    &[required("actionTypeId", ACTION_TYPE_ID), optional("maxBatchSize", MAX_BATCH_SIZE)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    action_type_id: ActionTypeId,
    max_batch_size: Option<usize>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { action_type_id, max_batch_size } = parse(MEMBERS, &request.input)?;
    let jobs_max = max_batch_size.unwrap_or(JOBS_MAX).min(JOBS_MAX);
    let jobs = platform.dispatch_third_party_jobs(&action_type_id, jobs_max).await?;
    let told = jobs.iter().map(|job| json!({ "clientId": job.client_id, "jobId": job.job_id }));
    Ok(json!({ "jobs": told.collect::<Vec<_>>() }))
}
