//! Cucumber's JSON: features with scenarios of steps.

use serde_json::Value;

use super::results::{TestCase, TestStatus};

pub fn cucumber(text: &str) -> Result<Vec<TestCase>, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let features = document.as_array().ok_or("it is no list of features")?;
    let mut cases = Vec::new();
    for feature in features {
        let feature_name = feature["name"].as_str().unwrap_or_default();
        let elements = feature["elements"].as_array().map(Vec::as_slice).unwrap_or_default();
        let scenarios = elements.iter().filter(|element| element["type"] != "background");
        cases.extend(scenarios.map(|scenario| test_case(feature_name, scenario)));
    }
    Ok(cases)
}

/// A scenario is as good as its worst step.
fn test_case(feature: &str, scenario: &Value) -> TestCase {
    let parts = ["before", "steps", "after"].into_iter().filter_map(|part| scenario[part].as_array());
    let results: Vec<&Value> = parts.flatten().map(|step| &step["result"]).collect();
    let statuses: Vec<&str> = results.iter().filter_map(|result| result["status"].as_str()).collect();
    let has = |names: &[&str]| statuses.iter().any(|status| names.contains(status));
    let status = match () {
        () if has(&["failed"]) => TestStatus::Failed,
        () if has(&["undefined", "ambiguous"]) => TestStatus::Error,
        () if has(&["skipped", "pending"]) => TestStatus::Skipped,
        () if has(&["passed"]) => TestStatus::Succeeded,
        () => TestStatus::Unknown,
    };
    TestCase {
        name: format!("{feature}: {}", scenario["name"].as_str().unwrap_or_default()),
        status,
        duration_nanoseconds: results.iter().filter_map(|result| result["duration"].as_u64()).sum(),
    }
}
