//! A declaration as it is compared: without what the service adds, and without what goes without saying.

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::{Map, Value};

use crate::json::to_json;

/// The declaration as JSON, without its version number, and without empty members and defaults: GetPipeline of AWS
/// writes out what a file leaves out, and that is no difference.
pub(crate) fn normal(declaration: &PipelineDeclaration) -> Value {
    let mut value = to_json(declaration);
    if let Value::Object(members) = &mut value {
        members.remove("version");
    }
    without_defaults(value)
}

fn without_defaults(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, without_defaults(value)));
            let kept = members.filter(|(name, value)| !is_empty(value) && !is_default(name, value));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_defaults).collect()),
        scalar => scalar,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn is_default(name: &str, value: &Value) -> bool {
    match name {
        "runOrder" => value == 1,
        "executionMode" => value == "SUPERSEDED",
        _ => false,
    }
}
