//! What is wrong with a buildspec, and where.

use std::fmt;

/// `path` is the place in the document (`phases.build.commands[2]`), empty for the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildspecError {
    pub path: String,
    /// From 1; 0 when the place is not known.
    pub line: u64,
    pub column: u64,
    pub message: String,
}

impl fmt::Display for BuildspecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for BuildspecError {}
