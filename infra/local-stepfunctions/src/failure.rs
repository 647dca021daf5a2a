//! An error as a state reports it: a name that `Retry` and `Catch` match on, and a cause.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl Failure {
    pub(crate) fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// A path or a field that cannot be evaluated: always ends the execution.
    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    pub(crate) fn intrinsic(cause: impl Into<String>) -> Self {
        Self::new("States.IntrinsicFailure", cause)
    }

    pub(crate) fn data_limit(what: &str) -> Self {
        Self::new(
            "States.DataLimitExceeded",
            format!("The {what} exceeds the maximum number of bytes service limit."),
        )
    }

    /// The name in the history and in the execution's end: `States.HeartbeatTimeout` "is only
    /// available inside the Catch and Retry fields".
    pub(crate) fn reported_error(&self) -> &str {
        match self.error.as_str() {
            "States.HeartbeatTimeout" => "States.Timeout",
            error => error,
        }
    }

    /// What a catcher puts at its `ResultPath`.
    pub(crate) fn output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }

    /// Whether a name in `ErrorEquals` covers this error.
    ///
    /// `States.Runtime` is covered by nothing: it always fails the execution. `States.ALL` and
    /// `States.TaskFailed` do not cover `States.DataLimitExceeded`, and `States.TaskFailed` covers no
    /// timeout: <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>.
    pub(crate) fn is_covered_by(&self, name: &str) -> bool {
        let is_timeout = matches!(self.error.as_str(), "States.Timeout" | "States.HeartbeatTimeout");
        match (self.error.as_str(), name) {
            ("States.Runtime", _) => false,
            (error, name) if error == name => true,
            ("States.DataLimitExceeded", _) => false,
            ("States.HeartbeatTimeout", "States.Timeout") => true,
            (_, "States.ALL") => true,
            (_, "States.TaskFailed") => !is_timeout,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_what_aws_documents() {
        let cases = [
            ("Custom", "Custom", true),
            ("Custom", "Other", false),
            ("Custom", "States.ALL", true),
            ("Custom", "States.TaskFailed", true),
            ("Lambda.Unknown", "States.TaskFailed", true),
            ("States.Timeout", "States.TaskFailed", false),
            ("States.Timeout", "States.ALL", true),
            ("States.HeartbeatTimeout", "States.Timeout", true),
            ("States.HeartbeatTimeout", "States.TaskFailed", false),
            ("States.Runtime", "States.ALL", false),
            ("States.Runtime", "States.Runtime", false),
            ("States.DataLimitExceeded", "States.ALL", false),
            ("States.DataLimitExceeded", "States.TaskFailed", false),
            ("States.DataLimitExceeded", "States.DataLimitExceeded", true),
            ("States.IntrinsicFailure", "States.ALL", true),
        ];
        for (error, name, covered) in cases {
            assert_eq!(Failure::new(error, "").is_covered_by(name), covered, "{error} by {name}");
        }
    }
}
