//! A miniature CodeBuild: the API of projects and builds over builds that run on this host.
//!
//! A build does what CodeBuild documents for a buildspec: it fetches and unpacks its
//! sources, runs the phases' commands, stores the artifacts, and says so in events. There is no
//! container: commands run as the current user, with the host's tools, in a directory of their own.
//! So this is for builds that one trusts as one trusts a Makefile.
//!
//! What is not supported is refused when the project or the build is made, or before the build's
//! first command runs, with the place in the buildspec. [`Settings`] says which of the host's
//! environment variables a build sees.

mod artifacts;
mod batch;
mod buildspec;
mod cache;
mod environment;
mod error;
mod events;
mod leftovers;
mod model;
mod moment;
mod names;
mod operations;
mod plan;
mod recovery;
mod reports;
mod run;
mod secrets;
mod service;
mod service_state;
mod settings;
mod store;

#[cfg(test)]
mod tests;

pub use service::LocalCodeBuild;
pub use settings::{Account, HOST_VARIABLES, Home, KeptWorkDirectories, SandboxSettings, Settings};
pub use store::StoreError;
