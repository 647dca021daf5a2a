//! The text of a secrets file to its values. Its errors say where, and never what stands there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::SecretText;

#[derive(Default)]
pub(crate) struct Document {
    pub secrets: BTreeMap<String, SecretText>,
    pub parameters: BTreeMap<String, Parameter>,
}

pub(crate) enum Parameter {
    SecureString(SecretText),
    /// With commas between.
    StringList(SecretText),
}

/// Reads a document.
///
/// # Errors
/// What is wrong and where, in words that hold nothing of the text itself.
pub(crate) fn parse(text: &str) -> Result<Document, String> {
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    let root: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map(|at| format!(" in line {}, column {}", at.line(), at.column()));
        // The parser's own words may quote the text.
        format!("it is not YAML, or it has a key twice{}", place.unwrap_or_default())
    })?;
    let mut document = Document::default();
    let root = match root {
        Value::Null => Map::new(),
        Value::Object(root) => root,
        _ => return Err("it has to be a mapping with 'secrets' and 'parameters'".into()),
    };
    for (section, entries) in root {
        let entries = match entries {
            Value::Null => Map::new(),
            Value::Object(entries) => entries,
            _ => return Err(format!("'{section}' has to be a mapping of names to values")),
        };
        match section.as_str() {
            "secrets" => {
                for (name, value) in entries {
                    document.secrets.insert(name.clone(), secret(&name, value)?);
                }
            }
            "parameters" => {
                for (name, value) in entries {
                    document.parameters.insert(name.clone(), parameter(&name, value)?);
                }
            }
            other => return Err(format!("there is no section '{other}': write 'secrets' or 'parameters'")),
        }
    }
    Ok(document)
}

fn secret(name: &str, value: Value) -> Result<SecretText, String> {
    match value {
        Value::String(text) => Ok(SecretText::new(text)),
        fields @ Value::Object(_) => Ok(SecretText::new(fields.to_string())),
        _ => Err(format!("the secret '{name}' is neither a text nor a mapping: quote its value")),
    }
}

fn parameter(name: &str, value: Value) -> Result<Parameter, String> {
    let refused = || format!("the parameter '{name}' is neither a text nor a list of texts: quote its value");
    match value {
        Value::String(text) => Ok(Parameter::SecureString(SecretText::new(text))),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
            let items = items.ok_or_else(refused)?;
            Ok(Parameter::StringList(SecretText::new(items.join(","))))
        }
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_texts_or_mappings_and_parameters_texts_or_lists() {
        let document = parse(
            "secrets:\n  a: plain\n  b: {user: u, port: 1}\n  c: '0123'\n\
             parameters:\n  /d: |\n    one\n    two\n  /e: [x, 'y']\n",
        );
        let document = document.ok().unwrap();
        let secrets: Vec<_> =
            document.secrets.iter().map(|(name, text)| (name.as_str(), text.expose())).collect();
        assert_eq!(secrets, [("a", "plain"), ("b", r#"{"port":1,"user":"u"}"#), ("c", "0123")]);
        let texts = document.parameters.values().map(|parameter| match parameter {
            Parameter::SecureString(text) => ("SecureString", text.expose()),
            Parameter::StringList(text) => ("StringList", text.expose()),
        });
        assert_eq!(texts.collect::<Vec<_>>(), [("SecureString", "one\ntwo\n"), ("StringList", "x,y")]);
        for empty in ["", "# nothing yet\n", "secrets:\n", "secrets: {}\nparameters:\n"] {
            assert!(parse(empty).is_ok_and(|document| document.secrets.is_empty()), "{empty:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_its_value() {
        for (text, says) in [
            ("secrets: {a: 12345678}", "the secret 'a' is neither a text nor a mapping: quote its value"),
            ("secrets: {a: true}", "'a'"),
            ("secrets: {a: }", "'a'"),
            ("secrets: {a: [12345678]}", "'a'"),
            ("parameters: {/a: {b: 12345678}}", "the parameter '/a'"),
            ("parameters: {/a: [x, 12345678]}", "the parameter '/a'"),
            ("secrets: 12345678", "'secrets' has to be a mapping"),
            ("12345678", "a mapping with 'secrets'"),
            ("secret: {a: 12345678}", "no section 'secret'"),
            ("secrets: {a: x, a: 12345678}", "a key twice in line 1"),
            ("secrets: {[12345678]: x}", "not YAML"),
            ("secrets:\n  a: \"12345678", "not YAML, or it has a key twice in line"),
            ("secrets:\n  a: 'x' 12345678", "not YAML"),
            ("secrets:\n  a: *12345678", "not YAML"),
            ("secrets:\n  a: !!int x12345678", "not YAML"),
        ] {
            let error = parse(text).err().unwrap_or_else(|| panic!("{text} is refused"));
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains("12345678"), "{text}: {error}");
        }
    }
}
