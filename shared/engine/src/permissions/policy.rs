//! A policy document as people write it.

use serde_json::{Map, Value};

use super::Statement;

/// The only version with which IAM's documents are written today.
const VERSION: &str = "2012-10-17";

/// The statements of a policy document. The error says where it is not understood.
pub fn policy_statements(document: &Value) -> Result<Vec<Statement>, String> {
    let Value::Object(fields) = document else { return Err("a policy document is an object".into()) };
    check(fields)?;
    let statements = match fields.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => return Err("Statement is missing".into()),
    };
    let read = statements.iter().enumerate().map(|(index, statement)| {
        Statement::parse(statement).map_err(|problem| format!("Statement[{index}]: {problem}"))
    });
    read.collect()
}

fn check(fields: &Map<String, Value>) -> Result<(), String> {
    if let Some(field) = fields.keys().find(|field| !matches!(field.as_str(), "Version" | "Id" | "Statement"))
    {
        return Err(format!("{field} is no field of a policy document"));
    }
    match fields.get("Version") {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(format!("Version has to be \"{VERSION}\"")),
    }
}
