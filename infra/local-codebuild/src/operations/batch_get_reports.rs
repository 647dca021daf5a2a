//! BatchGetReports: by ARNs.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::names::check_project_name;
use crate::service_state::ServiceState;

/// CodeBuild's limit of ARNs in one call.
const MAX_ARNS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    report_arns: Vec<String>,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { report_arns } = parse(input)?;
    if report_arns.is_empty() || report_arns.len() > MAX_ARNS {
        return Err(error::invalid(format!("reportArns must have 1 to {MAX_ARNS} items")));
    }
    let mut reports = Vec::new();
    let mut not_found = Vec::new();
    for arn in report_arns {
        let parts = arn.split_once(":report/").and_then(|(_, id)| id.split_once(':'));
        let is_uuid =
            |text: &str| text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        // A group's name is a project's with more behind, so both have the same letters.
        let parts = parts.filter(|(group, uuid)| check_project_name(group).is_ok() && is_uuid(uuid));
        match parts.and_then(|(group, uuid)| service.store.load_report(group, uuid)) {
            Some(report) => reports.push(report),
            None => not_found.push(arn),
        }
    }
    Ok(json!({ "reports": reports, "reportsNotFound": not_found }))
}
