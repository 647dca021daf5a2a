use serde_json::{Value, json};

use super::parse_rule;
use crate::data::with_data;
use crate::definition::{Fields, Problems};
use crate::failure::Failure;

fn holds(rule: Value, input: &Value) -> Result<bool, Failure> {
    let mut problems = Problems::default();
    let mut fields = Fields::of(&rule, "$", &mut problems).expect("an object");
    let parsed = parse_rule(&mut fields, &mut problems);
    let parsed = parsed.unwrap_or_else(|| panic!("{rule}: {problems:?}"));
    with_data(input, &json!({ "Execution": { "Name": "E" } }), |data| parsed.holds(data))
}

#[test]
fn a_comparison_decides_as_step_functions_does() {
    let input = json!({
        "s": "kappa", "n": 5, "f": 5.0, "b": true, "z": null, "star": "a*b", "log": "log-2026.txt",
        "t": "2026-01-31T12:00:00Z", "same": "2026-01-31T13:00:00+01:00", "other": "kappa",
    });
    let cases = [
        (json!({ "Variable": "$.s", "StringEquals": "kappa" }), true),
        (json!({ "Variable": "$.s", "StringEquals": "Kappa" }), false),
        (json!({ "Variable": "$.n", "StringEquals": "5" }), false),
        (json!({ "Variable": "$.s", "StringLessThan": "lambda" }), true),
        (json!({ "Variable": "$.s", "StringGreaterThanEquals": "kappa" }), true),
        (json!({ "Variable": "$.s", "StringEqualsPath": "$.other" }), true),
        (json!({ "Variable": "$.s", "StringGreaterThanPath": "$.log" }), false),
        (json!({ "Variable": "$.log", "StringMatches": "log-*.txt" }), true),
        (json!({ "Variable": "$.log", "StringMatches": "*2026*" }), true),
        (json!({ "Variable": "$.log", "StringMatches": "log-*.tx" }), false),
        (json!({ "Variable": "$.star", "StringMatches": "a\\*b" }), true),
        (json!({ "Variable": "$.log", "StringMatches": "log\\*" }), false),
        (json!({ "Variable": "$.n", "NumericEquals": 5.0 }), true),
        (json!({ "Variable": "$.f", "NumericEqualsPath": "$.n" }), true),
        (json!({ "Variable": "$.n", "NumericLessThan": 5 }), false),
        (json!({ "Variable": "$.n", "NumericLessThanEquals": 5 }), true),
        (json!({ "Variable": "$.n", "NumericGreaterThan": 4.5 }), true),
        (json!({ "Variable": "$.s", "NumericGreaterThan": 1 }), false),
        (json!({ "Variable": "$.b", "BooleanEquals": true }), true),
        (json!({ "Variable": "$.b", "BooleanEqualsPath": "$.b" }), true),
        (json!({ "Variable": "$.t", "TimestampEqualsPath": "$.same" }), true),
        (json!({ "Variable": "$.t", "TimestampLessThan": "2026-01-31T12:00:00.001Z" }), true),
        (json!({ "Variable": "$.s", "TimestampGreaterThan": "2000-01-01T00:00:00Z" }), false),
        (json!({ "Variable": "$.none", "IsPresent": false }), true),
        (json!({ "Variable": "$.z", "IsPresent": true }), true),
        (json!({ "Variable": "$.z", "IsNull": true }), true),
        (json!({ "Variable": "$.n", "IsNumeric": true }), true),
        (json!({ "Variable": "$.s", "IsNumeric": false }), true),
        (json!({ "Variable": "$.s", "IsString": true }), true),
        (json!({ "Variable": "$.b", "IsBoolean": true }), true),
        (json!({ "Variable": "$.t", "IsTimestamp": true }), true),
        (json!({ "Variable": "$.s", "IsTimestamp": true }), false),
        (json!({ "Variable": "$$.Execution.Name", "StringEquals": "E" }), true),
        (json!({ "Not": { "Variable": "$.b", "BooleanEquals": true } }), false),
    ];
    for (rule, expected) in cases {
        assert_eq!(holds(rule.clone(), &input), Ok(expected), "{rule}");
    }
}

#[test]
fn and_or_stop_at_the_first_decision() {
    let missing = json!({ "Variable": "$.none", "NumericEquals": 1 });
    let present = json!({ "Variable": "$.a", "IsPresent": true });
    let absent = json!({ "Variable": "$.none", "IsPresent": true });
    let input = json!({ "a": 1 });
    assert_eq!(holds(json!({ "And": [absent, missing] }), &input), Ok(false));
    assert_eq!(holds(json!({ "Or": [present, missing] }), &input), Ok(true));
    let failure = holds(json!({ "Or": [missing] }), &input).expect_err("the variable is missing");
    assert_eq!(failure.error, "States.Runtime");
}

#[test]
fn a_rule_that_is_no_rule_is_refused_with_its_place() {
    let cases = [
        (json!({ "Variable": "$.a" }), "$"),
        (json!({ "Variable": "$.a", "NumericEquals": 1, "StringEquals": "" }), "$"),
        (json!({ "Variable": "$.a", "NumericEquals": "1" }), "$.NumericEquals"),
        (json!({ "Variable": "$.a", "BooleanLessThan": true }), "$.BooleanLessThan"),
        (json!({ "Variable": "$.a", "Equals": 1 }), "$.Equals"),
        (json!({ "And": [] }), "$.And"),
        (json!({ "And": [{ "Variable": "$.a", "IsNull": true, "Next": "X" }] }), "$.And[0].Next"),
        (json!({ "Variable": "a", "IsNull": true }), "$.Variable"),
    ];
    for (rule, place) in cases {
        let mut problems = Problems::default();
        let mut fields = Fields::of(&rule, "$", &mut problems).expect("an object");
        parse_rule(&mut fields, &mut problems);
        assert_eq!(problems.first_place(), Some(place), "{rule}");
    }
}
