//! `Parameters` and `Conditions`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::TemplateError;
use super::intrinsics::{Scope, list, scalar_text, text};
use super::properties::Properties;
use super::stack::Surroundings;

/// Every parameter with its value, and the pseudo parameters.
pub(super) fn parameters(
    section: Properties,
    surroundings: &Surroundings,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let mut values = BTreeMap::from([
        ("AWS::AccountId".to_owned(), json!(surroundings.account.id)),
        ("AWS::Partition".to_owned(), json!("aws")),
        ("AWS::Region".to_owned(), json!(surroundings.account.region)),
        ("AWS::StackName".to_owned(), json!(surroundings.stack_name)),
        ("AWS::URLSuffix".to_owned(), json!("amazonaws.com")),
    ]);
    let mut given = surroundings.parameters.clone();
    for (name, mut parameter) in section.into_objects()? {
        let kind = parameter.text("Type")?;
        let default = parameter.optional_text("Default")?;
        let allowed = parameter.take("AllowedValues");
        parameter.without_effect(&["Description"]);
        let value = given
            .remove(&name)
            .or(default)
            .ok_or_else(|| parameter.error("Default", "is missing, and no value was given"))?;
        let minimum = parameter.number_or("MinValue", 0)?;
        if kind == "Number" && value.parse().is_ok_and(|value: u64| value < minimum) {
            return Err(parameter.error("MinValue", format!("{value} is less than {minimum}")));
        }
        let is = |allowed: &Value| scalar_text(allowed, "").is_ok_and(|allowed| allowed == value);
        if let Some(Value::Array(allowed)) = allowed
            && !allowed.iter().any(is)
        {
            return Err(parameter.error("AllowedValues", format!("{value} is not allowed")));
        }
        let value = match kind.as_str() {
            "String" | "Number" => json!(value),
            "CommaDelimitedList" => value.split(',').map(str::trim).collect(),
            kind => return Err(TemplateError::unsupported(parameter.path_of("Type"), kind)),
        };
        parameter.finish()?;
        values.insert(name, value);
    }
    match given.into_keys().next() {
        Some(unknown) => {
            Err(TemplateError::new("Parameters", format!("there is no parameter {unknown} to give a value")))
        }
        None => Ok(values),
    }
}

/// Whether each condition holds; `scope` has the parameters.
pub(super) fn conditions(section: &Value, scope: &Scope) -> Result<BTreeMap<String, bool>, TemplateError> {
    let conditions = section.as_object().into_iter().flatten();
    conditions
        .map(|(name, condition)| {
            let holds = holds(condition, section, scope, &format!("Conditions.{name}"))?;
            Ok((name.clone(), holds))
        })
        .collect()
}

fn holds(condition: &Value, all: &Value, scope: &Scope, path: &str) -> Result<bool, TemplateError> {
    // A condition that leads back to itself would never end; templates nest them a few levels.
    const DEPTH_MAX: usize = 10;
    if path.split('.').count() > DEPTH_MAX {
        return Err(TemplateError::new(path, "conditions refer to each other in a circle"));
    }
    let entry = condition.as_object().and_then(|object| object.iter().next());
    let Some((name, argument)) = entry else {
        return Err(TemplateError::new(path, "must be a condition function"));
    };
    let inner = |condition: &Value| holds(condition, all, scope, &format!("{path}.{name}"));
    match name.as_str() {
        "Fn::Equals" => match list(argument, path)? {
            [left, right] => Ok(scope.resolve(left, path)? == scope.resolve(right, path)?),
            _ => Err(TemplateError::new(path, "Fn::Equals takes two values")),
        },
        "Fn::Not" => match list(argument, path)? {
            [condition] => Ok(!inner(condition)?),
            _ => Err(TemplateError::new(path, "Fn::Not takes one condition")),
        },
        "Fn::And" => list(argument, path)?.iter().try_fold(true, |so_far, one| Ok(inner(one)? && so_far)),
        "Fn::Or" => list(argument, path)?.iter().try_fold(false, |so_far, one| Ok(inner(one)? || so_far)),
        "Condition" => {
            let referred = text(argument, path)?;
            let condition = all
                .get(referred)
                .ok_or_else(|| TemplateError::new(path, format!("there is no condition {referred}")))?;
            inner(condition)
        }
        name => Err(TemplateError::unsupported(path, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(condition: Value) -> Result<bool, TemplateError> {
        let scope = Scope {
            parameters: BTreeMap::from([("Stage".to_owned(), json!("prod"))]),
            conditions: BTreeMap::new(),
            references: BTreeMap::new(),
        };
        let section = json!({
            "Production": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "Loop": {"Condition": "Loop"},
            "Asked": condition,
        });
        holds(&section["Asked"], &section, &scope, "Conditions.Asked")
    }

    #[test]
    fn conditions_hold_or_not() {
        let (yes, no) = (json!({"Fn::Equals": [1, 1]}), json!({"Fn::Equals": ["a", "b"]}));
        for (condition, expected) in [
            (json!({"Condition": "Production"}), true),
            (json!({"Fn::Not": [{"Condition": "Production"}]}), false),
            (json!({"Fn::And": [yes, no]}), false),
            (json!({"Fn::And": [yes, yes]}), true),
            (json!({"Fn::Or": [no, yes]}), true),
            (json!({"Fn::Or": [no, no]}), false),
        ] {
            assert_eq!(value_of(condition.clone()), Ok(expected), "{condition}");
        }
        for (condition, expected) in [
            (json!({"Condition": "Loop"}), "in a circle"),
            (json!({"Condition": "Missing"}), "there is no condition Missing"),
            (json!({"Fn::Contains": []}), "Fn::Contains is not supported locally"),
            (json!(true), "must be a condition function"),
        ] {
            let error = value_of(condition.clone()).expect_err("refused").to_string();
            assert!(error.contains(expected), "{condition}: {error}");
        }
    }
}
