//! The local stack: what `template.yaml` describes, in one process, and the `pipewright` command.

pub mod backup;
pub mod cli;
pub mod connector;
pub mod credentials;
mod data_directory;
pub mod doctor;
pub mod events;
pub mod forwarding;
pub mod functions;
pub mod gateway;
pub mod hook;
pub mod invoker;
pub mod local_connection;
pub mod login;
pub mod permissions;
pub mod pipeline_source;
pub mod pushes;
pub mod resources;
pub mod run;
pub mod sandbox;
pub mod stack;
mod streams;
pub mod template;
pub mod up;

pub use data_directory::{DataDirectory, DataDirectoryError};
pub use stack::{ApiFailure, LocalStack, Options};
