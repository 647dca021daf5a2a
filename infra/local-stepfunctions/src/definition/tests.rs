use serde_json::{Value, json};

use super::Machine;

fn refusals(definition: &Value) -> Vec<String> {
    Machine::parse(&definition.to_string()).err().map_or_else(Vec::new, |error| error.0)
}

/// A machine whose first state is `state`; `End` is a state that it may go to.
fn machine(state: Value) -> Value {
    json!({ "StartAt": "A", "States": { "A": state } })
}

fn task(more: Value) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName": "f" },
        "End": true,
    });
    for (name, value) in more.as_object().expect("fields") {
        task[name] = value.clone();
    }
    machine(task)
}

fn map(more: Value) -> Value {
    let mut map = json!({
        "Type": "Map",
        "End": true,
        "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } },
    });
    for (name, value) in more.as_object().expect("fields") {
        map[name] = value.clone();
    }
    machine(map)
}

#[test]
fn the_deployed_machine_is_accepted() {
    let source = include_str!("../../../statemachines/stage-execution.asl.json");
    assert!(Machine::parse(source).is_ok());
}

#[test]
fn every_field_of_a_supported_state_is_accepted() {
    let definition = json!({
        "Comment": "all", "Version": "1.0", "TimeoutSeconds": 60, "QueryLanguage": "JSONPath",
        "StartAt": "Task",
        "States": {
            "Task": {
                "Type": "Task", "Comment": "", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
                "InputPath": null, "Parameters": { "a.$": "$" }, "ResultSelector": {}, "ResultPath": "$.r",
                "OutputPath": "$", "TimeoutSecondsPath": "$.t", "HeartbeatSeconds": 5,
                "Retry": [
                    { "ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "MaxAttempts": 0, "BackoffRate": 1.5 },
                    { "ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 9, "JitterStrategy": "NONE" },
                ],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Fail" }],
                "Next": "Choice",
            },
            "Choice": {
                "Type": "Choice",
                "Choices": [{ "Comment": "", "Variable": "$.a", "IsNull": true, "Next": "Map" }],
                "Default": "Parallel",
            },
            "Map": {
                "Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.n", "ItemSelector": {},
                "ItemProcessor": {
                    "ProcessorConfig": { "Mode": "INLINE" },
                    "StartAt": "Wait", "States": { "Wait": { "Type": "Wait", "SecondsPath": "$.s", "End": true } },
                },
                "Next": "Parallel",
            },
            "Parallel": {
                "Type": "Parallel",
                "Branches": [{ "Comment": "", "StartAt": "Pass", "States": { "Pass": { "Type": "Pass", "End": true } } }],
                "End": true,
            },
            "Fail": { "Type": "Fail", "ErrorPath": "$.e", "Cause": "c" },
        },
    });
    assert_eq!(refusals(&definition), Vec::<String>::new());
}

#[test]
fn a_refusal_names_the_place_and_what_to_do() {
    let pass = |more: &str| format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass"{more}}}}}}}"#);
    let cases = [
        (pass(r#","Next":"B""#), "$.States['A'].Next: there is no state 'B' beside this one"),
        (pass(""), "$.States.A: needs exactly one of Next and \"End\": true"),
        (
            pass(r#","Next":"A""#),
            "$.States: no state ends; give one \"End\": true, or add a Succeed or Fail state",
        ),
        (pass(r#","End":true,"Assign":{}"#), "$.States.A.Assign: workflow variables are not supported"),
        (pass(r#","End":true,"Extra":1"#), "$.States.A.Extra: is no field of a Pass state; remove it"),
        (
            pass(r#","End":true,"ResultPath":"$.a[*]""#),
            "$.States.A.ResultPath: '$.a[*]' can name several places",
        ),
        (
            pass(r#","End":true,"Parameters":{"x":{"y.$":"a"}}"#),
            "$.States.A.Parameters.x.y.$: 'a' is neither",
        ),
        ("{".to_owned(), "the definition is not JSON"),
        (r#"{"States":{}}"#.to_owned(), "$: the field StartAt is missing"),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"B b":{"Type":"Succeed"}}}"#.to_owned(),
            "$.States['B b']: no transition leads to this state",
        ),
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#.to_owned(),
            "$.QueryLanguage: only JSONPath is supported",
        ),
        (
            r#"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#.to_owned(),
            "$.StartAt: there is no state 'B'",
        ),
        (machine(json!({ "Type": "Loop" })).to_string(), "$.States.A.Type: 'Loop' is none of Pass, Task"),
        (
            machine(json!({ "Type": "Wait", "End": true })).to_string(),
            "$.States.A: a Wait state needs exactly one of",
        ),
    ];
    assert_refused(&cases);
}

#[test]
fn a_refused_task_or_map_names_the_field() {
    let cases = [
        (
            task(json!({ "Resource": "arn:aws:states:::sqs:sendMessage" })).to_string(),
            "$.States.A.Resource: 'arn:aws:states:::sqs:sendMessage' is not supported; use",
        ),
        (task(json!({ "Parameters": {} })).to_string(), "$.States.A.Parameters: the field FunctionName is missing"),
        (
            task(json!({ "Parameters": { "FunctionName": "f", "Qualifier": "1" } })).to_string(),
            "$.States.A.Parameters.Qualifier: only FunctionName and Payload are supported",
        ),
        (
            task(json!({ "TimeoutSeconds": 5, "HeartbeatSeconds": 5 })).to_string(),
            "$.States.A.HeartbeatSeconds: must be less than TimeoutSeconds",
        ),
        (
            task(json!({ "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t" })).to_string(),
            "$.States.A.TimeoutSecondsPath: cannot stand beside TimeoutSeconds",
        ),
        (
            task(json!({ "Retry": [{ "ErrorEquals": ["States.ALL", "A"] }] })).to_string(),
            "$.States.A.Retry[0].ErrorEquals: States.ALL must stand alone and in the last entry",
        ),
        (
            task(json!({ "Catch": [{ "ErrorEquals": [], "Next": "A" }] })).to_string(),
            "$.States.A.Catch[0].ErrorEquals: must be an array of at least one error name",
        ),
        (
            map(json!({ "ItemReader": {} })).to_string(),
            "$.States.A.ItemReader: Distributed Map is not supported",
        ),
        (
            map(json!({ "ItemProcessor": {
                "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
                "StartAt": "I", "States": { "I": { "Type": "Succeed" } },
            } }))
            .to_string(),
            "$.States.A.ItemProcessor.ProcessorConfig.Mode: Distributed Map is not supported",
        ),
        (
            map(json!({ "ItemProcessor": { "StartAt": "A", "States": { "A": { "Type": "Succeed" } } } })).to_string(),
            "$.States['A'].ItemProcessor.States['A']: another state has the same name",
        ),
        (
            machine(json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": "1", "Next": "A" }] }))
                .to_string(),
            "$.States.A.Choices[0].NumericEquals: must be a number",
        ),
    ];
    assert_refused(&cases);
}

fn assert_refused(cases: &[(String, &str)]) {
    for (definition, expected) in cases {
        let messages = Machine::parse(definition).expect_err(definition).0;
        assert!(messages[0].starts_with(expected), "{definition}\n  expected {expected}\n  got {messages:?}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let definition = json!({
        "StartAt": "A",
        "States": {
            "A": { "Type": "Pass", "Next": "B", "Wrong": 1 },
            "B": { "Type": "Wait", "Seconds": -1, "End": true },
        },
    });
    assert_eq!(refusals(&definition).len(), 2, "{:?}", refusals(&definition));
}
