//! The buildspec: from text to a value that holds only what can be run here.
//!
//! Pure. All that CodeBuild knows and this runner does not is refused while parsing, with its place
//! in the file; what may be ignored without a difference for the user becomes a notice, which the
//! build logs.
//!
//! Source of the syntax: "Build specification reference for CodeBuild" in the CodeBuild user guide.

mod artifacts;
mod batch;
mod cache;
mod document;
mod env;
mod error;
mod node;
mod parse;
mod phases;
mod report_format;
mod reports;
mod secret_reference;
mod value;

#[cfg(test)]
pub use batch::TaskEnvironment;
pub use batch::{Batch, BatchTask};
pub use document::{
    ArtifactFiles, Buildspec, CacheFiles, OnFailure, PhaseCommands, ReportFiles, Retry, SecretReference,
    SecretVariable, Shell,
};
pub use env::is_variable_name;
pub use error::BuildspecError;
pub use parse::{parse, parse_for_batch};
pub use report_format::ReportFormat;
pub use secret_reference::secrets_manager_reference;

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod tests;
