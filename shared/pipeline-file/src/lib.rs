//! Pipeline files: JSON or YAML text to a CodePipeline declaration, or a report of everything that is wrong.
//!
//! Takes what `aws codepipeline create-pipeline --cli-input-json` takes and `get-pipeline` prints, and the bare
//! declaration. Every error has its line and column in the file, because the rules of `engine` speak of paths
//! and a person looks at lines. No I/O: who calls has read the file.

mod check;
mod envelope;
mod json;
mod node;
mod report;
mod yaml;

pub use check::{Checked, MAXIMUM_BYTES, Tag, check};
pub use report::{Problem, Report};

#[cfg(test)]
mod tests;
