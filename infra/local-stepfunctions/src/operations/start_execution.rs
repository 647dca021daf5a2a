//! StartExecution.

use std::sync::Arc;

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::execution_arn;
use super::errors::{broken, invalid};
use super::input::check_name;
use super::state_machines::find;
use crate::driver::Inner;
use crate::interpreter::{DATA_LIMIT_BYTES, Start};
use crate::timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartExecution {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
    #[serde(rename = "traceHeader")]
    _trace_header: Option<String>,
}

pub(super) fn start(service: &Arc<Inner>, input: StartExecution) -> Result<Value, ApiError> {
    let text = input.input.unwrap_or_else(|| "{}".to_owned());
    if text.len() > DATA_LIMIT_BYTES {
        return Err(invalid(format!("input must have length less than or equal to {DATA_LIMIT_BYTES}")));
    }
    if let Err(error) = serde_json::from_str::<Value>(&text) {
        let message = format!("Invalid State Machine Execution Input: '{error}'");
        return Err(ApiError::client("InvalidExecutionInput", message));
    }
    if let Some(name) = &input.name {
        check_name(name)?;
    }
    let name = input
        .name
        .unwrap_or_else(|| uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string());
    service.starts_one_by_one(|| start_named(service, &input.state_machine_arn, name, text))
}

fn start_named(
    service: &Arc<Inner>,
    machine_arn: &str,
    name: String,
    input: String,
) -> Result<Value, ApiError> {
    let machine = find(service, machine_arn)?;
    let arn = execution_arn(&service.place, &machine.name, &name);
    if let Some(existing) = service.summary(&arn) {
        let same = existing.stopped_at.is_none()
            && service.look(&arn, |execution| execution.started_with().input == input).map_err(broken)?
                == Some(true);
        if same {
            return Ok(started(&arn, existing.started_at));
        }
        let message = format!("Execution Already Exists: '{arn}'");
        return Err(ApiError::client("ExecutionAlreadyExists", message));
    }
    let at = service.clock.now();
    let start = Start {
        execution_arn: arn.clone(),
        execution_name: name,
        machine_arn: machine.arn,
        machine_name: machine.name,
        role_arn: machine.role_arn,
        region: service.place.region.clone(),
        input,
        seed: format!("{:032x}", rand::random::<u128>()),
        at,
    };
    service.start(&machine.definition, start).map_err(broken)?;
    Ok(started(&arn, at))
}

fn started(arn: &str, at: local_service::Timestamp) -> Value {
    json!({ "executionArn": arn, "startDate": timestamp::api(at) })
}
