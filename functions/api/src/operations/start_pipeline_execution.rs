//! StartPipelineExecution: a new execution of the current version.

use engine::Rejection;
use engine::decide::{ClientRequest, Event, EventKind, ExecutionRequested};
use engine::declaration::PipelineDeclaration;
use engine::execution::{PipelineExecutionId, SourceRevisionOverride, SourceRevisionType, StateKey, Trigger};
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
    source_revisions: Vec<SourceRevisionOverride>,
    #[serde(default)]
    client_request_token: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Variable {
    name: String,
    value: String,
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
    check_overrides(&declaration, &input.source_revisions)?;
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
        source_revision_overrides: input.source_revisions.clone(),
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

/// An override has to be of a type that its action takes (user guide, "Source revision overrides").
fn check_overrides(
    declaration: &PipelineDeclaration,
    overrides: &[SourceRevisionOverride],
) -> Result<(), Rejection> {
    for wanted in overrides {
        let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let action = actions.find(|action| action.is_source() && action.name == wanted.action_name);
        let action = action.ok_or_else(|| {
            Rejection::Validation(format!("The pipeline has no source action '{}'.", wanted.action_name))
        })?;
        let provider = action.action_type_id.provider.as_str();
        let is_taken = match wanted.revision_type {
            SourceRevisionType::CommitId => matches!(provider, "CodeCommit" | "CodeStarSourceConnection"),
            SourceRevisionType::ImageDigest => provider == "ECR",
            SourceRevisionType::S3ObjectVersionId => provider == "S3",
            SourceRevisionType::S3ObjectKey => {
                let allowed = action.configuration("AllowOverrideForS3ObjectKey");
                provider == "S3" && allowed.is_some_and(|value| value.eq_ignore_ascii_case("true"))
            }
        };
        if !is_taken {
            let wanted_type = serde_json::to_value(wanted.revision_type).unwrap_or_default();
            return Err(Rejection::Validation(format!(
                "The source action '{}' ({provider}) does not take a revision of the type {wanted_type}.",
                action.name
            )));
        }
    }
    Ok(())
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
