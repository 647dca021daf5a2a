//! Payload templates: `Parameters`, `ItemSelector`, `ResultSelector`.
//!
//! A field whose name ends in `.$` takes its value from a path or an intrinsic function.

use serde_json::{Map, Value};

use crate::data::Data;
use crate::failure::Failure;
use crate::intrinsic::Call;
use crate::path::JsonPath;
use crate::randomness::Randomness;

#[derive(Debug, Clone)]
pub(crate) enum PayloadTemplate {
    Literal(Value),
    Path { field: String, path: JsonPath },
    Call(Call),
    Object(Vec<(String, PayloadTemplate)>),
    Array(Vec<PayloadTemplate>),
}

/// Where in the template something is wrong, relative to it, and what.
#[derive(Debug)]
pub(crate) struct TemplateProblem {
    pub(crate) path: String,
    pub(crate) message: String,
}

impl PayloadTemplate {
    pub(crate) fn parse(value: &Value) -> Result<Self, TemplateProblem> {
        Self::parse_at(value, "")
    }

    fn parse_at(value: &Value, at: &str) -> Result<Self, TemplateProblem> {
        let template = match value {
            Value::Object(fields) => {
                let entries = fields.iter().map(|(name, value)| parse_field(name, value, at));
                Self::Object(entries.collect::<Result<_, _>>()?)
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| Self::parse_at(item, &format!("{at}[{index}]")));
                Self::Array(items.collect::<Result<_, _>>()?)
            }
            _ => Self::Literal(value.clone()),
        };
        Ok(if template.is_constant() { Self::Literal(value.clone()) } else { template })
    }

    /// The value, when nothing in it is to be replaced.
    pub(crate) fn constant(&self) -> Option<&Value> {
        match self {
            Self::Literal(value) => Some(value),
            _ => None,
        }
    }

    fn is_constant(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Path { .. } | Self::Call(_) => false,
            Self::Object(fields) => fields.iter().all(|(_, field)| field.is_constant()),
            Self::Array(items) => items.iter().all(Self::is_constant),
        }
    }

    pub(crate) fn evaluate(&self, data: Data<'_>, random: &mut Randomness) -> Result<Value, Failure> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Path { field, path } => data.find(path).map(|found| found.into_owned()).ok_or_else(|| {
                Failure::runtime(format!(
                    "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
                    path.source, data.input
                ))
            }),
            Self::Call(call) => call.evaluate(data, random),
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (name, template) in fields {
                    object.insert(name.clone(), template.evaluate(data, random)?);
                }
                Ok(Value::Object(object))
            }
            Self::Array(items) => {
                let items = items.iter().map(|item| item.evaluate(data, random));
                items.collect::<Result<_, _>>().map(Value::Array)
            }
        }
    }
}

fn parse_field(name: &str, value: &Value, at: &str) -> Result<(String, PayloadTemplate), TemplateProblem> {
    let path = format!("{at}.{name}");
    let Some(target) = name.strip_suffix(".$") else {
        return Ok((name.to_owned(), PayloadTemplate::parse_at(value, &path)?));
    };
    let Value::String(source) = value else {
        let message =
            "a field whose name ends in '.$' takes a JSONPath or an intrinsic function, as a string";
        return Err(TemplateProblem { path, message: message.to_owned() });
    };
    let template = if source.starts_with('$') {
        JsonPath::parse(source).map(|path| PayloadTemplate::Path { field: name.to_owned(), path })
    } else {
        Call::parse(source).map(PayloadTemplate::Call)
    };
    match template {
        Ok(template) => Ok((target.to_owned(), template)),
        Err(error) => Err(TemplateProblem { path, message: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::data::with_data;

    #[test]
    fn fields_that_end_in_dollar_are_replaced_at_any_depth() {
        let template = json!({
            "fixed": [1, { "id.$": "$.id" }],
            "nested": { "token.$": "$$.Task.Token", "text.$": "States.Format('n={}', $.n)" },
            "all.$": "$",
        });
        let template = PayloadTemplate::parse(&template).expect("the template is fine");
        let input = json!({ "id": "x", "n": 3 });
        let context = json!({ "Task": { "Token": "T" } });
        let value = with_data(&input, &context, |data| template.evaluate(data, &mut Randomness::new("")));
        let expected = json!({
            "fixed": [1, { "id": "x" }],
            "nested": { "token": "T", "text": "n=3" },
            "all": { "id": "x", "n": 3 },
        });
        assert_eq!(value, Ok(expected));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_a_runtime_error_that_names_the_field() {
        let template = PayloadTemplate::parse(&json!({ "a.$": "$.x" })).expect("the template is fine");
        let failure = with_data(&json!({}), &json!({}), |data| {
            template.evaluate(data, &mut Randomness::new("")).expect_err("nothing is at $.x")
        });
        assert_eq!(failure.error, "States.Runtime");
        assert_eq!(
            failure.cause,
            "The JSONPath '$.x' specified for the field 'a.$' could not be found in the input '{}'"
        );
    }

    #[test]
    fn a_wrong_field_is_named_with_its_place() {
        for (template, path) in [
            (json!({ "a": { "b.$": 1 } }), ".a.b.$"),
            (json!({ "a": [{ "b.$": "text" }] }), ".a[0].b.$"),
            (json!({ "b.$": "$.a[" }), ".b.$"),
        ] {
            assert_eq!(PayloadTemplate::parse(&template).expect_err("it is wrong").path, path);
        }
    }
}
