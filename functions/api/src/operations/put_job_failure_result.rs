//! PutJobFailureResult: the Lambda function or the worker of an action says why its job has failed.

use engine::decide::FailureType;
use engine::declaration::schema::{Member, Shape, TextRule, optional, required, text};
use platform::outside::{Claimant, JobReport};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{UUID, parse};

pub(super) static MEMBERS: &[Member] =
    &[required("jobId", Shape::Text(&UUID)), required("failureDetails", FAILURE_DETAILS)];
pub(super) const FAILURE_DETAILS: Shape = Shape::Structure(&[
    required("type", Shape::Word(FAILURE_TYPES)),
    required("message", Shape::Text(&MESSAGE)),
    optional("externalExecutionId", Shape::Text(&EXTERNAL_ID)),
]);
const FAILURE_TYPES: &[&str] = &[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
];
static MESSAGE: TextRule = text(1, 5000);
static EXTERNAL_ID: TextRule = text(1, 1500);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    failure_details: FailureDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailureDetails {
    #[serde(rename = "type")]
    failure_type: FailureType,
    message: String,
    external_execution_id: Option<String>,
}

impl From<FailureDetails> for JobReport {
    fn from(details: FailureDetails) -> Self {
        let FailureDetails { failure_type, message, external_execution_id } = details;
        Self::Failed { failure_type, message, external_execution_id }
    }
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { job_id, failure_details } = parse(MEMBERS, &request.input)?;
    platform.report_job(&job_id, Claimant::Account, failure_details.into()).await?;
    Ok(json!({}))
}
