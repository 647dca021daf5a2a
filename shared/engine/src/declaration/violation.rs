//! One thing that is wrong with a declaration, and what to do about it.

use std::fmt;

use crate::Rejection;

use super::Path;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub path: Path,
    /// Whether the name at the path is wrong, or the value under it.
    pub points_at: PointsAt,
    /// The part of the value that is wrong, where only a part is: a reference in a text.
    pub excerpt: Option<String>,
    pub exception: Exception,
    /// What is wrong, in AWS's words where AWS has words for it.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Which half of `name: value` a violation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsAt {
    Name,
    Value,
}

/// The exceptions that `CreatePipeline` and `UpdatePipeline` give for a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exception {
    /// A value has the wrong JSON type; the request could not be read.
    Serialization,
    /// A constraint of the service model is broken.
    Validation,
    InvalidStructure,
    InvalidStageDeclaration,
    InvalidActionDeclaration,
    InvalidBlockerDeclaration,
}

impl Exception {
    /// The name as `__type` of an error answer has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serialization => "SerializationException",
            Self::Validation => "ValidationException",
            Self::InvalidStructure => "InvalidStructureException",
            Self::InvalidStageDeclaration => "InvalidStageDeclarationException",
            Self::InvalidActionDeclaration => "InvalidActionDeclarationException",
            Self::InvalidBlockerDeclaration => "InvalidBlockerDeclarationException",
        }
    }

    fn rejection(self, message: String) -> Rejection {
        match self {
            Self::Serialization => Rejection::Serialization(message),
            Self::Validation => Rejection::Validation(message),
            Self::InvalidStructure => Rejection::InvalidStructure(message),
            Self::InvalidStageDeclaration => Rejection::InvalidStageDeclaration(message),
            Self::InvalidActionDeclaration => Rejection::InvalidActionDeclaration(message),
            Self::InvalidBlockerDeclaration => Rejection::InvalidBlockerDeclaration(message),
        }
    }
}

impl Violation {
    /// A violation of the value at `path`.
    pub(super) fn new(exception: Exception, path: Path, message: String, help: impl Into<String>) -> Self {
        Self { path, points_at: PointsAt::Value, excerpt: None, exception, message, help: help.into() }
    }

    pub(super) fn structure(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exception::InvalidStructure, path, message.into(), help)
    }

    pub(super) fn stage(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exception::InvalidStageDeclaration, path, message.into(), help)
    }

    pub(super) fn action(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exception::InvalidActionDeclaration, path, message.into(), help)
    }

    /// The same violation, of the name instead of the value.
    pub(super) fn at_name(mut self) -> Self {
        self.points_at = PointsAt::Name;
        self
    }

    /// The same violation, of a part of the value.
    pub(super) fn of_part(mut self, excerpt: String) -> Self {
        self.excerpt = Some(excerpt);
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} ({})", self.path, self.exception.name(), self.message, self.help)
    }
}

/// What the API answers: it reads the request, then checks all constraints together, then the rules one by
/// one.
pub fn first_rejection(violations: &[Violation]) -> Option<Rejection> {
    let of = |exception| violations.iter().filter(move |violation| violation.exception == exception);
    if let Some(unreadable) = of(Exception::Serialization).next() {
        return Some(Rejection::Serialization(unreadable.message.clone()));
    }
    let mut constraints: Vec<&str> = Vec::new();
    for violation in of(Exception::Validation) {
        // Two values of one map break the same constraint of the map.
        if !constraints.contains(&violation.message.as_str()) {
            constraints.push(&violation.message);
        }
    }
    if !constraints.is_empty() {
        let errors = if constraints.len() == 1 { "error" } else { "errors" };
        let count = constraints.len();
        let joined = constraints.join("; ");
        return Some(Rejection::Validation(format!("{count} validation {errors} detected: {joined}")));
    }
    let first = violations.first()?;
    Some(first.exception.rejection(first.message.clone()))
}
