//! Rule/AWS/VariableCheck/1: compares a variable with a value.
//!
//! | configuration | |
//! | --- | --- |
//! | `Variable` | required; a reference such as `#{Source.BranchName}`, whose value is compared |
//! | `Operator` | required; `EQ`, `NE`, `CONTAINS`, or `MATCHES` for a regular expression |
//! | `Value` | required |
//!
//! The whole variable has to match a regular expression. One that is not understood, or that takes too long, is an
//! error, and no match.
//!
//! Failures: JobFailed (the comparison does not hold), ConfigurationError.

use engine::condition_rules::variable_compares;
use engine::decide::{ActionOutput, FailureType};
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(_platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    Ok(check(&job).unwrap_or_else(|refusal| refusal))
}

fn check(job: &ActionJob) -> Result<ActionResult, ActionResult> {
    let (operator, value) = (job.required("Operator")?, job.required("Value")?);
    // A variable may be empty.
    let variable = job.configuration.get("Variable").map(String::as_str).unwrap_or_default();
    match variable_compares(variable, operator, value) {
        Ok(true) => Ok(ActionResult::succeeded(ActionOutput::default())),
        Ok(false) => {
            let words = match operator {
                "NE" => "equal to",
                "EQ" => "not equal to",
                "CONTAINS" => "without",
                _ => "not matched by",
            };
            Err(ActionResult::failed(FailureType::JobFailed, format!("'{variable}' is {words} '{value}'.")))
        }
        Err(message) => Err(ActionResult::failed(FailureType::ConfigurationError, message)),
    }
}
