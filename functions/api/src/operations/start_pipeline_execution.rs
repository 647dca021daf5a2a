//! StartPipelineExecution: a new execution of the current version.

use engine::Rejection;
use engine::decide::{ClientRequest, Event, EventKind, ExecutionRequested};
use engine::declaration::PipelineDeclaration;
use engine::declaration::schema::{
    self, Member, Pattern, Shape, TextRule, list_of, optional, patterned, required, text,
};
use engine::execution::{PipelineExecutionId, SourceRevisionOverride, SourceRevisionType, StateKey, Trigger};
use engine::variables::{VariablesProblem, resolve_pipeline_variables};
use platform::store::PipelineHead;
use platform::{Fault, Platform, StoreError, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};
use crate::pipelines::pipeline;

pub(super) static MEMBERS: &[Member] = &[
    required("name", NAME),
    optional("variables", list_of(1, 50, &VARIABLE)),
    optional("clientRequestToken", Shape::Text(&CLIENT_REQUEST_TOKEN)),
    optional("sourceRevisions", list_of(0, 50, &SOURCE_REVISION)),
];
static VARIABLE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&schema::VARIABLE_NAME)),
    required("value", Shape::Text(&schema::VARIABLE_VALUE)),
]);
static SOURCE_REVISION: Shape = Shape::Structure(&[
    required("actionName", NAME),
    required(
        "revisionType",
        Shape::Word(&["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"]),
    ),
    required("revisionValue", Shape::Text(&REVISION)),
]);
static REVISION: TextRule = text(1, 1500);
static CLIENT_REQUEST_TOKEN: TextRule = patterned(
    1,
    128,
    Pattern {
        text: "^[a-zA-Z0-9-]+$",
        allows: "letters, digits and -",
        matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
    },
);

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
    let input: Input = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &input.name).await?;
    let client_request = client_request(&head, &input);
    if let Some(id) = already_started(platform, &input, client_request.as_ref()).await? {
        return Ok(json!({ "pipelineExecutionId": id }));
    }
    let version = platform.store.pipeline_version(&input.name, head.version).await?;
    let version = version.ok_or_else(|| {
        Fault::corrupt(format!(
            "version {} of the pipeline '{}' is not in the store",
            head.version, input.name
        ))
    })?;
    check_overrides(&version.declaration, &input.source_revisions)?;
    let given: Vec<_> = input.variables.iter().map(|v| (v.name.clone(), v.value.clone())).collect();
    let requested = ExecutionRequested {
        source_revision_overrides: input.source_revisions.clone(),
        client_request: client_request.clone(),
        ..requested(&version.declaration, &given, "StartPipelineExecution", &request.caller)?
    };
    let id = requested.execution_id.clone();
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

/// The first execution of a pipeline, which its creation starts.
pub(super) fn first_of(declaration: &PipelineDeclaration, caller: &str) -> Result<Event, Rejection> {
    let requested = requested(declaration, &[], "CreatePipeline", caller)?;
    Ok(Event { key: StateKey::pipeline(&declaration.name), kind: EventKind::ExecutionRequested(requested) })
}

fn requested(
    declaration: &PipelineDeclaration,
    given: &[(String, String)],
    trigger_type: &str,
    caller: &str,
) -> Result<ExecutionRequested, Rejection> {
    let variables = match resolve_pipeline_variables(declaration.variables(), given) {
        Ok(variables) => Ok(variables),
        Err(VariablesProblem::Missing { summary }) => Err(summary),
        Err(VariablesProblem::Rejected(rejection)) => return Err(rejection),
    };
    Ok(ExecutionRequested {
        execution_id: ids::pipeline_execution_id(),
        trigger: Trigger { trigger_type: trigger_type.to_owned(), trigger_detail: caller.to_owned() },
        variables,
        source_revision_overrides: Vec::new(),
        client_request: None,
    })
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

/// The token, and what it was sent with: among it, which of the pipelines that had this name was meant.
fn client_request(head: &PipelineHead, input: &Input) -> Option<ClientRequest> {
    let token = input.client_request_token.clone()?;
    let body = json!([input.name, head.created_at, input.variables, input.source_revisions]);
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
