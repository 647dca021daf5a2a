//! Reads `template.yaml`, the deployed shape, for the local stack.
//!
//! What runs on a laptop has to be what gets deployed, so there is no second list of functions,
//! tables, events and permissions. In two pure steps: parse (YAML with CloudFormation's tags) and
//! resolve (intrinsic functions to values, then a typed [`Stack`]); wiring the stack is somebody
//! else's work. The subset is closed: what is not understood is refused with its path, never ignored.
//! It deliberately does not become a CloudFormation engine.

mod bucket;
mod conditions;
mod error;
mod function;
mod globals;
mod http_api;
mod intrinsics;
mod names;
mod only_on_aws;
mod parse;
mod policies;
mod project;
mod properties;
mod resolve;
mod secret;
mod stack;
mod state_machine;
mod table;
mod triggers;

#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use resolve::load;
pub use stack::{
    Account, Bucket, Function, Index, Key, Project, Route, RouteKey, Rule, ScheduledCall, Secret, Stack,
    StateMachine, StreamReader, Surroundings, Table,
};
