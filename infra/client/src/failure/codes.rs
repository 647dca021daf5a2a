//! What the exceptions of the API mean for who called: the exit status, and what to do. The only such table.

use crate::exit::Exit;

/// What an exception leads to.
pub(super) struct Meaning {
    pub exit: Exit,
    pub help: Option<&'static str>,
}

const NOT_ALLOWED: &[&str] = &[
    "AccessDeniedException",
    "AccessDenied",
    "ExpiredTokenException",
    "ExpiredToken",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

const UNREACHABLE: &[&str] = &[
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// Somebody else, or a newer execution, was faster.
const STOPPED: &[&str] = &[
    "ApprovalAlreadyCompletedException",
    "InvalidApprovalTokenException",
    "NotLatestPipelineExecutionException",
    "PipelineExecutionOutdatedException",
];

/// What is asked is wrong at any time, not only now.
const USAGE: &[&str] = &[
    "InvalidActionDeclarationException",
    "InvalidBlockerDeclarationException",
    "InvalidParameterException",
    "InvalidStageDeclarationException",
    "InvalidStructureException",
    "InvalidTagsException",
    "SerializationException",
    "TooManyTagsException",
    "UnknownOperationException",
    "ValidationException",
];

/// `status` is that of HTTP.
pub(super) fn meaning(code: &str, status: u16) -> Meaning {
    let exit = if code.ends_with("NotFoundException") {
        Exit::NotFound
    } else if NOT_ALLOWED.contains(&code) {
        Exit::NotAllowed
    } else if STOPPED.contains(&code) {
        Exit::Stopped
    } else if USAGE.contains(&code) {
        Exit::Usage
    } else if UNREACHABLE.contains(&code) || status == 429 || status >= 500 {
        Exit::Unreachable
    } else if matches!(status, 401 | 403) {
        Exit::NotAllowed
    } else {
        // A refusal as things stand: a conflict, a limit, an execution that cannot be stopped any more.
        Exit::Failed
    };
    Meaning { exit, help: help(code, exit) }
}

fn help(code: &str, exit: Exit) -> Option<&'static str> {
    Some(match code {
        "ExpiredTokenException" | "ExpiredToken" => "renew your credentials, then try again",
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "RequestExpired" => {
            "look at the clock of this machine, and at whose keys these are"
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" => {
            "these keys are of another service: `pipewright credentials` prints those of the one on this machine"
        }
        "AccessDeniedException" | "AccessDenied" => "ask whoever administers the service to allow it",
        "ApprovalAlreadyCompletedException" => {
            "somebody has answered already: see `pipewright history --actions`"
        }
        "InvalidApprovalTokenException" => {
            "what waited is over or has changed: look at it again and answer that"
        }
        "ConcurrentPipelineExecutionsLimitExceededException" => {
            "wait until an execution has ended, or stop one"
        }
        "DuplicatedStopRequestException" => "it is stopping already; --abandon ends what runs at once",
        "PipelineExecutionNotStoppableException" => "it has ended: see `pipewright history`",
        "StageNotRetryableException" => "only a stage that failed in the newest execution can be retried",
        "PipelineNameInUseException" => "`pipewright update FILE` makes the next version of it",
        "ConcurrentModificationException" | "ConflictException" => {
            "somebody changes it at the same time: try again"
        }
        "InsufficientStorage" => "`pipewright doctor` says how it is; what was recorded is kept",
        "UnknownOperationException" => "this service does not answer that operation",
        _ if exit == Exit::Unreachable => "try again in a moment",
        _ => return None,
    })
}
