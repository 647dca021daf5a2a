//! A running build: the thin part between the rules (`plan`, `buildspec`, `environment`) and the host.

mod commands;
mod execution;
mod expand;
mod phase_end;
mod recorder;
mod session;
mod source;
mod upload;
mod workspace;

pub use execution::{Order, spawn};
pub use source::is_buildspec_text;
