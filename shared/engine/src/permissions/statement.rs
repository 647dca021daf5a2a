//! Policy statements and the decision over them.

use serde_json::{Map, Value};

use super::{Permission, wildcard::matches};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// One statement of an identity policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
}

/// What IAM answers: a Deny wins, and what nobody allows is denied too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    DeniedByStatement,
    NotAllowed,
}

/// IAM compares actions without case and resources with it.
pub fn evaluate(statements: &[Statement], asked: &Permission) -> Decision {
    let mut decision = Decision::NotAllowed;
    for statement in statements.iter().filter(|statement| statement.covers(asked)) {
        match statement.effect {
            Effect::Deny => return Decision::DeniedByStatement,
            Effect::Allow => decision = Decision::Allowed,
        }
    }
    decision
}

impl Statement {
    /// For whoever owns everything.
    pub fn allow_everything() -> Self {
        Self { sid: None, effect: Effect::Allow, actions: vec!["*".into()], resources: vec!["*".into()] }
    }

    /// Reads a statement whose intrinsic functions are resolved. The error says what is not understood.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let Value::Object(fields) = value else { return Err("a statement is an object".into()) };
        for field in fields.keys() {
            if !matches!(field.as_str(), "Sid" | "Effect" | "Action" | "Resource") {
                return Err(format!(
                    "{field} is not supported: write the statement with Effect, Action and Resource"
                ));
            }
        }
        let effect = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("Effect must be Allow or Deny".into()),
        };
        let statement = Self {
            sid: fields.get("Sid").and_then(Value::as_str).map(str::to_owned),
            effect,
            actions: one_or_many(fields, "Action")?,
            resources: one_or_many(fields, "Resource")?,
        };
        if let Some(variable) = statement.resources.iter().find(|resource| resource.contains("${")) {
            return Err(format!("Resource {variable}: policy variables are not supported"));
        }
        Ok(statement)
    }

    fn covers(&self, asked: &Permission) -> bool {
        let action = asked.action.to_ascii_lowercase();
        self.actions.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
            && self.resources.iter().any(|pattern| matches(pattern, &asked.resource))
    }
}

fn one_or_many(fields: &Map<String, Value>, field: &str) -> Result<Vec<String>, String> {
    let text = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("{field} must be a text or a list of texts"))
    };
    match fields.get(field) {
        None => Err(format!("{field} is missing")),
        Some(Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => Ok(vec![text(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_is_allowed_what() {
        let allow =
            json!({"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"});
        let deny = json!({"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::b/secret/*"]});
        let statements: Vec<_> =
            [allow, deny].iter().map(|value| Statement::parse(value).expect("understood")).collect();
        for (what, action, resource, expected) in [
            ("an allowed action", "s3:GetObject", "arn:aws:s3:::b/k", Decision::Allowed),
            ("an action in other case", "S3:getobject", "arn:aws:s3:::b/k", Decision::Allowed),
            ("another action", "s3:DeleteObject", "arn:aws:s3:::b/k", Decision::NotAllowed),
            ("another resource", "s3:GetObject", "arn:aws:s3:::c/k", Decision::NotAllowed),
            ("a resource in other case", "s3:GetObject", "arn:aws:s3:::B/k", Decision::NotAllowed),
            ("the bucket itself", "s3:GetObject", "arn:aws:s3:::b", Decision::NotAllowed),
            ("a Deny over an Allow", "s3:GetObject", "arn:aws:s3:::b/secret/k", Decision::DeniedByStatement),
        ] {
            assert_eq!(evaluate(&statements, &Permission::new(action, resource)), expected, "{what}");
        }
        assert_eq!(evaluate(&[], &Permission::new("s3:GetObject", "*")), Decision::NotAllowed);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let base = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        for (field, value, expected) in [
            ("Condition", json!({"Bool": {}}), "Condition is not supported"),
            ("NotAction", json!("s3:*"), "NotAction is not supported"),
            ("Principal", json!("*"), "Principal is not supported"),
            ("Effect", json!("Maybe"), "Effect must be"),
            ("Action", json!(3), "Action must be"),
            ("Resource", json!("arn:aws:s3:::b/${aws:username}/*"), "policy variables"),
        ] {
            let mut statement = base.clone();
            statement[field] = value;
            let problem = Statement::parse(&statement).expect_err(field);
            assert!(problem.contains(expected), "{field}: {problem}");
        }
    }
}
