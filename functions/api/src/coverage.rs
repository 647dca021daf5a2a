//! docs/api-coverage.md has a row for each operation, made of what is known elsewhere: that it is answered, what its
//! permission is on, and whether it differs (docs/api.md says where, and why).

use std::fmt::Write;

use engine::permissions::needed;
use serde_json::json;

const PAGE: &str = include_str!("../../../docs/api-coverage.md");
const DIFFERENCES: &str = include_str!("../../../docs/api.md");
const BEGIN: &str = "<!-- begin: made by functions/api/src/coverage.rs -->\n";
const END: &str = "<!-- end -->\n";

/// What they would do at a third party nobody here can do: docs/api.md says why.
const ALWAYS_REFUSED: [&str; 2] = ["DeregisterWebhookWithThirdParty", "RegisterWebhookWithThirdParty"];

/// What docs/api.md says of an operation.
fn difference(operation: &str) -> &'static str {
    let row = DIFFERENCES.lines().find_map(|line| line.strip_prefix(&format!("| `{operation}` |")));
    row.and_then(|rest| rest.strip_suffix('|')).unwrap_or_default().trim()
}

/// In the words of the service authorization reference.
fn permission_on(operation: &str) -> String {
    let needed = needed(operation, &json!({}), "arn:");
    let kinds = needed.iter().map(|permission| match permission.resource.as_str() {
        "arn:*" => "pipeline",
        "arn:*/*" => "stage",
        "arn:*/*/*" => "action",
        "arn:webhook:*" => "webhook",
        "*" if operation.contains("Tag") => "the ARN",
        "*" => "",
        resource if resource.starts_with("arn:actiontype:") => "action type",
        resource => panic!("{operation}: {resource}"),
    });
    kinds.collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let mut table = "| Operation | Status | Permission on |\n| --- | --- | --- |\n".to_owned();
    for operation in crate::names() {
        let (on, difference) = (permission_on(operation), difference(operation));
        let status = match difference {
            _ if ALWAYS_REFUSED.contains(operation) => "always [refused](api.md)",
            "" => "answered",
            _ => "answered, [differs](api.md)",
        };
        let row = format!("| `{operation}` | {status} | {on} |");
        let _ = writeln!(table, "{}", row.replace("|  |", "| |"));
    }
    table
}

#[test]
fn the_page_of_coverage_has_a_row_for_each_operation() {
    let (_, rest) = PAGE.split_once(BEGIN).expect("the page has a beginning");
    let (found, _) = rest.split_once(END).expect("the page has an end");
    let expected = table();
    assert!(found.trim() == expected.trim(), "docs/api-coverage.md has to have these rows:\n{expected}");
}
