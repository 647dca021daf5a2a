//! A running build: the thin part between the rules (`plan`, `buildspec`, `environment`) and the host.

mod commands;
mod execution;
mod expand;
mod keep_cache;
mod phase_end;
mod prepare;
mod read_buildspec;
mod recorder;
mod reports;
mod runtimes;
mod sandbox;
mod session;
mod source;
mod upload;
mod workspace;

pub use execution::{Order, StartedBuild, spawn};
pub use phase_end::SERVICE_ENDED;
pub use read_buildspec::is_buildspec_text;
pub use workspace::Workspace;
