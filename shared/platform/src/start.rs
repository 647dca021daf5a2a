//! How an execution starts, whoever asks for it: the API, a schedule, a change of a source.

use engine::Rejection;
use engine::decide::{ClientRequest, Event, EventKind, ExecutionRequested};
use engine::declaration::PipelineDeclaration;
use engine::execution::{
    PipelineExecutionId, SourceRevisionOverride, StateKey, Trigger, check_source_revisions,
};
use engine::variables::{VariablesProblem, resolve_pipeline_variables};
use serde_json::json;

use crate::store::PipelineHead;
use crate::{Fault, Platform, StoreError, artifacts, ids};

/// An execution that somebody wants.
#[derive(Debug, Clone)]
pub struct Start {
    pub pipeline_name: String,
    /// Values of the pipeline's variables, by name.
    pub variables: Vec<(String, String)>,
    pub source_revisions: Vec<SourceRevisionOverride>,
    /// Two starts with one token are one.
    pub client_request_token: Option<String>,
    pub trigger: Trigger,
}

impl Platform {
    /// Starts an execution of the current version, or finds the one that this token has started.
    ///
    /// # Errors
    /// What CodePipeline answers to StartPipelineExecution.
    pub async fn start_pipeline_execution(&self, start: &Start) -> Result<PipelineExecutionId, StoreError> {
        let name = &start.pipeline_name;
        let head = self.store.pipeline(name).await?.ok_or_else(|| self.no_pipeline(name))?;
        let client_request = client_request(&head, start);
        if let Some(id) = self.already_started(name, client_request.as_ref()).await? {
            return Ok(id);
        }
        let version = self.store.pipeline_version(name, head.version).await?.ok_or_else(|| {
            Fault::corrupt(format!("version {} of the pipeline '{name}' is not in the store", head.version))
        })?;
        check_source_revisions(&version.declaration, &start.source_revisions)?;
        let requested = ExecutionRequested {
            source_revision_overrides: start.source_revisions.clone(),
            client_request: client_request.clone(),
            ..requested(&version.declaration, &start.variables, start.trigger.clone())?
        };
        let id = requested.execution_id.clone();
        let event = Event { key: StateKey::pipeline(name), kind: EventKind::ExecutionRequested(requested) };
        match self.tell(&event).await {
            Ok(_) => Ok(id),
            // Somebody with the same token may have been faster; then the answer is theirs.
            Err(StoreError::Fault(fault)) => {
                let started = self.already_started(name, client_request.as_ref()).await?;
                started.ok_or_else(|| fault.into())
            }
            Err(rejected) => Err(rejected),
        }
    }

    fn no_pipeline(&self, name: &str) -> Rejection {
        let account = &self.config.account_id;
        Rejection::PipelineNotFound(format!(
            "Account '{account}' does not have a pipeline with name '{name}'"
        ))
    }

    async fn already_started(
        &self,
        pipeline_name: &str,
        request: Option<&ClientRequest>,
    ) -> Result<Option<PipelineExecutionId>, StoreError> {
        let Some(request) = request else { return Ok(None) };
        match self.store.client_request(pipeline_name, &request.token).await? {
            Some((id, digest)) if digest == request.digest => Ok(Some(id)),
            Some(_) => Err(Rejection::Validation(format!(
                "The clientRequestToken '{}' was used for another request. Use a new one.",
                request.token
            ))
            .into()),
            None => Ok(None),
        }
    }
}

/// The token, and what it was sent with: among it, which of the pipelines that had this name was meant.
fn client_request(head: &PipelineHead, start: &Start) -> Option<ClientRequest> {
    let token = start.client_request_token.clone()?;
    let variables: Vec<_> =
        start.variables.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let body = json!([start.pipeline_name, head.created_at, variables, start.source_revisions]);
    Some(ClientRequest { token, digest: artifacts::sha256(body.to_string().as_bytes()) })
}

/// The first execution of a pipeline, which its creation starts.
///
/// # Errors
/// Values that the pipeline's variables do not take.
pub fn first_execution(declaration: &PipelineDeclaration, caller: &str) -> Result<Event, Rejection> {
    let trigger = Trigger { trigger_type: "CreatePipeline".to_owned(), trigger_detail: caller.to_owned() };
    let requested = requested(declaration, &[], trigger)?;
    Ok(Event { key: StateKey::pipeline(&declaration.name), kind: EventKind::ExecutionRequested(requested) })
}

fn requested(
    declaration: &PipelineDeclaration,
    given: &[(String, String)],
    trigger: Trigger,
) -> Result<ExecutionRequested, Rejection> {
    let variables = match resolve_pipeline_variables(declaration.variables(), given) {
        Ok(variables) => Ok(variables),
        Err(VariablesProblem::Missing { summary }) => Err(summary),
        Err(VariablesProblem::Rejected(rejection)) => return Err(rejection),
    };
    Ok(ExecutionRequested {
        execution_id: ids::pipeline_execution_id(),
        trigger,
        variables,
        source_revision_overrides: Vec::new(),
        client_request: None,
    })
}
