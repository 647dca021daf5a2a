//! A state machine's definition: Amazon States Language to types.
//!
//! Everything that can be refused is refused here, with the place in the JSON and what to do, so
//! that an execution meets only what the interpreter knows.

mod fields;
mod flow;
mod graph;
mod machine;
mod retry;
mod state;
#[cfg(test)]
mod tests;
mod work;

pub(crate) use fields::{Fields, Problems};
pub(crate) use machine::{
    Choice, Graph, Kind, Machine, MapWork, Next, Resource, ResultPath, Retrier, Seconds, Selector, State,
    Text, Until,
};
pub use machine::{DefinitionError, validate_definition};
