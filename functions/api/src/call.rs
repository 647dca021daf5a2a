//! A call after it is known who calls: the operation's output, or why there is none.

use engine::Rejection;
use platform::{Fault, FaultKind, Platform, StoreError};
use serde_json::{Value, json};

use crate::{operations, own};

/// One call of an operation.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `StartPipelineExecution`
    pub operation: String,
    pub input: Value,
    /// Who calls, as histories show it.
    pub caller: String,
    /// Whether CreatePipeline starts the pipeline's first execution, as CodePipeline does and so every request
    /// over HTTP asks for. A caller in this process may want to start it by itself, with variables and source
    /// revisions of its own: `pipewright run` does.
    pub create_starts_execution: bool,
}

/// What goes back over the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// HTTP's.
    pub status: u16,
    /// Null for an operation without output.
    pub body: Value,
}

impl Response {
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: json!({ "__type": code, "message": message }) }
    }
}

/// Answers a call. What broke on our side is the caller's HTTP 500: it may try again.
pub async fn call(platform: &Platform, request: &Request) -> Response {
    let operation = request.operation.as_str();
    let called = match own::name_of(operation) {
        Some(own) => own::call(platform, own, request).await,
        None => operations::call(platform, request).await,
    };
    let Some(called) = called else { return unknown(operation) };
    match called {
        Ok(body) => Response { status: 200, body },
        Err(StoreError::Rejected(rejection)) => refused(&rejection),
        Err(StoreError::Fault(fault)) => {
            tracing::error!(operation, %fault, "the call failed");
            failed(operation, &fault)
        }
    }
}

fn refused(rejection: &Rejection) -> Response {
    Response::error(400, rejection.code(), rejection.message())
}

/// Where the model has an exception for others who write at the same time, that is the answer, in its words.
fn failed(operation: &str, fault: &Fault) -> Response {
    match (fault.kind, operation) {
        (
            FaultKind::Conflict,
            "StartPipelineExecution" | "StopPipelineExecution" | "RetryStageExecution",
        ) => refused(&Rejection::Conflict(
            "Your request cannot be handled because the pipeline is busy handling ongoing activities. Try again later."
                .into(),
        )),
        (
            FaultKind::Conflict,
            "CreatePipeline" | "DeletePipeline" | "TagResource" | "UntagResource" | "CreateCustomActionType"
            | "DeleteCustomActionType" | "PutWebhook" | "UpdatePipeline",
        ) => {
            refused(&Rejection::ConcurrentModification(format!("{fault}. Try again later.")))
        }
        (FaultKind::Throttled, _) => Response::error(400, "ThrottlingException", "Rate exceeded"),
        _ => Response::error(500, "InternalFailure", &fault.to_string()),
    }
}

/// Source: "Common error types" of the API reference.
fn unknown(operation: &str) -> Response {
    let answered = operations::names().join(", ");
    let message = format!("CodePipeline has no operation '{operation}'. It has: {answered}.");
    Response::error(404, "UnknownOperationException", &message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_the_exception_that_the_model_has_for_it_or_a_500() {
        let conflict = || Fault::conflict("others kept writing");
        for (fault, operation, status, code) in [
            (conflict(), "StartPipelineExecution", 400, "ConflictException"),
            (conflict(), "StopPipelineExecution", 400, "ConflictException"),
            (conflict(), "RetryStageExecution", 400, "ConflictException"),
            (conflict(), "CreatePipeline", 400, "ConcurrentModificationException"),
            (conflict(), "DeletePipeline", 400, "ConcurrentModificationException"),
            (conflict(), "CreateCustomActionType", 400, "ConcurrentModificationException"),
            (conflict(), "DeleteCustomActionType", 400, "ConcurrentModificationException"),
            (conflict(), "PutWebhook", 400, "ConcurrentModificationException"),
            (conflict(), "TagResource", 400, "ConcurrentModificationException"),
            (conflict(), "UntagResource", 400, "ConcurrentModificationException"),
            (conflict(), "UpdatePipeline", 400, "ConcurrentModificationException"),
            (conflict(), "PutApprovalResult", 500, "InternalFailure"),
            (Fault::new(FaultKind::Throttled, "slow down"), "GetPipeline", 400, "ThrottlingException"),
            (Fault::unavailable("DynamoDB"), "StartPipelineExecution", 500, "InternalFailure"),
            (Fault::corrupt("a row"), "GetPipelineState", 500, "InternalFailure"),
            (Fault::misconfigured("a table"), "ListPipelines", 500, "InternalFailure"),
        ] {
            let response = failed(operation, &fault);
            assert_eq!(
                (response.status, &response.body["__type"]),
                (status, &json!(code)),
                "{operation}: {fault}"
            );
        }
    }

    #[test]
    fn an_operation_that_does_not_exist_is_told_with_those_that_do() {
        let response = unknown("Lst");
        let message = response.body["message"].as_str().expect("a message");
        assert_eq!((response.status, &response.body["__type"]), (404, &json!("UnknownOperationException")));
        assert!(
            message.contains("has no operation 'Lst'") && message.contains("StartPipelineExecution"),
            "{message}"
        );
    }
}
