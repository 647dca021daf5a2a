//! StartPipelineExecution: a new execution of the current version.

use engine::Rejection;
use engine::decide::{ClientRequest, Event, EventKind, ExecutionRequested};
use engine::execution::{PipelineExecutionId, SourceRevision, StateKey, Trigger};
use engine::variables::{VariablesProblem, resolve_pipeline_variables};
use platform::{Platform, StoreError, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_pipeline, parse};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    name: String,
    #[serde(default)]
    variables: Vec<Variable>,
    #[serde(default)]
    source_revisions: Vec<Override>,
    #[serde(default)]
    client_request_token: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Override {
    action_name: String,
    revision_type: String,
    revision_value: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(&request.input)?;
    let head = platform.store.pipeline(&input.name).await?.ok_or_else(|| no_such_pipeline(&input.name))?;
    let client_request = client_request(&input);
    if let Some(id) = already_started(platform, &input, client_request.as_ref()).await? {
        return Ok(json!({ "pipelineExecutionId": id }));
    }
    let version = platform.store.pipeline_version(&input.name, head.version).await?;
    let declaration = version.ok_or_else(|| no_such_pipeline(&input.name))?.declaration;
    let given: Vec<_> = input.variables.iter().map(|v| (v.name.clone(), v.value.clone())).collect();
    let variables = match resolve_pipeline_variables(declaration.variables(), &given) {
        Ok(variables) => Ok(variables),
        Err(VariablesProblem::Missing { summary }) => Err(summary),
        Err(VariablesProblem::Rejected(rejection)) => return Err(rejection.into()),
    };
    let id = ids::pipeline_execution_id();
    let requested = ExecutionRequested {
        execution_id: id.clone(),
        trigger: Trigger {
            trigger_type: "StartPipelineExecution".into(),
            trigger_detail: request.caller.clone(),
        },
        variables,
        source_revision_overrides: input.source_revisions.iter().map(revision).collect(),
        client_request: client_request.clone(),
    };
    let event =
        Event { key: StateKey::pipeline(&input.name), kind: EventKind::ExecutionRequested(requested) };
    match platform.tell(&event).await {
        Ok(_) => Ok(json!({ "pipelineExecutionId": id })),
        // Somebody with the same token may have been faster; then the answer is theirs.
        Err(StoreError::Fault(fault)) => {
            match already_started(platform, &input, client_request.as_ref()).await? {
                Some(id) => Ok(json!({ "pipelineExecutionId": id })),
                None => Err(fault.into()),
            }
        }
        Err(rejected) => Err(rejected),
    }
}

fn revision(given: &Override) -> SourceRevision {
    SourceRevision {
        action_name: given.action_name.clone(),
        revision_id: Some(given.revision_value.clone()),
        revision_summary: None,
        revision_url: None,
    }
}

/// The token, and what it was sent with.
fn client_request(input: &Input) -> Option<ClientRequest> {
    let token = input.client_request_token.clone()?;
    let body = json!([input.name, input.variables, input.source_revisions]);
    Some(ClientRequest { token, digest: platform::artifacts::sha256(body.to_string().as_bytes()) })
}

async fn already_started(
    platform: &Platform,
    input: &Input,
    request: Option<&ClientRequest>,
) -> Result<Option<PipelineExecutionId>, StoreError> {
    let Some(request) = request else { return Ok(None) };
    match platform.store.client_request(&input.name, &request.token).await? {
        Some((id, digest)) if digest == request.digest => Ok(Some(id)),
        Some(_) => Err(Rejection::Validation(format!(
            "The clientRequestToken '{}' was used for another request. Use a new one.",
            request.token
        ))
        .into()),
        None => Ok(None),
    }
}
