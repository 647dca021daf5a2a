//! Where the template cannot be understood, and what to do.

use std::fmt;

/// `path` is the place in the template (`Resources.ApiFunction.Properties.Timeout`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    pub path: String,
    pub problem: String,
}

impl TemplateError {
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }

    pub(super) fn unsupported(path: impl Into<String>, what: impl fmt::Display) -> Self {
        Self::new(path, format!("{what} is not supported locally"))
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "template.yaml: {}", self.problem)
        } else {
            write!(f, "template.yaml: {}: {}", self.path, self.problem)
        }
    }
}

impl std::error::Error for TemplateError {}
