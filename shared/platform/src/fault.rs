//! We or AWS broke. Never the user's mistake (that is a `Rejection`), never an action that did not
//! succeed (that is an ordinary outcome).

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The names that the state machine's Retry and Catch match on: a contract, so they are spelt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Somebody else wrote at the same time, again and again.
    Conflict,
    /// AWS asked us to slow down.
    Throttled,
    /// AWS did not answer, or answered with an error of its own.
    Unavailable,
    /// What was stored is not what was written.
    Corrupt,
    /// A permission, a table or a variable is missing: somebody has to mend the deployment.
    Misconfigured,
}

impl FaultKind {
    /// The `errorType` of the function's answer.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Conflict => "Conflict",
            Self::Throttled => "Throttled",
            Self::Unavailable => "Unavailable",
            Self::Corrupt => "Corrupt",
            Self::Misconfigured => "Misconfigured",
        }
    }
}

#[derive(Debug)]
pub struct Fault {
    pub kind: FaultKind,
    message: String,
    /// AWS said what is wrong, and the message has it.
    names_its_cause: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), names_its_cause: true, source: None }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, message)
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Unavailable, message)
    }

    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Corrupt, message)
    }

    pub fn misconfigured(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Misconfigured, message)
    }

    /// An AWS call that failed; `what` says what was being done.
    pub fn of_call<E, R>(what: &str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let code = error.as_service_error().and_then(|e| e.code()).unwrap_or_default().to_owned();
        let detail = error.as_service_error().and_then(|e| e.message()).unwrap_or_default().to_owned();
        Self {
            kind: kind_of(&code),
            names_its_cause: !code.is_empty(),
            message: match (code.as_str(), detail.as_str()) {
                ("", _) => what.to_owned(),
                (code, "") => format!("{what}: {code}"),
                (code, detail) => format!("{what}: {code}: {detail}"),
            },
            source: Some(Box::new(error)),
        }
    }
}

fn kind_of(code: &str) -> FaultKind {
    match code {
        "ThrottlingException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "TooManyRequestsException" => FaultKind::Throttled,
        "TransactionConflictException" | "TransactionInProgressException" => FaultKind::Conflict,
        "AccessDenied"
        | "AccessDeniedException"
        | "ResourceNotFoundException"
        | "NoSuchBucket"
        | "ValidationException"
        | "StateMachineDoesNotExist" => FaultKind::Misconfigured,
        _ => FaultKind::Unavailable,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.names_its_cause {
            return Ok(());
        }
        let mut cause = self.source.as_deref().map(|e| e as &dyn Error).and_then(Error::source);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
