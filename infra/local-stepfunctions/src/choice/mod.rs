//! The rules of a Choice state.

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;
mod wildcard;

use serde_json::Value;

use crate::path::JsonPath;

pub(crate) use parse::parse_rule;

#[derive(Debug)]
pub(crate) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Test { variable: JsonPath, test: Test },
}

#[derive(Debug)]
pub(crate) enum Test {
    Is { property: Property, expected: bool },
    Compare { kind: Kind, operator: Operator, operand: Operand },
    Matches(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Property {
    Boolean,
    Null,
    Numeric,
    Present,
    String,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Numeric,
    String,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Value),
    /// `StringEqualsPath` and the like.
    Path(JsonPath),
}
