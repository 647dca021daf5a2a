//! Policies of a function or state machine, as statements.

use std::collections::BTreeMap;

use serde_json::Value;

use super::properties::Properties;
use super::{TemplateError, only_on_aws};
use crate::permissions::{Statement, with_leading_keys};

/// Statements of the stack's managed policies, by ARN.
pub(super) type ManagedPolicies = BTreeMap<String, Vec<Statement>>;

/// `Policies` of a SAM resource: policy documents, or the stack's own managed policies.
pub(super) fn attached(
    policies: Option<Value>,
    path: &str,
    managed: &ManagedPolicies,
) -> Result<Vec<Statement>, TemplateError> {
    let policies = match policies {
        None => Vec::new(),
        Some(Value::Array(policies)) => policies,
        Some(one) => vec![one],
    };
    let mut statements = Vec::new();
    for (index, policy) in policies.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        match policy {
            Value::String(arn) => match managed.get(&arn) {
                Some(of_policy) => statements.extend_from_slice(of_policy),
                None => {
                    return Err(TemplateError::new(
                        path,
                        format!("{arn} is not a managed policy of this stack; write the statements out"),
                    ));
                }
            },
            document => statements.extend(document_statements(document, &path)?),
        }
    }
    Ok(statements)
}

/// `{Version, Statement}`.
pub(super) fn document_statements(document: Value, path: &str) -> Result<Vec<Statement>, TemplateError> {
    let mut document = Properties::new(path, document)?;
    document.without_effect(&["Version", "Id"]);
    let path = document.path_of("Statement");
    let statements = match document.take("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    document.finish()?;
    statements
        .iter()
        .enumerate()
        .filter(|(_, statement)| !only_on_aws::is_statement(statement))
        .map(|(index, statement)| {
            Statement::parse(&with_leading_keys(&only_on_aws::without_recipient(statement)))
                .map_err(|problem| TemplateError::new(format!("{path}[{index}]"), problem))
        })
        .collect()
}
