//! What has to be done after a decision: plain data, delivered at least once.

use serde::{Deserialize, Serialize};

use super::{ActionOutcome, Event};
use crate::execution::StageInput;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Effect {
    /// Run one attempt of a stage. The name makes a second delivery harmless: Step Functions refuses it.
    StartStateMachine { name: String, input: StageInput },
    /// The attempt was abandoned.
    StopStateMachine { name: String, cause: String },
    /// An action has ended: its state machine goes on. A failed action completes its task too; only
    /// crashes and timeouts are errors of the state machine.
    CompleteTask { action_execution_id: String, task_token: String, outcome: ActionOutcome },
    /// Tell another state of the same pipeline.
    Raise(Box<Event>),
}

impl Effect {
    /// The same for every delivery of the same effect, and for no other.
    pub fn idempotency_key(&self) -> String {
        match self {
            Self::StartStateMachine { name, .. } => format!("start/{name}"),
            Self::StopStateMachine { name, .. } => format!("stop/{name}"),
            Self::CompleteTask { action_execution_id, task_token, .. } => {
                format!("complete/{action_execution_id}/{}", short(task_token))
            }
            Self::Raise(event) => format!("raise/{}", event.identity()),
        }
    }
}

/// Task tokens are long; their digest tells them apart as well.
fn short(token: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, token.as_bytes()).simple().to_string()
}
