//! The stack of template.yaml, wired: its tables, buckets, functions, state machine, rules and schedules
//! in one process over one data directory.

mod callers;
mod definition;
mod error;
mod local_stack;
mod services;
mod state_machine_role;

pub use definition::{ACCOUNT_ID, template};
pub use error::StartError;
pub use local_stack::{ApiFailure, LocalStack, Options};
