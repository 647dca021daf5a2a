//! What a user declares: CodePipeline's `PipelineDeclaration`, member for member.
//!
//! The structs follow the service model `codepipeline/2015-07-09`; serialising one gives back what was
//! read, and what was omitted stays omitted. Defaults are in accessors (`run_order()`), never in fields.

mod action;
mod check;
mod conditions;
mod constraints;
mod path;
mod patterns;
mod pipeline;
mod rules;
pub mod schema;
mod secrets;
mod stage;
mod stages_read;
mod suggestion;
mod triggers;
mod violation;
mod watched_sources;

pub use action::{
    ActionDeclaration, ActionTypeId, EnvironmentVariable, EnvironmentVariableType, InputArtifact,
    OutputArtifact,
};
pub use check::{Checked, Circumstances, CustomActionTypes, check, validate};
pub use conditions::{
    BeforeEntryConditions, Condition, ConditionResult, FailureConditions, RetryConfiguration, RetryMode,
    RuleDeclaration, RuleTypeId, SuccessConditions,
};
pub use constraints::read_request;
pub use path::{Path, Segment};
pub use patterns::{is_function_arn, is_uuid};
pub use pipeline::{
    ArtifactStore, EncryptionKey, ExecutionMode, PipelineDeclaration, PipelineType, VariableDeclaration,
};
pub use secrets::{Former, HIDDEN, Secrets, take_secrets};
pub use stage::{BlockerDeclaration, StageDeclaration};
pub use suggestion::closest;
pub use triggers::{
    GitConfiguration, GitFilterCriteria, GitPullRequestFilter, GitPushFilter, PullRequestEvent,
    TriggerDeclaration,
};
pub use violation::{Exception, PointsAt, Violation, first_rejection};
pub use watched_sources::{WaitsFor, Watch, WatchedSource};

#[cfg(test)]
mod tests;
