//! What an action wants of a stack, and what of it is kept while that goes on.

use std::collections::BTreeMap;

use engine::stack_action::{ActionMode, StackOperation};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Template {
    Body(String),
    /// Of an object in S3: the template is too large to be sent.
    Url(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackRequest {
    pub mode: ActionMode,
    pub stack_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_set_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// A JSON document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_policy: Option<String>,
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// In the output artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_file_name: Option<String>,
}

/// The operation that goes on for an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackWork {
    pub request: StackRequest,
    pub operation: StackOperation,
}

impl StackWork {
    pub(super) fn new(request: StackRequest, operation: StackOperation) -> Self {
        Self { request, operation }
    }
}
