//! ARNs of state machines and executions.

use local_service::ApiError;

use super::errors::invalid_arn;
use crate::driver::Place;

pub(super) fn machine_arn(place: &Place, name: &str) -> String {
    format!("arn:aws:states:{}:{}:stateMachine:{name}", place.region, place.account_id)
}

pub(super) fn execution_arn(place: &Place, machine: &str, name: &str) -> String {
    format!("arn:aws:states:{}:{}:execution:{machine}:{name}", place.region, place.account_id)
}

pub(super) fn check_machine_arn(arn: &str) -> Result<(), ApiError> {
    check(arn, "stateMachine", 7)
}

pub(super) fn check_execution_arn(arn: &str) -> Result<(), ApiError> {
    check(arn, "execution", 8)
}

/// Versions, aliases and map runs have more parts: they are not supported.
fn check(arn: &str, kind: &str, length: usize) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "states", _, _, resource, ..] if *resource == kind && parts.len() == length => Ok(()),
        _ => Err(invalid_arn(arn)),
    }
}
