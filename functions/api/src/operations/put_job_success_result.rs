//! PutJobSuccessResult: the Lambda function or the worker of an action has done its job, or goes on later.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::decide::ActionRevision;
use engine::declaration::schema::{Member, Pattern, Shape, TextRule, optional, required, text};
use engine::execution::Timestamp;
use engine::variables::check_output_size;
use platform::outside::{Claimant, JobReport, JobSuccess};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{UUID, parse};

pub(super) static MEMBERS: &[Member] = &[
    required("jobId", Shape::Text(&UUID)),
    optional("currentRevision", CURRENT_REVISION),
    optional("continuationToken", CONTINUATION_TOKEN),
    optional("executionDetails", EXECUTION_DETAILS),
    optional("outputVariables", Shape::TextMap { key: &NAME, value: &VALUE, maximum: None }),
];
pub(super) const CURRENT_REVISION: Shape = Shape::Structure(&[
    required("revision", Shape::Text(&EXTERNAL_ID)),
    required("changeIdentifier", Shape::Text(&CHANGE_IDENTIFIER)),
    optional("created", Shape::Any),
    optional("revisionSummary", Shape::Text(&SUMMARY)),
]);
pub(super) const CONTINUATION_TOKEN: Shape = Shape::Text(&SUMMARY);
pub(super) const EXECUTION_DETAILS: Shape = Shape::Structure(&[
    optional("summary", Shape::Text(&SUMMARY)),
    optional("externalExecutionId", Shape::Text(&EXTERNAL_ID)),
    optional("percentComplete", Shape::Integer { minimum: 0, maximum: Some(100) }),
]);
static SUMMARY: TextRule = text(1, 2048);
static EXTERNAL_ID: TextRule = text(1, 1500);
static CHANGE_IDENTIFIER: TextRule = text(1, 100);
static VALUE: TextRule = TextRule { minimum: 0, maximum: None, pattern: None };
static NAME: TextRule = TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern {
        text: "[A-Za-z0-9@\\-_]+",
        allows: "letters, digits, @, - and _",
        matches: is_name,
    }),
};

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "@-_".contains(character))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    job_id: String,
    current_revision: Option<CurrentRevision>,
    continuation_token: Option<String>,
    #[serde(default)]
    execution_details: ExecutionDetails,
    #[serde(default)]
    output_variables: BTreeMap<String, String>,
}

/// Its summary is not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CurrentRevision {
    revision: String,
    change_identifier: String,
    /// Seconds since the epoch.
    created: Option<f64>,
}

impl CurrentRevision {
    /// `now` for a revision of which nobody says when it was created.
    pub(super) fn at(self, now: Timestamp) -> ActionRevision {
        #[expect(clippy::cast_possible_truncation, reason = "no milliseconds are finer than these")]
        let created_at = self.created.map(|seconds| Timestamp((seconds * 1000.0).round() as i64));
        ActionRevision {
            revision_id: self.revision,
            revision_change_id: self.change_identifier,
            created_at: created_at.unwrap_or(now),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutionDetails {
    pub summary: Option<String>,
    pub external_execution_id: Option<String>,
    pub percent_complete: Option<u8>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    check_output_size(&input.output_variables)
        .map_err(|exceeded| Rejection::OutputVariablesSizeExceeded(exceeded.to_string()))?;
    if input.continuation_token.is_some() && !input.output_variables.is_empty() {
        let message = "A job that goes on has no output variables yet: give either a continuationToken or \
                       outputVariables.";
        return Err(Rejection::Validation(message.to_owned()).into());
    }
    let success = JobSuccess {
        continuation_token: input.continuation_token,
        output_variables: input.output_variables,
        summary: input.execution_details.summary,
        external_execution_id: input.execution_details.external_execution_id,
        percent_complete: input.execution_details.percent_complete,
        current_revision: input.current_revision.map(|revision| revision.at(platform.clock.now())),
    };
    platform.report_job(&input.job_id, Claimant::Account, JobReport::Succeeded(success)).await?;
    Ok(json!({}))
}
