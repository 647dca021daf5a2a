//! What the sender is told.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::execution::PipelineExecutionId;
use platform::http_event::HttpAnswer;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn started(id: &PipelineExecutionId) -> Self {
        Self { status: 200, body: json!({ "pipelineExecutionId": id }) }
    }

    /// The request is fine, and starts nothing.
    pub fn nothing(message: &str) -> Self {
        Self { status: 200, body: json!({ "message": message }) }
    }

    pub fn of(status: u16, rejection: &Rejection) -> Self {
        Self::error(status, rejection.code(), rejection.message())
    }

    pub fn invalid(message: &str) -> Self {
        Self::error(400, "InvalidRequestBodyException", message)
    }

    pub fn denied(message: &str) -> Self {
        Self::error(403, "AccessDeniedException", message)
    }

    pub fn too_large(bytes: usize, bytes_max: usize) -> Self {
        let message = format!("The body has {bytes} bytes; {bytes_max} are allowed.");
        Self::error(413, "RequestEntityTooLargeException", &message)
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: json!({ "__type": code, "message": message }) }
    }

    pub fn text(&self) -> String {
        self.body.to_string()
    }

    pub fn to_http(&self) -> HttpAnswer {
        let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
        HttpAnswer {
            status_code: self.status,
            headers: BTreeMap::from(headers.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            body: self.text(),
            is_base64_encoded: false,
        }
    }
}
