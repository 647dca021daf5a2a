//! `States.Format`, `States.StringToJson`, `States.StringSplit`.

use serde_json::Value;

use super::evaluate::Refusal;

/// A literal between quotes: a backslash takes the next character as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

/// Each `{}` takes the next value: a string as it is, anything else as JSON.
pub(super) fn format(template: &str, values: &[Value]) -> Result<Value, Refusal> {
    let mut characters = template.chars().peekable();
    let mut values = values.iter();
    let mut text = String::with_capacity(template.len());
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '{' if characters.peek() == Some(&'}') => {
                characters.next();
                match values.next() {
                    Some(Value::String(value)) => text.push_str(value),
                    Some(value) => text.push_str(&value.to_string()),
                    None => return Err("there are more '{}' than values".to_owned()),
                }
            }
            '{' | '}' => return Err(format!("'{character}' in the template must be escaped with '\\'")),
            _ => text.push(character),
        }
    }
    match values.next() {
        None => Ok(text.into()),
        Some(_) => Err("there are more values than '{}'".to_owned()),
    }
}

pub(super) fn string_to_json(text: &str) -> Result<Value, Refusal> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| format!("the string is not JSON: {error}"))
}

/// Each character of `separators` separates; empty pieces are left out.
pub(super) fn split(text: &str, separators: &str) -> Value {
    if separators.is_empty() {
        return Value::Array(vec![text.into()]);
    }
    let pieces = text.split(|character| separators.contains(character));
    pieces.filter(|piece| !piece.is_empty()).map(Value::from).collect()
}
