//! What the user asked for cannot be: each variant is a CodePipeline exception.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An exception of the CodePipeline API with its message. The variant's name plus `Exception` is the
/// exception's name in AWS's service model; HTTP status 400; never retried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    ActionExecutionNotFound(String),
    ActionNotFound(String),
    ActionTypeAlreadyExists(String),
    ActionTypeNotFound(String),
    ApprovalAlreadyCompleted(String),
    ConcurrentModification(String),
    ConcurrentPipelineExecutionsLimitExceeded(String),
    ConditionNotOverridable(String),
    Conflict(String),
    DuplicatedStopRequest(String),
    InvalidActionDeclaration(String),
    InvalidApprovalToken(String),
    InvalidArn(String),
    InvalidBlockerDeclaration(String),
    InvalidClientToken(String),
    InvalidJob(String),
    InvalidJobState(String),
    InvalidNextToken(String),
    InvalidNonce(String),
    InvalidStageDeclaration(String),
    InvalidStructure(String),
    InvalidTags(String),
    InvalidWebhookAuthenticationParameters(String),
    InvalidWebhookFilterPattern(String),
    JobNotFound(String),
    LimitExceeded(String),
    NotLatestPipelineExecution(String),
    OutputVariablesSizeExceeded(String),
    PipelineExecutionNotFound(String),
    PipelineExecutionNotStoppable(String),
    PipelineExecutionOutdated(String),
    PipelineNameInUse(String),
    PipelineNotFound(String),
    PipelineVersionNotFound(String),
    RequestFailed(String),
    ResourceNotFound(String),
    /// A value of a request has the wrong JSON type.
    Serialization(String),
    StageNotFound(String),
    StageNotRetryable(String),
    TooManyTags(String),
    UnableToRollbackStage(String),
    Validation(String),
    WebhookNotFound(String),
}

impl Rejection {
    /// The exception's name, as `__type` of an error answer has it.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    pub fn message(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::ActionExecutionNotFound(m) => ("ActionExecutionNotFoundException", m),
            Self::ActionNotFound(m) => ("ActionNotFoundException", m),
            Self::ActionTypeAlreadyExists(m) => ("ActionTypeAlreadyExistsException", m),
            Self::ActionTypeNotFound(m) => ("ActionTypeNotFoundException", m),
            Self::ApprovalAlreadyCompleted(m) => ("ApprovalAlreadyCompletedException", m),
            Self::ConcurrentModification(m) => ("ConcurrentModificationException", m),
            Self::ConcurrentPipelineExecutionsLimitExceeded(m) => {
                ("ConcurrentPipelineExecutionsLimitExceededException", m)
            }
            Self::ConditionNotOverridable(m) => ("ConditionNotOverridableException", m),
            Self::Conflict(m) => ("ConflictException", m),
            Self::DuplicatedStopRequest(m) => ("DuplicatedStopRequestException", m),
            Self::InvalidActionDeclaration(m) => ("InvalidActionDeclarationException", m),
            Self::InvalidApprovalToken(m) => ("InvalidApprovalTokenException", m),
            Self::InvalidArn(m) => ("InvalidArnException", m),
            Self::InvalidBlockerDeclaration(m) => ("InvalidBlockerDeclarationException", m),
            Self::InvalidClientToken(m) => ("InvalidClientTokenException", m),
            Self::InvalidJob(m) => ("InvalidJobException", m),
            Self::InvalidJobState(m) => ("InvalidJobStateException", m),
            Self::InvalidNextToken(m) => ("InvalidNextTokenException", m),
            Self::InvalidNonce(m) => ("InvalidNonceException", m),
            Self::InvalidStageDeclaration(m) => ("InvalidStageDeclarationException", m),
            Self::InvalidStructure(m) => ("InvalidStructureException", m),
            Self::InvalidTags(m) => ("InvalidTagsException", m),
            Self::InvalidWebhookAuthenticationParameters(m) => {
                ("InvalidWebhookAuthenticationParametersException", m)
            }
            Self::InvalidWebhookFilterPattern(m) => ("InvalidWebhookFilterPatternException", m),
            Self::JobNotFound(m) => ("JobNotFoundException", m),
            Self::LimitExceeded(m) => ("LimitExceededException", m),
            Self::NotLatestPipelineExecution(m) => ("NotLatestPipelineExecutionException", m),
            Self::OutputVariablesSizeExceeded(m) => ("OutputVariablesSizeExceededException", m),
            Self::PipelineExecutionNotFound(m) => ("PipelineExecutionNotFoundException", m),
            Self::PipelineExecutionNotStoppable(m) => ("PipelineExecutionNotStoppableException", m),
            Self::PipelineExecutionOutdated(m) => ("PipelineExecutionOutdatedException", m),
            Self::PipelineNameInUse(m) => ("PipelineNameInUseException", m),
            Self::PipelineNotFound(m) => ("PipelineNotFoundException", m),
            Self::PipelineVersionNotFound(m) => ("PipelineVersionNotFoundException", m),
            Self::RequestFailed(m) => ("RequestFailedException", m),
            Self::ResourceNotFound(m) => ("ResourceNotFoundException", m),
            Self::Serialization(m) => ("SerializationException", m),
            Self::StageNotFound(m) => ("StageNotFoundException", m),
            Self::StageNotRetryable(m) => ("StageNotRetryableException", m),
            Self::TooManyTags(m) => ("TooManyTagsException", m),
            Self::UnableToRollbackStage(m) => ("UnableToRollbackStageException", m),
            Self::Validation(m) => ("ValidationException", m),
            Self::WebhookNotFound(m) => ("WebhookNotFoundException", m),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, message) = self.parts();
        write!(f, "{code}: {message}")
    }
}

impl std::error::Error for Rejection {}
