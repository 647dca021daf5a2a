//! PutThirdPartyJobSuccessResult: a provider's worker has done its job, or goes on later.

use engine::declaration::schema::{Member, optional, required};
use platform::outside::{Claimant, JobReport, JobSuccess};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::get_third_party_job_details::{CLIENT_TOKEN, JOB_ID};
use super::put_job_success_result::{
    CONTINUATION_TOKEN, CURRENT_REVISION, CurrentRevision, EXECUTION_DETAILS, ExecutionDetails,
};
use crate::Request;
use crate::input::parse;

pub(super) static MEMBERS: &[Member] = &[
    required("jobId", JOB_ID),
    required("clientToken", CLIENT_TOKEN),
    optional("currentRevision", CURRENT_REVISION),
    optional("continuationToken", CONTINUATION_TOKEN),
    optional("executionDetails", EXECUTION_DETAILS),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    client_token: String,
    current_revision: Option<CurrentRevision>,
    continuation_token: Option<String>,
    #[serde(default)]
    execution_details: ExecutionDetails,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let success = JobSuccess {
        continuation_token: input.continuation_token,
        summary: input.execution_details.summary,
        external_execution_id: input.execution_details.external_execution_id,
        percent_complete: input.execution_details.percent_complete,
        current_revision: input.current_revision.map(|revision| revision.at(platform.clock.now())),
        ..JobSuccess::default()
    };
    let claimant = Claimant::Client(&input.client_token);
    platform.report_job(&input.job_id, claimant, JobReport::Succeeded(success)).await?;
    Ok(json!({}))
}
