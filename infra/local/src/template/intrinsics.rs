//! CloudFormation's intrinsic functions, evaluated.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::TemplateError;

/// What `Ref`, `Fn::GetAtt` and `Fn::If` can see.
pub struct Scope {
    /// Parameters and pseudo parameters; a CommaDelimitedList is a list.
    pub parameters: BTreeMap<String, Value>,
    pub conditions: BTreeMap<String, bool>,
    /// By logical id: what `Ref` gives, and the attributes.
    pub references: BTreeMap<String, Reference>,
}

/// A resource as other resources see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub value: String,
    pub attributes: BTreeMap<&'static str, String>,
}

impl Scope {
    /// `value` without intrinsic functions. `AWS::NoValue` removes the entry that holds it.
    pub fn resolve(&self, value: &Value, path: &str) -> Result<Value, TemplateError> {
        match value {
            Value::Object(object) => match function_call(object) {
                Some((name, argument)) => self.call(name, argument, path),
                None => self.resolve_entries(object, path),
            },
            Value::Array(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    let chosen = self.chosen(item, &path)?;
                    if !is_no_value(chosen) {
                        resolved.push(self.resolve(chosen, &path)?);
                    }
                }
                Ok(Value::Array(resolved))
            }
            scalar => Ok(scalar.clone()),
        }
    }

    fn resolve_entries(&self, object: &Map<String, Value>, path: &str) -> Result<Value, TemplateError> {
        let mut resolved = Map::new();
        for (key, value) in object {
            let path = format!("{path}.{key}");
            let chosen = self.chosen(value, &path)?;
            if !is_no_value(chosen) {
                resolved.insert(key.clone(), self.resolve(chosen, &path)?);
            }
        }
        Ok(Value::Object(resolved))
    }

    /// An `Fn::If` gives one of its branches unresolved, so that `AWS::NoValue` is still seen in it.
    fn chosen<'a>(&self, value: &'a Value, path: &str) -> Result<&'a Value, TemplateError> {
        let Some(("Fn::If", argument)) = value.as_object().and_then(function_call) else { return Ok(value) };
        let [Value::String(condition), yes, no] = list(argument, path)? else {
            return Err(TemplateError::new(path, "Fn::If takes a condition's name and two values"));
        };
        let holds = self
            .conditions
            .get(condition)
            .ok_or_else(|| TemplateError::new(path, format!("there is no condition {condition}")))?;
        self.chosen(if *holds { yes } else { no }, path)
    }

    fn call(&self, name: &str, argument: &Value, path: &str) -> Result<Value, TemplateError> {
        match name {
            "Ref" => self.reference(text(argument, path)?, path),
            "Fn::GetAtt" => match list(argument, path)? {
                [Value::String(resource), Value::String(attribute)] => {
                    self.attribute(resource, attribute, path).map(Value::from)
                }
                _ => Err(TemplateError::new(path, "Fn::GetAtt takes a resource and an attribute")),
            },
            "Fn::Sub" => self.substitute(argument, path).map(Value::from),
            "Fn::Join" => match list(argument, path)? {
                [Value::String(separator), parts] => {
                    let parts = self.resolve(parts, path)?;
                    let parts: Result<Vec<String>, _> =
                        list(&parts, path)?.iter().map(|part| scalar_text(part, path)).collect();
                    Ok(Value::from(parts?.join(separator)))
                }
                _ => Err(TemplateError::new(path, "Fn::Join takes a separator and a list")),
            },
            "Fn::If" => {
                let wrapped = Map::from_iter([(name.to_owned(), argument.clone())]).into();
                let chosen = self.chosen(&wrapped, path)?;
                self.resolve(chosen, path)
            }
            name => Err(TemplateError::unsupported(path, name)),
        }
    }

    fn reference(&self, name: &str, path: &str) -> Result<Value, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        match self.references.get(name) {
            Some(reference) => Ok(Value::from(reference.value.as_str())),
            None => {
                Err(TemplateError::new(path, format!("there is no parameter or resource {name} to refer to")))
            }
        }
    }

    fn attribute(&self, resource: &str, attribute: &str, path: &str) -> Result<String, TemplateError> {
        let reference = self
            .references
            .get(resource)
            .ok_or_else(|| TemplateError::new(path, format!("there is no resource {resource}")))?;
        reference
            .attributes
            .get(attribute)
            .cloned()
            .ok_or_else(|| TemplateError::unsupported(path, format!("the attribute {resource}.{attribute}")))
    }

    fn substitute(&self, argument: &Value, path: &str) -> Result<String, TemplateError> {
        let (template, own) = match argument {
            Value::String(template) => (template, Map::new()),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(template), Value::Object(own)] => (template, own.clone()),
                _ => return Err(TemplateError::new(path, "Fn::Sub takes a text and a map of values")),
            },
            _ => return Err(TemplateError::new(path, "Fn::Sub takes a text")),
        };
        let mut text = String::new();
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| TemplateError::new(path, format!("Fn::Sub {template}: a }} is missing")))?;
            text.push_str(before);
            text.push_str(&self.substitution(name, &own, path)?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn substitution(
        &self,
        name: &str,
        own: &Map<String, Value>,
        path: &str,
    ) -> Result<String, TemplateError> {
        // `${!Literal}` is how a template writes a `${Literal}` that is not CloudFormation's.
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(value) = own.get(name) {
            return scalar_text(&self.resolve(value, path)?, path);
        }
        match name.split_once('.') {
            Some((resource, attribute)) => self.attribute(resource, attribute, path),
            None => scalar_text(&self.reference(name, path)?, path),
        }
    }
}

/// The name and argument when the object is a call of an intrinsic function.
pub(super) fn function_call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    let (name, argument) = entries.next()?;
    let is_call = entries.next().is_none() && (name == "Ref" || name.starts_with("Fn::"));
    is_call.then_some((name.as_str(), argument))
}

fn is_no_value(value: &Value) -> bool {
    let call = value.as_object().and_then(function_call);
    matches!(call, Some(("Ref", Value::String(name))) if name == "AWS::NoValue")
}

pub(super) fn list<'a>(value: &'a Value, path: &str) -> Result<&'a [Value], TemplateError> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| TemplateError::new(path, "must be a list"))
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> Result<&'a str, TemplateError> {
    value.as_str().ok_or_else(|| TemplateError::new(path, "must be a text"))
}

/// CloudFormation takes a number or a boolean where a text is expected.
pub(super) fn scalar_text(value: &Value, path: &str) -> Result<String, TemplateError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(TemplateError::new(path, "must be a text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        let table = Reference {
            value: "orders".into(),
            attributes: BTreeMap::from([("Arn", "arn:table/orders".to_owned())]),
        };
        Scope {
            parameters: BTreeMap::from([
                ("AWS::Region".to_owned(), json!("us-east-1")),
                ("Days".to_owned(), json!(30)),
                ("Buckets".to_owned(), json!(["a", "b"])),
            ]),
            conditions: BTreeMap::from([("Yes".to_owned(), true), ("No".to_owned(), false)]),
            references: BTreeMap::from([("Table".to_owned(), table)]),
        }
    }

    #[test]
    fn functions_and_their_values() {
        for (value, expected) in [
            (json!("plain"), json!("plain")),
            (json!({"Ref": "AWS::Region"}), json!("us-east-1")),
            (json!({"Ref": "Buckets"}), json!(["a", "b"])),
            (json!({"Ref": "Table"}), json!("orders")),
            (json!({"Fn::GetAtt": ["Table", "Arn"]}), json!("arn:table/orders")),
            (
                json!({"Fn::Sub": "${AWS::Region}:${Table}:${Table.Arn}:${Days}"}),
                json!("us-east-1:orders:arn:table/orders:30"),
            ),
            (json!({"Fn::Sub": "${!Literal}"}), json!("${Literal}")),
            (json!({"Fn::Sub": ["${A}-${Table}", {"A": {"Ref": "AWS::Region"}}]}), json!("us-east-1-orders")),
            (json!({"Fn::Join": [",", ["x", {"Ref": "Table"}]]}), json!("x,orders")),
            (json!({"Fn::Join": [",", {"Ref": "Buckets"}]}), json!("a,b")),
            (json!({"Fn::If": ["Yes", {"Ref": "Table"}, 2]}), json!("orders")),
            (json!({"Fn::If": ["No", 1, {"Fn::If": ["Yes", 3, 4]}]}), json!(3)),
            (json!({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "b": 1}), json!({"b": 1})),
            (
                json!([{"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, {"a": {"Ref": "Table"}}]),
                json!([{"a": "orders"}]),
            ),
        ] {
            assert_eq!(scope().resolve(&value, "X"), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_refused_with_its_path() {
        for (value, expected) in [
            (json!({"a": [{"Ref": "Missing"}]}), "X.a[0]: there is no parameter or resource Missing"),
            (json!({"Fn::GetAtt": ["Missing", "Arn"]}), "X: there is no resource Missing"),
            (json!({"Fn::GetAtt": ["Table", "StreamArn"]}), "Table.StreamArn is not supported locally"),
            (json!({"Fn::Sub": "${Missing}"}), "there is no parameter or resource Missing"),
            (json!({"Fn::Sub": "${Table"}), "a } is missing"),
            (json!({"Fn::Sub": "${Buckets}"}), "must be a text"),
            (json!({"Fn::If": ["Maybe", 1, 2]}), "there is no condition Maybe"),
            (json!({"Fn::Select": [0, ["a"]]}), "Fn::Select is not supported locally"),
        ] {
            let error = scope().resolve(&value, "X").expect_err("refused").to_string();
            assert!(error.starts_with("template.yaml: X") && error.contains(expected), "{value}: {error}");
        }
    }
}
