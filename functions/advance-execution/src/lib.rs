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
            let event = Event { key, kind: EventKind::ActionLost(lost.clone()) };
            match platform.tell(&event).await {
                Ok(committed) if committed.is_written => told_of(&lost),
                Ok(_) | Err(StoreError::Rejected(_)) => {}
                Err(StoreError::Fault(fault)) => return Err(fault),
            }
            Ok(json!({}))
        }
    }
}

/// An alarm of template.yaml counts the lines with `lost_work`: an action failed, and neither its work nor its time
/// limit is why.
fn told_of(lost: &ActionLost) {
    let action = &lost.action.action_execution_id;
    match lost.error.as_str() {
        OUT_OF_TIME => tracing::info!(action, "an action did not end within its timeout"),
        error => tracing::error!(lost_work = 1, action, error, "an action was lost"),
    }
}

/// Step Functions' name of it.
const OUT_OF_TIME: &str = "States.Timeout";

/// The execution has ended for good meanwhile.
fn nothing_more(stage: StageRef, rejection: &engine::Rejection) -> StageInput {
    tracing::warn!(stage = stage.workflow_name(), %rejection, "a stage's question came too late");
    StageInput { stage, actions: Vec::new() }
}
