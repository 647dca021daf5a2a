//! Why a command cannot do what it was asked: what, why, and what to do about it.

mod codes;
mod sdk;

use std::fmt::Write;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::terminal::{Addressed, Look};
use crate::text::harmless;

/// An error as a person or a script is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub exit: Exit,
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The exception of the API.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// Printed as it is in the place of the message: the report of a file has its own form.
    pub report: Option<Box<str>>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { exit, message, help: None, code: None, request_id: None, report: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, message)
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says where nobody answered.
    pub fn at(mut self, endpoint: Option<&str>) -> Self {
        if let (Exit::Unreachable, None, Some(endpoint)) = (self.exit, &self.code, endpoint) {
            self.message = format!("{} ({endpoint})", self.message);
        }
        self
    }

    /// Says what to do so that it can be typed as it stands.
    pub fn complete(self, addressed: &Addressed) -> Self {
        Self { help: self.help.map(|help| addressed.complete(&help)), ..self }
    }

    /// Whether the API answered with this exception.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    pub fn render(&self, look: Look) -> String {
        if let Some(report) = &self.report {
            return report.to_string();
        }
        let mut text =
            format!("{}: {}\n", look.paint(crate::terminal::RED, "error"), harmless(&self.message, false));
        if let Some(help) = &self.help {
            let _ = writeln!(text, "{}: {}", look.bold("help"), harmless(help, false));
        }
        let details = [("", self.code.as_deref()), ("request id ", self.request_id.as_deref())];
        let details: Vec<_> =
            details.iter().filter_map(|(label, text)| Some(format!("{label}{}", (*text)?))).collect();
        if !details.is_empty() {
            let _ = writeln!(text, "{}", look.dim(&format!("({})", harmless(&details.join(", "), false))));
        }
        text
    }

    pub fn to_json(&self) -> Value {
        json!({
            "error": {
                "exitStatus": self.exit.code(),
                "message": self.message,
                "help": self.help,
                "code": self.code,
                "requestId": self.request_id,
            }
        })
    }
}

#[cfg(test)]
mod tests;
