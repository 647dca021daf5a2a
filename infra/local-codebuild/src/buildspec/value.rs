//! What a node of the YAML tree may be, in CodeBuild's lenient reading.

use super::node::{Node, Value};
use super::{Buildspec, BuildspecError};

pub(super) fn notice(buildspec: &mut Buildspec, node: &Node, text: &str) {
    buildspec.notices.push(format!("buildspec line {}: {}: {text}", node.line, node.path));
}

pub(super) fn mapping(node: &Node) -> Result<&[(String, Node)], BuildspecError> {
    match &node.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Null => Ok(&[]),
        _ => Err(node.error(format!("must be a mapping, not {}", node.kind()))),
    }
}

/// A list of items. CodeBuild also takes one item in place of a list of one.
pub(super) fn list(node: &Node) -> Result<Vec<Node>, BuildspecError> {
    match &node.value {
        Value::Sequence(items) => Ok(items.clone()),
        Value::Text(_) => Ok(vec![node.clone()]),
        Value::Null => Ok(Vec::new()),
        Value::Mapping(_) => Err(node.error("must be a list, not a mapping")),
    }
}

pub(super) fn text(node: &Node) -> Result<String, BuildspecError> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Mapping(_) => Err(node
            .error("must be a string, not a mapping; put quotes around a text that has a colon and a space")),
        Value::Sequence(_) => Err(node.error("must be a string, not a list")),
    }
}

pub(super) fn flag(node: &Node) -> Result<bool, BuildspecError> {
    match text(node)?.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" | "" => Ok(false),
        other => Err(node.error(format!("must be yes or no, not {other:?}"))),
    }
}

/// A list of texts; empty ones are left out.
pub(super) fn texts(node: &Node) -> Result<Vec<String>, BuildspecError> {
    let items = list(node)?;
    items.iter().map(text).filter(|text| text.as_ref().map_or(true, |text| !text.is_empty())).collect()
}
