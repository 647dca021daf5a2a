//! Text to a call, once, when a machine is created.

use serde_json::Value;

use crate::path::{JsonPath, PathError};

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) source: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Argument {
    /// A string as written between the quotes: `States.Format` gives `\{` a meaning of its own.
    Text(String),
    Literal(Value),
    Path(JsonPath),
    Call(Call),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

/// Name, function, and how many arguments it takes.
const FUNCTIONS: [(&str, Function, usize, usize); 18] = [
    ("States.Format", Function::Format, 1, usize::MAX),
    ("States.StringToJson", Function::StringToJson, 1, 1),
    ("States.JsonToString", Function::JsonToString, 1, 1),
    ("States.Array", Function::Array, 0, usize::MAX),
    ("States.ArrayPartition", Function::ArrayPartition, 2, 2),
    ("States.ArrayContains", Function::ArrayContains, 2, 2),
    ("States.ArrayRange", Function::ArrayRange, 3, 3),
    ("States.ArrayGetItem", Function::ArrayGetItem, 2, 2),
    ("States.ArrayLength", Function::ArrayLength, 1, 1),
    ("States.ArrayUnique", Function::ArrayUnique, 1, 1),
    ("States.Base64Encode", Function::Base64Encode, 1, 1),
    ("States.Base64Decode", Function::Base64Decode, 1, 1),
    ("States.Hash", Function::Hash, 2, 2),
    ("States.JsonMerge", Function::JsonMerge, 3, 3),
    ("States.MathRandom", Function::MathRandom, 2, 3),
    ("States.MathAdd", Function::MathAdd, 2, 2),
    ("States.StringSplit", Function::StringSplit, 2, 2),
    ("States.UUID", Function::Uuid, 0, 0),
];

/// AWS allows ten functions inside each other.
const NESTING_LIMIT: usize = 10;

impl Call {
    pub(crate) fn parse(source: &str) -> Result<Self, PathError> {
        let (call, rest) = parse_call(source.trim(), 1)?;
        if rest.trim().is_empty() {
            Ok(call)
        } else {
            Err(PathError(format!("'{source}' is no intrinsic function: unexpected '{rest}' after it")))
        }
    }
}

fn parse_call(source: &str, depth: usize) -> Result<(Call, &str), PathError> {
    if depth > NESTING_LIMIT {
        return Err(PathError(format!("'{source}': at most {NESTING_LIMIT} functions can be nested")));
    }
    let opening = source.find('(').unwrap_or(source.len());
    let name = source[..opening].trim();
    let Some(&(_, function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        let message = format!("'{source}' is neither a JSONPath nor an intrinsic function of Step Functions");
        return Err(PathError(message));
    };
    let mut rest = source.get(opening + 1..).unwrap_or("").trim_start();
    let mut arguments = Vec::new();
    if let Some(after) = rest.strip_prefix(')') {
        rest = after;
    } else {
        loop {
            let (argument, after) = parse_argument(rest, depth)?;
            arguments.push(argument);
            let after = after.trim_start();
            if let Some(after) = after.strip_prefix(',') {
                rest = after.trim_start();
            } else if let Some(after) = after.strip_prefix(')') {
                rest = after;
                break;
            } else {
                return Err(PathError(format!("'{source}': ',' or ')' is expected at '{after}'")));
            }
        }
    }
    if arguments.len() < least || arguments.len() > most {
        let count = arguments.len();
        return Err(PathError(format!("'{source}': {name} does not take {count} arguments")));
    }
    let length = source.len() - rest.len();
    Ok((Call { function, arguments, source: source[..length].to_owned() }, rest))
}

fn parse_argument(source: &str, depth: usize) -> Result<(Argument, &str), PathError> {
    if source.starts_with('$') {
        let (path, length) = JsonPath::parse_prefix(source)?;
        return Ok((Argument::Path(path), &source[length..]));
    }
    if let Some(text) = source.strip_prefix('\'') {
        return parse_text(text);
    }
    if source.starts_with("States.") {
        let (call, rest) = parse_call(source, depth + 1)?;
        return Ok((Argument::Call(call), rest));
    }
    let length = source.find([',', ')']).unwrap_or(source.len());
    let literal = source[..length].trim();
    match serde_json::from_str(literal) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => {
            Ok((Argument::Literal(value), &source[length..]))
        }
        _ => Err(PathError(format!("'{literal}' is not an argument: strings stand in single quotes"))),
    }
}

fn parse_text(text: &str) -> Result<(Argument, &str), PathError> {
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Ok((Argument::Text(text[..index].to_owned()), &text[index + 1..])),
            _ => {}
        }
    }
    Err(PathError(format!("'{text}': a closing quote is missing")))
}
