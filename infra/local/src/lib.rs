//! The local stack: what `template.yaml` describes, in one process, and the `pipewright` command.

pub mod cli;
pub mod connector;
mod data_directory;
pub mod events;
pub mod functions;
pub mod invoker;
pub mod permissions;
pub mod pipeline_source;
pub mod resources;
pub mod run;
pub mod stack;
pub mod template;

pub use data_directory::{DataDirectory, DataDirectoryError};
pub use stack::{ApiFailure, LocalStack, Options};
