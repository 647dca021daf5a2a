//! The deployed shape against the folders: template.yaml is the only list of functions, and this ties it to
//! what is built.

use std::collections::BTreeSet;

use regex::Regex;

use crate::repository::{files, nothing, text_of};

const TEMPLATE: &str = "template.yaml";

/// Categories of actions; their functions are named `<category>-<provider>`. That of custom actions runs them all.
const ACTION_CATEGORIES: &[&str] =
    &["source", "build", "test", "approval", "deploy", "invoke", "compute", "custom"];

pub fn is_action(function: &str) -> bool {
    function.split_once('-').is_some_and(|(category, _)| ACTION_CATEGORIES.contains(&category))
}

/// The folders in `functions/`.
pub fn folders() -> BTreeSet<&'static str> {
    let paths = files().iter().filter_map(|file| file.path.strip_prefix("functions/"));
    paths.filter_map(|path| Some(path.split_once('/')?.0)).collect()
}

fn captured(pattern: &str, text: &'static str) -> BTreeSet<&'static str> {
    let pattern = Regex::new(pattern).expect("a regular expression");
    pattern.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect()
}

fn logical_id(folder: &str) -> String {
    let words = folder.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect::<String>() + "Function"
}

/// The logical ids of functions, each with its `Binary:` and the end of its `FunctionName:`.
fn functions() -> Vec<(&'static str, &'static str, &'static str)> {
    let pattern = r"(?m)^  (\w+):\n    Type: AWS::Serverless::Function\n(?:(?:    .*)?\n)*?.*Binary: ([\w-]+) (?:.*\n)*?      FunctionName: !Sub \$\{AWS::StackName\}-([\w-]+)$";
    let pattern = Regex::new(pattern).expect("a regular expression");
    let found = pattern.captures_iter(text_of(TEMPLATE));
    let group = |found: &regex::Captures<'static>, index| found.get(index).map_or("", |group| group.as_str());
    found.map(|found| (group(&found, 1), group(&found, 2), group(&found, 3))).collect()
}

/// What the template says of a function.
pub fn entry(folder: &str) -> &'static str {
    let begin = format!("\n  {}:\n", logical_id(folder));
    let entry = text_of(TEMPLATE).split(&begin).nth(1).unwrap_or_default();
    entry.split("\n\n").next().unwrap_or_default()
}

#[test]
fn functions_of_the_template_are_the_folders() {
    let binaries = captured(r"Binary: ([\w-]+)", text_of(TEMPLATE));
    assert_eq!(binaries, folders(), "left: Binary: in template.yaml, right: functions/");
}

#[test]
fn binaries_that_are_deployed_are_the_folders() {
    let paths = files().iter().filter_map(|file| file.path.strip_prefix("infra/lambda/src/bin/"));
    let binaries: BTreeSet<_> = paths.filter_map(|path| path.strip_suffix(".rs")).collect();
    assert_eq!(binaries, folders(), "left: infra/lambda/src/bin, right: functions/");
    assert!(
        text_of(TEMPLATE).contains("    CodeUri: infra/lambda\n"),
        "SAM builds them where their package is, so that they share one build of the SDK"
    );
}

#[test]
fn a_function_has_one_name_in_all_its_spellings() {
    let functions = functions();
    assert_eq!(functions.len(), folders().len(), "every function has a Binary: and a FunctionName:");
    let others = functions.iter().filter(|(id, binary, name)| *id != logical_id(binary) || name != binary);
    let findings = others.map(|(id, binary, name)| format!("{id}: Binary {binary}, FunctionName …-{name}"));
    nothing(
        findings.collect(),
        "Folder some-name, Binary some-name, SomeNameFunction, ${AWS::StackName}-some-name.",
    );
}

#[test]
fn the_state_machine_may_invoke_every_action() {
    let template = text_of(TEMPLATE);
    let policy = template.split("Sid: InvokeActions").nth(1).unwrap_or_default();
    let policy = policy.split("\n\n").next().unwrap_or_default();
    let missing = folders().into_iter().filter(|folder| is_action(folder));
    let missing = missing.filter(|folder| !policy.contains(&format!("!GetAtt {}.Arn", logical_id(folder))));
    nothing(
        missing.map(str::to_owned).collect(),
        "The state machine's policy InvokeActions does not name it.",
    );
}

#[test]
fn action_types_are_run_by_functions_that_are_there() {
    let catalog = files().iter().filter(|file| file.path.starts_with("shared/engine/src/catalog/"));
    let catalog: BTreeSet<_> = catalog
        .flat_map(|file| captured(r#"(?:\.run_by\(|_FUNCTION: &str = )"([\w-]+)""#, &file.text))
        .collect();
    let actions: BTreeSet<_> = folders().into_iter().filter(|folder| is_action(folder)).collect();
    assert_eq!(
        catalog, actions,
        "left: run_by and _FUNCTION in the catalog, right: action functions in functions/"
    );
}

#[test]
fn metric_filters_read_fields_that_are_logged() {
    let named = captured(r"\$\.fields\.(\w+)", text_of(TEMPLATE));
    assert!(!named.is_empty(), "the alarms of template.yaml count log lines");
    let deployed = files().iter().filter(|file| {
        let folders = ["functions/", "shared/", "infra/lambda/"];
        file.path.ends_with(".rs") && folders.iter().any(|folder| file.path.starts_with(folder))
    });
    let logs = |field: &str| {
        let with = Regex::new(&format!(r"tracing::\w+!\((?:[^;]*\W)?{field}(?: =|,)")).expect("a pattern");
        deployed.clone().any(|file| with.is_match(&file.text))
    };
    let missing = named.into_iter().filter(|field| !logs(field)).map(str::to_owned);
    nothing(missing.collect(), "A metric filter of template.yaml reads a field that no line has.");
}

#[test]
fn configuration_names_the_variables_of_the_template() {
    let config = captured(r#"required\("([A-Z_]+)"\)"#, text_of("shared/platform/src/config.rs"));
    let globals = text_of(TEMPLATE).split("Variables:\n").nth(1).unwrap_or_default();
    let globals = globals.split("\n\n").next().unwrap_or_default();
    let declared = captured(r"(?m)^        ([A-Z_]+):", globals);
    assert_eq!(config, declared, "left: platform::config, right: Globals.Function.Environment");
}
