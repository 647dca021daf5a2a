//! Error names are written in Rust and in the state machine's JSON; both are the same.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::repository::{files, nothing, text_of};

/// What Step Functions' Lambda integration raises when Lambda, and not the function, has failed
/// (Step Functions developer guide, "Handle transient Lambda service exceptions").
const LAMBDA_SERVICE_ERRORS: &[&str] = &[
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "Lambda.TooManyRequestsException",
];

/// Trying again does not mend what is stored wrongly, or deployed wrongly.
const NOT_RETRIED: &[&str] = &["Corrupt", "Misconfigured"];

/// What `FaultKind::error_type` answers.
fn error_types() -> BTreeSet<String> {
    let text = text_of("shared/platform/src/fault.rs");
    let body = text.split("fn error_type").nth(1).and_then(|rest| rest.split("\n    }\n").next());
    let arm = Regex::new(r#"Self::(\w+) => "(\w+)""#).expect("a regular expression");
    arm.captures_iter(body.unwrap_or_default()).map(|found| found[2].to_owned()).collect()
}

fn machines() -> Vec<(&'static str, Value)> {
    let machines = files().iter().filter(|file| file.path.starts_with("infra/statemachines/"));
    let parse = |text: &str| serde_json::from_str(text).expect("a state machine is JSON");
    machines.map(|file| (file.path.as_str(), parse(&file.text))).collect()
}

/// Every object below `value` that has the member `name`.
fn with_member<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            if members.contains_key(name) {
                found.push(value);
            }
            members.values().for_each(|member| with_member(member, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| with_member(item, name, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn errors(clause: &Value) -> impl Iterator<Item = &str> {
    clause["ErrorEquals"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn every_error_of_a_state_machine_is_raised_by_somebody() {
    let ours = error_types();
    assert_eq!(ours.len(), 5, "the error types are read from fault.rs: {ours:?}");
    let mut findings = Vec::new();
    for (path, machine) in machines() {
        let mut clauses = Vec::new();
        with_member(&machine, "ErrorEquals", &mut clauses);
        assert!(!clauses.is_empty(), "{path} handles errors");
        for error in clauses.into_iter().flat_map(errors) {
            let is_known = error.starts_with("States.")
                || LAMBDA_SERVICE_ERRORS.contains(&error)
                || ours.contains(error);
            if !is_known {
                findings.push(format!("{path}: {error}"));
            }
        }
    }
    nothing(findings, "It is neither States.*, nor an error of Lambda, nor a FaultKind::error_type.");
}

#[test]
fn every_fault_that_may_pass_is_retried_wherever_a_function_is_called() {
    let retried: Vec<_> = error_types().into_iter().filter(|e| !NOT_RETRIED.contains(&e.as_str())).collect();
    let mut findings = Vec::new();
    for (path, machine) in machines() {
        let mut tasks = Vec::new();
        with_member(&machine, "Resource", &mut tasks);
        for task in tasks {
            let mut clauses = Vec::new();
            with_member(&task["Retry"], "ErrorEquals", &mut clauses);
            let handled: BTreeSet<_> = clauses.into_iter().flat_map(errors).collect();
            let expected =
                retried.iter().map(String::as_str).chain(LAMBDA_SERVICE_ERRORS[1..].iter().copied());
            let missing =
                expected.filter(|error| !handled.contains(error) && !handled.contains("States.ALL"));
            findings.extend(missing.map(|error| format!("{path}: {}: {error}", task["Resource"])));
        }
    }
    nothing(findings, "A task without this in its Retry loses work to a moment of bad luck.");
}
