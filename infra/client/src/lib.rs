//! The commands that speak with a Pipewright service, here or on AWS, through the CodePipeline API.
//!
//! The official SDK is the only way in: these commands know no embedded service, no data directory and no key. Who
//! runs them says where the service is, as a [`Connection`]. What is shown is made by pure functions from what the
//! SDK answers; reading, asking and printing are at the edge.

mod api;
mod arguments;
mod clock;
mod command;
mod commands;
mod completion;
mod connection;
mod declaration;
mod execution;
mod exit;
mod failure;
mod json;
mod logs;
mod own_operation;
pub mod progress;
mod resolve;
mod service_keys;
mod session;
mod terminal;
mod text;
mod watch;

pub use arguments::{ConnectionArguments, DEFAULT_DATA_DIRECTORY};
pub use command::{Command, run};
pub use completion::{CompletionArguments, completion};
pub use connection::Connection;
pub use exit::Exit;
pub use service_keys::{
    NoServiceKeys, ServiceAddress, ServiceKeys, configured_region, region_of_endpoint, service_endpoint,
    service_keys,
};
pub use text::{harmless, told};

#[cfg(test)]
mod tests;
