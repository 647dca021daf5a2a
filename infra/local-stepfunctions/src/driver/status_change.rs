//! "Step Functions Execution Status Change", as EventBridge gets it (Step Functions developer guide,
//! "Automating Step Functions event delivery with EventBridge").

use local_service::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Place;
use crate::interpreter::{Outcome, Start};

/// The event of an execution that has ended. `at` is when.
pub(super) fn ended(place: &Place, start: &Start, outcome: &Outcome, at: Timestamp) -> Value {
    let (error, cause, output) = match outcome {
        Outcome::Succeeded { output } => (None, None, Some(output)),
        Outcome::Failed { error, cause } | Outcome::Aborted { error, cause } => {
            (error.clone(), cause.clone(), None)
        }
        Outcome::TimedOut => (None, None, None),
    };
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, start.execution_arn.as_bytes());
    json!({
        "version": "0",
        "id": id.to_string(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": place.account_id,
        "region": place.region,
        "time": crate::timestamp::format(at),
        "resources": [start.execution_arn],
        "detail": {
            "executionArn": start.execution_arn,
            "stateMachineArn": start.machine_arn,
            "name": start.execution_name,
            "status": outcome.status(),
            "startDate": start.at,
            "stopDate": at,
            "input": start.input,
            "inputDetails": { "included": true },
            "output": output,
            "outputDetails": output.map(|_| json!({ "included": true })),
            "error": error,
            "cause": cause,
        },
    })
}
