//! Reading an operation's input: all broken constraints in one message, as the service does.

use engine::Rejection;
use engine::declaration::schema::{self, Member, Pattern, Shape, TextRule};
use engine::declaration::{Violation, first_rejection, is_uuid, read_request};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The names of pipelines, stages and actions.
pub(crate) const NAME: Shape = Shape::Text(&schema::NAME);
/// The words of an action type's id.
pub(crate) const CATEGORY: Shape =
    Shape::Word(&["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"]);
pub(crate) const PROVIDER: Shape = Shape::Text(&schema::PROVIDER);
pub(crate) const TYPE_VERSION: Shape = Shape::Text(&schema::TYPE_VERSION);
pub(crate) const EXECUTION_ID: Shape = Shape::Text(&UUID);
pub(crate) const NEXT_TOKEN: Shape = Shape::Text(&TOKEN);

static TOKEN: TextRule = schema::text(1, 2048);

pub(crate) static UUID: TextRule = TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern {
        text: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        allows: "a UUID in lower case",
        matches: is_uuid,
    }),
};

/// `maxResults` of a list.
pub(crate) const fn max_results(maximum: i64) -> Shape {
    Shape::Integer { minimum: 1, maximum: Some(maximum) }
}

/// The members of an input, and what is wrong with them. An input that was not sent is an empty one.
pub(crate) fn read(members: &[Member], input: &Value) -> (Value, Vec<Violation>) {
    match input {
        Value::Null => read_request(members, &json!({})),
        input => read_request(members, input),
    }
}

/// The typed input of an operation with these members.
///
/// # Errors
/// `Validation` with every broken constraint, `Serialization` for a value of another JSON type.
pub(crate) fn parse<T: DeserializeOwned>(members: &[Member], input: &Value) -> Result<T, Rejection> {
    let (usable, violations) = read(members, input);
    match first_rejection(&violations) {
        Some(rejection) => Err(rejection),
        None => serde_json::from_value(usable).map_err(|error| Rejection::Serialization(error.to_string())),
    }
}

#[cfg(test)]
mod tests;
