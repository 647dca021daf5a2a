//! The CodePipeline API: one file per operation, named after it.
//!
//! An operation takes the API's JSON and answers with the API's JSON or with one of CodePipeline's
//! exceptions. Operations that are not here are refused by name.

mod input;
mod operations;
mod output;

use engine::Rejection;
use platform::{Fault, Platform, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use operations::names;

/// One call, after whoever calls is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// `StartPipelineExecution`
    pub operation: String,
    pub input: Value,
    /// Who calls, as histories show it.
    pub caller: String,
}

/// What goes back over the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    pub body: Value,
}

/// Answers a call. Faults are the caller's HTTP 500: it may try again.
pub async fn handle(platform: Platform, request: Request) -> Result<Response, Fault> {
    match operations::call(&platform, &request).await {
        Ok(body) => Ok(Response { status: 200, body }),
        Err(StoreError::Rejected(rejection)) => Ok(refused(&rejection)),
        Err(StoreError::Fault(fault)) => {
            tracing::error!(operation = request.operation, %fault, "the call failed");
            let body = json!({ "__type": "InternalFailure", "message": fault.to_string() });
            Ok(Response { status: 500, body })
        }
    }
}

fn refused(rejection: &Rejection) -> Response {
    Response { status: 400, body: json!({ "__type": rejection.code(), "message": rejection.message() }) }
}
