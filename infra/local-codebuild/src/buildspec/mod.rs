//! The buildspec: from text to a value that holds only what can be run here.
//!
//! Pure. All that CodeBuild knows and this runner does not is refused while parsing, with its place
//! in the file; what may be ignored without a difference for the user becomes a notice, which the
//! build logs.
//!
//! Source of the syntax: "Build specification reference for CodeBuild" in the CodeBuild user guide.

mod artifacts;
mod document;
mod error;
mod node;
mod parse;
mod phases;

pub use document::{ArtifactFiles, Buildspec, OnFailure, PhaseCommands, Shell};
pub use error::BuildspecError;
pub use parse::{is_variable_name, parse};

#[cfg(test)]
mod tests;
