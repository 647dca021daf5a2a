//! What is going on in a pipeline: executions, the stage each is in or waits for, their actions.
//!
//! The unit that is read, decided on and written at once is a [`PipelineState`]: all that CodePipeline
//! locks together. For SUPERSEDED and QUEUED pipelines that is the whole pipeline with its live
//! executions; a PARALLEL execution shares nothing, so each has a `PipelineState` of its own.

mod admission;
mod conditions;
mod group;
mod ids;
mod plan;
mod quiet;
mod source_revisions;
mod state;
mod status;

pub(crate) use admission::{arrive, enter, leave, settle};
pub use conditions::{ConditionExecution, ConditionStatus, ConditionType};
pub use group::{ActionItem, StageInput, group_items};
pub(crate) use group::{
    begin_action, begin_group, begin_stage, first_run_order, next_run_order, push_start, start_group,
};
pub use ids::{ActionRef, PipelineExecutionId, StageRef, StateKey, Timestamp, action_execution_id};
pub(crate) use ids::{rollback_execution_id, workflow_name};
pub use plan::{ActionPlan, ConditionPlan, ConditionPlans, FailurePlan, Plan, StagePlan};
pub use quiet::{QuietWorkflow, WorkflowStatus};
pub use source_revisions::{check_source_revisions, source_revision_type};
pub use state::{
    ActionError, ActionExecution, EnabledTransition, Execution, PipelineState, Progress, Retries,
    RetryTrigger, RollbackTarget, SourceRevision, SourceRevisionOverride, SourceRevisionType, StageExecution,
    StageState, Stop, Transition, TransitionKind, Transitions, Trigger,
};
pub use status::{ActionStatus, ExecutionStatus, IllegalTransition, StageStatus};
