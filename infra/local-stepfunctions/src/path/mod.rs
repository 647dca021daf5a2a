//! JSONPath as the Amazon States Language uses it.
//!
//! AWS evaluates paths with a Jayway dialect: a path that can only name one place is *definite* and
//! yields that value; any other path yields the array of what it matched.

mod evaluate;
mod filter;
mod parse;
mod reference;
#[cfg(test)]
mod tests;

pub(crate) use filter::Filter;
pub(crate) use parse::{JsonPath, PathError, Root, Segment};
pub(crate) use reference::ReferencePath;
