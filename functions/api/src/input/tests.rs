use std::collections::BTreeSet;

use engine::declaration::{Circumstances, check};

use super::*;
use crate::operations::{members, names};

/// The constraints that the service model has for the inputs of the operations that are answered, but for those
/// of `pipeline`, which the engine checks: operation, path, kind, value (`codepipeline/2015-07-09`).
const MODEL: &str = include_str!("model.tsv");

fn described(operation: &str, path: &str, shape: &Shape, lines: &mut BTreeSet<String>) {
    let mut line = |path: &str, kind: &str, value: &str| {
        lines.insert(format!("{operation}\t{path}\t{kind}\t{value}"));
    };
    match shape {
        Shape::Text(rule) => {
            let maximum = rule.maximum.map(|maximum| maximum.to_string());
            // The model says that the shortest text is empty for some members and not for others.
            if rule.minimum > 0 || MODEL.contains(&format!("{operation}\t{path}\tstring-min\t0\n")) {
                line(path, "string-min", &rule.minimum.to_string());
            }
            maximum.iter().for_each(|maximum| line(path, "string-max", maximum));
            rule.pattern.iter().for_each(|pattern| line(path, "pattern", &json!(pattern.text).to_string()));
        }
        Shape::Word(words) => line(path, "enum", &json!(words).to_string().replace(',', ", ")),
        Shape::Integer { minimum, maximum } => {
            line(path, "integer-min", &minimum.to_string());
            maximum.iter().for_each(|maximum| line(path, "integer-max", &maximum.to_string()));
        }
        Shape::List { item, minimum, maximum } => {
            if let Some(maximum) = maximum {
                let length = format!(r#"{{"min": {minimum}, "max": {maximum}}}"#);
                // The model says that the shortest list is empty for some members and not for others.
                let only_maximum = format!(r#"{{"max": {maximum}}}"#);
                let is_only = MODEL.contains(&format!("{operation}\t{path}\tlist-length\t{only_maximum}\n"));
                line(path, "list-length", if is_only { &only_maximum } else { &length });
            }
            described(operation, &format!("{path}.N.member"), item, lines);
        }
        Shape::Structure(members) => describe_members(operation, &format!("{path}."), members, lines),
        Shape::Flag | Shape::Any => {}
        Shape::TextMap { key, value, maximum } => {
            maximum.iter().for_each(|maximum| {
                line(path, "map-size", &format!(r#"{{"min": 0, "max": {maximum}}}"#));
            });
            for (part, rule) in [("key", key), ("value", value)] {
                let said = rule_of_map(rule);
                if !said.is_empty() {
                    line(&format!("{path} (map {part})"), "value", &format!("{{{}}}", said.join(", ")));
                }
            }
        }
        Shape::StructureMap { .. } => panic!("no request has a map of structures beside its pipeline"),
    }
}

fn rule_of_map(rule: &TextRule) -> Vec<String> {
    let minimum = (rule.minimum > 0).then(|| format!(r#""min": {}"#, rule.minimum));
    let maximum = rule.maximum.map(|maximum| format!(r#""max": {maximum}"#));
    let pattern = rule.pattern.as_ref().map(|pattern| format!(r#""pattern": {}"#, json!(pattern.text)));
    [minimum, maximum, pattern].into_iter().flatten().collect()
}

fn describe_members(operation: &str, prefix: &str, members: &[Member], lines: &mut BTreeSet<String>) {
    for member in members {
        let path = format!("{prefix}{}", member.name);
        if member.required {
            lines.insert(format!("{operation}\t{path}\trequired\t"));
        }
        described(operation, &path, &member.shape, lines);
    }
}

#[test]
fn every_constraint_of_the_model_is_checked_and_no_other() {
    let mut here = BTreeSet::new();
    names().iter().for_each(|operation| describe_members(operation, "", members(operation), &mut here));
    let of = |line: &str| names().contains(&line.split('\t').next().unwrap_or_default());
    let model: BTreeSet<String> = MODEL.lines().filter(|line| of(line)).map(str::to_owned).collect();
    let missing: Vec<_> = model.difference(&here).collect();
    let additional: Vec<_> = here.difference(&model).collect();
    assert!(missing.is_empty() && additional.is_empty(), "missing {missing:#?}, additional {additional:#?}");
}

#[test]
fn all_broken_constraints_are_in_one_message_in_the_services_words() {
    let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    let value = |path: &str, constraint: &str| {
        format!("Value at '{path}' failed to satisfy constraint: Member must {constraint}")
    };
    let name = "satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+";
    let table = [
        ("GetPipeline", json!({}), vec![value("name", "not be null")]),
        ("GetPipeline", json!({ "name": null, "version": null }), vec![value("name", "not be null")]),
        (
            "GetPipeline",
            json!({ "name": "a b", "version": 0 }),
            vec![value("name", name), value("version", "have value greater than or equal to 1")],
        ),
        (
            "StopPipelineExecution",
            json!({ "pipelineName": "", "pipelineExecutionId": "1", "reason": "x".repeat(201) }),
            vec![
                value("pipelineName", "have length greater than or equal to 1"),
                value("pipelineName", name),
                value("pipelineExecutionId", &format!("satisfy regular expression pattern: {uuid}")),
                value("reason", "have length less than or equal to 200"),
            ],
        ),
        (
            "StartPipelineExecution",
            json!({ "name": "p", "variables": [{ "name": "a" }], "sourceRevisions": [{}] }),
            vec![
                value("variables.1.member.value", "not be null"),
                value("sourceRevisions.1.member.actionName", "not be null"),
                value("sourceRevisions.1.member.revisionType", "not be null"),
                value("sourceRevisions.1.member.revisionValue", "not be null"),
            ],
        ),
        (
            "ListActionExecutions",
            json!({ "pipelineName": "p", "maxResults": 101, "nextToken": "",
                "filter": { "latestInPipelineExecution": { "startTimeRange": "latest" } } }),
            vec![
                value("filter.latestInPipelineExecution.pipelineExecutionId", "not be null"),
                value(
                    "filter.latestInPipelineExecution.startTimeRange",
                    "satisfy enum value set: [Latest, All]",
                ),
                value("maxResults", "have value less than or equal to 100"),
                value("nextToken", "have length greater than or equal to 1"),
            ],
        ),
    ];
    for (operation, input, expected) in table {
        let refused = parse::<Value>(members(operation), &input).expect_err(operation);
        let errors = if expected.len() == 1 { "error" } else { "errors" };
        let expected = format!("{} validation {errors} detected: {}", expected.len(), expected.join("; "));
        assert_eq!(refused, Rejection::Validation(expected), "{operation} {input}");
    }
}

#[test]
fn a_value_of_another_json_type_is_a_serialization_error_and_an_unknown_member_is_passed_over() {
    for input in [json!({ "name": 1 }), json!({ "name": "p", "version": "1" }), json!([]), json!("p")] {
        let refused = parse::<Value>(members("GetPipeline"), &input).expect_err("another type");
        assert!(matches!(refused, Rejection::Serialization(_)), "{input}: {refused}");
    }
    let read = parse::<Value>(members("GetPipeline"), &json!({ "name": "p", "nmae": 1, "version": null }));
    assert_eq!(read, Ok(json!({ "name": "p" })));
    assert_eq!(parse::<Value>(members("ListPipelines"), &Value::Null), Ok(json!({})), "nothing was sent");
}

#[test]
fn a_declarations_constraints_are_told_in_the_same_words() {
    let checked = check(&json!({ "name": "a b" }), &Circumstances::default());
    let of_declaration = checked.violations.iter().find(|violation| violation.path.to_string() == "name");
    let of_declaration = of_declaration.expect("the name is wrong").message.replace("pipeline.name", "name");
    let refused =
        parse::<Value>(members("DeletePipeline"), &json!({ "name": "a b" })).expect_err("the same name");
    assert_eq!(refused.message(), format!("1 validation error detected: {of_declaration}"));
}
