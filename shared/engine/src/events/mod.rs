//! State-change events: what CodePipeline tells EventBridge of pipelines, stages and actions.
//!
//! They are derived from a decision, so that nothing changes without its event and no event tells of what did not
//! change. Whoever commits the decision writes them into the same item; they are published from there.
//!
//! Source: CodePipeline user guide, "Monitoring CodePipeline events". Of a stage that is skipped, of conditions and of
//! rules no event is documented, and there is none; nor of executions that end because their pipeline is deleted.

mod derive;
mod detail;
mod retries;
mod state_change;

pub use derive::state_changes;
pub use detail::ActionFacts;
pub use retries::{Retried, RetriedExecutions};
pub use state_change::{ActionEventState, ExecutionEventState, StageEventState, StateChange, Subject};

#[cfg(test)]
mod tests;
