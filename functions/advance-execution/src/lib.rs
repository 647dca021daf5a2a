//! The state machine's only question: what follows?
//!
//! `GroupEnded` comes when all actions of a group have ended; the answer is the next group, or nothing. It was decided
//! with the end of the last of them, so the answer is there already.
//! `ActionLost` comes when the state machine gave an action up: its time was over, or its function
//! crashed for good.
//!
//! Permissions: read and write the tables; start and stop the state machine; complete its tasks.

use engine::decide::{ActionLost, Event, EventKind};
use engine::execution::{ActionRef, StageInput, StageRef, group_items};
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

/// What `stage-execution.asl.json` sends.
#[derive(Debug, Deserialize)]
#[serde(tag = "event")]
pub enum Question {
    GroupEnded { stage: StageRef },
    ActionLost { action: ActionRef, error: StatesError },
}

/// An error as Step Functions hands it to a Catch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatesError {
    pub error: String,
    #[serde(default)]
    pub cause: String,
}

/// Commits what happened and answers with the actions to run next.
pub async fn handle(platform: Platform, question: Question) -> Result<Value, Fault> {
    match question {
        Question::GroupEnded { stage } => {
            // What has begun for a workflow stays with it, so that an older state may say so too.
            if let Some(next) = platform.recent_group_after(&stage) {
                return Ok(json!(platform.with_function_names(next)));
            }
            let event = Event { key: stage.key.clone(), kind: EventKind::GroupEnded(stage.clone()) };
            let next = match platform.tell(&event).await {
                Ok(committed) => platform.with_function_names(group_items(&committed.stored.state, &stage)),
                Err(StoreError::Rejected(rejection)) => nothing_more(stage, &rejection),
                Err(StoreError::Fault(fault)) => return Err(fault),
            };
            Ok(json!(next))
        }
        Question::ActionLost { action, error } => {
            let key = action.key.clone();
            let lost = ActionLost { action, error: error.error, cause: error.cause };
            match platform.tell(&Event { key, kind: EventKind::ActionLost(lost) }).await {
                Ok(_) => Ok(json!({})),
                Err(StoreError::Rejected(_)) => Ok(json!({})),
                Err(StoreError::Fault(fault)) => Err(fault),
            }
        }
    }
}

/// The execution has ended for good meanwhile.
fn nothing_more(stage: StageRef, rejection: &engine::Rejection) -> StageInput {
    tracing::warn!(stage = stage.workflow_name(), %rejection, "a stage's question came too late");
    StageInput { stage, actions: Vec::new() }
}
