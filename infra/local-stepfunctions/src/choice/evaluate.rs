//! A rule over a state's data.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Kind, Operand, Operator, Property, Rule, Test, wildcard};
use crate::data::Data;
use crate::failure::Failure;
use crate::path::JsonPath;
use crate::timestamp;

impl Rule {
    pub(crate) fn holds(&self, data: Data<'_>) -> Result<bool, Failure> {
        match self {
            Self::And(rules) => {
                for rule in rules {
                    if !rule.holds(data)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(rules) => {
                for rule in rules {
                    if rule.holds(data)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(rule) => rule.holds(data).map(|holds| !holds),
            Self::Test { variable, test } => test.holds(variable, data),
        }
    }
}

impl Test {
    fn holds(&self, variable: &JsonPath, data: Data<'_>) -> Result<bool, Failure> {
        let found = data.find(variable);
        if let Self::Is { property: Property::Present, expected } = self {
            return Ok(found.is_some() == *expected);
        }
        let value = found.ok_or_else(|| invalid_path(variable))?;
        match self {
            Self::Is { property, expected } => Ok(property.fits(&value) == *expected),
            Self::Matches(pattern) => Ok(value.as_str().is_some_and(|text| wildcard::matches(pattern, text))),
            Self::Compare { kind, operator, operand: Operand::Literal(operand) } => {
                Ok(operator.accepts(kind.order(&value, operand)))
            }
            Self::Compare { kind, operator, operand: Operand::Path(path) } => {
                let operand = data.find(path).ok_or_else(|| invalid_path(path))?;
                Ok(operator.accepts(kind.order(&value, &operand)))
            }
        }
    }
}

fn invalid_path(path: &JsonPath) -> Failure {
    Failure::runtime(format!(
        "Invalid path '{}': The choice state's condition path references an invalid value.",
        path.source
    ))
}

impl Property {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Null => value.is_null(),
            Self::Numeric => value.is_number(),
            Self::Present => true,
            Self::String => value.is_string(),
            Self::Timestamp => value.as_str().is_some_and(|text| timestamp::parse(text).is_some()),
        }
    }
}

impl Kind {
    /// `None` when a value is not of this kind: every comparison is then false.
    fn order(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Numeric => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
            Self::String => Some(left.as_str()?.cmp(right.as_str()?)),
            Self::Timestamp => {
                Some(timestamp::parse(left.as_str()?)?.cmp(&timestamp::parse(right.as_str()?)?))
            }
        }
    }
}

impl Operator {
    fn accepts(self, order: Option<Ordering>) -> bool {
        let Some(order) = order else { return false };
        match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::GreaterThan => order.is_gt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}
