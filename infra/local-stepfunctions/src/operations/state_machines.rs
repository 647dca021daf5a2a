//! CreateStateMachine, UpdateStateMachine, DescribeStateMachine, ListStateMachines, DeleteStateMachine.

use std::sync::Arc;

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{check_machine_arn, machine_arn};
use super::errors::{broken, invalid, no_machine};
use super::input::check_name;
use super::page;
use crate::definition::Machine;
use crate::driver::Inner;
use crate::store::MachineRecord;
use crate::timestamp;

/// AWS: a definition's text has at most this many characters.
const DEFINITION_LIMIT: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Create {
    name: String,
    definition: String,
    role_arn: String,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    logging_configuration: Option<Value>,
    tracing_configuration: Option<Value>,
    publish: Option<bool>,
    /// Accepted and without effect: no supported operation gives tags back.
    #[serde(rename = "tags")]
    _tags: Option<Value>,
}

pub(super) fn create(service: &Arc<Inner>, input: Create) -> Result<Value, ApiError> {
    check_name(&input.name)?;
    if input.machine_type.is_some_and(|machine_type| machine_type != "STANDARD") {
        let message = "only state machines of the type STANDARD are supported locally";
        return Err(ApiError::client("StateMachineTypeNotSupported", message));
    }
    check_settings(
        input.logging_configuration.as_ref(),
        input.tracing_configuration.as_ref(),
        input.publish,
    )?;
    check_definition(&input.definition)?;
    let arn = machine_arn(&service.place, &input.name);
    let definition = service.keep_definition(&input.definition).map_err(broken)?;
    if let Some(existing) = service.machine(&arn) {
        if existing.definition == definition {
            return Ok(created(&existing));
        }
        let message = format!("State Machine Already Exists: '{arn}'");
        return Err(ApiError::client("StateMachineAlreadyExists", message));
    }
    let created_at = service.clock.now();
    let machine = MachineRecord { arn, name: input.name, role_arn: input.role_arn, definition, created_at };
    let answer = created(&machine);
    service.save_machine(machine).map_err(broken)?;
    Ok(answer)
}

fn created(machine: &MachineRecord) -> Value {
    json!({ "stateMachineArn": machine.arn, "creationDate": timestamp::api(machine.created_at) })
}

fn check_definition(definition: &str) -> Result<(), ApiError> {
    if definition.len() > DEFINITION_LIMIT {
        return Err(invalid(format!("definition must have length less than or equal to {DEFINITION_LIMIT}")));
    }
    Machine::parse(definition).map(drop).map_err(|error| {
        ApiError::client("InvalidDefinition", format!("Invalid State Machine Definition: '{error}'"))
    })
}

fn check_settings(
    logging: Option<&Value>,
    tracing: Option<&Value>,
    publish: Option<bool>,
) -> Result<(), ApiError> {
    if publish == Some(true) {
        return Err(invalid("versions are not supported locally; leave publish out"));
    }
    if logging.is_some_and(|logging| logging.get("level").is_some_and(|level| level != "OFF")) {
        let message = "logs of executions are not supported locally; use GetExecutionHistory";
        return Err(ApiError::client("InvalidLoggingConfiguration", message));
    }
    if tracing.is_some_and(|tracing| tracing.get("enabled") == Some(&Value::Bool(true))) {
        let message = "traces are not supported locally; remove tracingConfiguration";
        return Err(ApiError::client("InvalidTracingConfiguration", message));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Update {
    state_machine_arn: String,
    definition: Option<String>,
    role_arn: Option<String>,
    logging_configuration: Option<Value>,
    tracing_configuration: Option<Value>,
    publish: Option<bool>,
}

/// Running executions keep the definition that they were started with.
pub(super) fn update(service: &Arc<Inner>, input: Update) -> Result<Value, ApiError> {
    let mut machine = find(service, &input.state_machine_arn)?;
    if input.definition.is_none() && input.role_arn.is_none() {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the \
                       TracingConfiguration must be specified";
        return Err(ApiError::client("MissingRequiredParameter", message));
    }
    check_settings(
        input.logging_configuration.as_ref(),
        input.tracing_configuration.as_ref(),
        input.publish,
    )?;
    if let Some(definition) = &input.definition {
        check_definition(definition)?;
        machine.definition = service.keep_definition(definition).map_err(broken)?;
    }
    machine.role_arn = input.role_arn.unwrap_or(machine.role_arn);
    let revision = machine.definition.clone();
    service.save_machine(machine).map_err(broken)?;
    Ok(json!({ "updateDate": timestamp::api(service.clock.now()), "revisionId": revision }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Describe {
    state_machine_arn: String,
    #[serde(rename = "includedData")]
    _included_data: Option<String>,
}

pub(super) fn describe(service: &Arc<Inner>, input: Describe) -> Result<Value, ApiError> {
    let machine = find(service, &input.state_machine_arn)?;
    Ok(json!({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": service.definition_text(&machine).map_err(broken)?,
        "roleArn": machine.role_arn,
        "type": "STANDARD",
        "creationDate": timestamp::api(machine.created_at),
        "loggingConfiguration": { "level": "OFF", "includeExecutionData": false },
        "tracingConfiguration": { "enabled": false },
        "revisionId": machine.definition,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn list(service: &Arc<Inner>, input: List) -> Result<Value, ApiError> {
    let size = page::size(input.max_results)?;
    let after = page::place("stateMachines", input.next_token.as_deref())?;
    let machines = service.machines();
    let mut rest = machines.iter().filter(|machine| after.as_ref().is_none_or(|after| machine.arn > *after));
    let shown: Vec<_> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let items = shown.iter().map(|machine| {
        json!({
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": "STANDARD",
            "creationDate": timestamp::api(machine.created_at),
        })
    });
    let mut answer = json!({ "stateMachines": items.collect::<Vec<_>>() });
    if let (true, Some(last)) = (more, shown.last()) {
        answer["nextToken"] = page::token("stateMachines", &last.arn).into();
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Delete {
    state_machine_arn: String,
}

/// Deleting what does not exist is fine. Running executions are aborted at once; on AWS that happens
/// at their next transition.
pub(super) fn delete(service: &Arc<Inner>, input: Delete) -> Result<Value, ApiError> {
    check_machine_arn(&input.state_machine_arn)?;
    service.delete_machine(&input.state_machine_arn).map_err(broken)?;
    Ok(json!({}))
}

pub(super) fn find(service: &Arc<Inner>, arn: &str) -> Result<MachineRecord, ApiError> {
    check_machine_arn(arn)?;
    service.machine(arn).ok_or_else(|| no_machine(arn))
}
