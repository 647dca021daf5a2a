//! JSON to rules, once, when a machine is created.

use serde_json::Value;

use super::{Kind, Operand, Operator, Property, Rule, Test};
use crate::definition::{Fields, Problems};
use crate::path::JsonPath;
use crate::timestamp;

const PROPERTIES: [(&str, Property); 6] = [
    ("IsBoolean", Property::Boolean),
    ("IsNull", Property::Null),
    ("IsNumeric", Property::Numeric),
    ("IsPresent", Property::Present),
    ("IsString", Property::String),
    ("IsTimestamp", Property::Timestamp),
];

const KINDS: [(&str, Kind); 4] = [
    ("Boolean", Kind::Boolean),
    ("Numeric", Kind::Numeric),
    ("String", Kind::String),
    ("Timestamp", Kind::Timestamp),
];

const OPERATORS: [(&str, Operator); 5] = [
    ("Equals", Operator::Equals),
    ("LessThan", Operator::LessThan),
    ("GreaterThan", Operator::GreaterThan),
    ("LessThanEquals", Operator::LessThanEquals),
    ("GreaterThanEquals", Operator::GreaterThanEquals),
];

/// Reads a rule's operators from `fields`; `Next` and `Comment` are the caller's.
pub(crate) fn parse_rule(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Rule> {
    for (name, combine) in [("And", Rule::And as fn(Vec<Rule>) -> Rule), ("Or", Rule::Or)] {
        if let Some(value) = fields.take(name) {
            return parse_list(value, &fields.place(name), problems).map(combine);
        }
    }
    if let Some(value) = fields.take("Not") {
        let rule = parse_nested(value, &fields.place("Not"), problems)?;
        return Some(Rule::Not(Box::new(rule)));
    }
    let variable = fields.required_path("Variable", problems)?;
    let operators: Vec<String> = fields.unread().filter(|name| !is_plain(name)).map(str::to_owned).collect();
    let [operator] = operators.as_slice() else {
        let count = operators.len();
        problems.add(fields.at(), format!("a rule needs exactly one comparison, this one has {count}"));
        for name in &operators {
            fields.take(name);
        }
        return None;
    };
    let place = fields.place(operator);
    let value = fields.take(operator)?;
    match parse_test(operator, value) {
        Ok(test) => Some(Rule::Test { variable, test }),
        Err(message) => {
            problems.add(&place, message);
            None
        }
    }
}

fn is_plain(name: &str) -> bool {
    matches!(name, "Next" | "Comment" | "Variable" | "Assign" | "Output")
}

fn parse_list(value: &Value, at: &str, problems: &mut Problems) -> Option<Vec<Rule>> {
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        problems.add(at, "must be an array of at least one rule");
        return None;
    };
    let items = items.iter().enumerate();
    items.map(|(index, item)| parse_nested(item, &format!("{at}[{index}]"), problems)).collect()
}

fn parse_nested(value: &Value, at: &str, problems: &mut Problems) -> Option<Rule> {
    let mut fields = Fields::of(value, at, problems)?;
    fields.take("Comment");
    let rule = parse_rule(&mut fields, problems);
    fields.finish("a rule inside And, Or or Not", problems);
    rule
}

fn parse_test(operator: &str, value: &Value) -> Result<Test, String> {
    if let Some((_, property)) = PROPERTIES.iter().find(|(name, _)| *name == operator) {
        let expected = value.as_bool().ok_or("must be true or false")?;
        return Ok(Test::Is { property: *property, expected });
    }
    if operator == "StringMatches" {
        let pattern = value.as_str().ok_or("must be a string")?;
        return Ok(Test::Matches(pattern.to_owned()));
    }
    let (comparison, is_path) = match operator.strip_suffix("Path") {
        Some(comparison) => (comparison, true),
        None => (operator, false),
    };
    let unknown = || format!("'{operator}' is no comparison of Step Functions");
    let (prefix, kind) = KINDS.iter().find(|(name, _)| comparison.starts_with(name)).ok_or_else(unknown)?;
    let suffix = &comparison[prefix.len()..];
    let (_, operator) = OPERATORS.iter().find(|(name, _)| *name == suffix).ok_or_else(unknown)?;
    if *kind == Kind::Boolean && *operator != Operator::Equals {
        return Err(unknown());
    }
    let operand = if is_path {
        let path = value.as_str().ok_or("must be a JSONPath, as a string")?;
        Operand::Path(JsonPath::parse(path).map_err(|error| error.to_string())?)
    } else {
        check_literal(*kind, value)?;
        Operand::Literal(value.clone())
    };
    Ok(Test::Compare { kind: *kind, operator: *operator, operand })
}

fn check_literal(kind: Kind, value: &Value) -> Result<(), String> {
    let (fits, what) = match kind {
        Kind::Boolean => (value.is_boolean(), "true or false"),
        Kind::Numeric => (value.is_number(), "a number"),
        Kind::String => (value.is_string(), "a string"),
        Kind::Timestamp => (
            value.as_str().is_some_and(|text| timestamp::parse(text).is_some()),
            "an RFC 3339 timestamp such as 2026-01-31T12:00:00Z",
        ),
    };
    if fits { Ok(()) } else { Err(format!("must be {what}")) }
}
