//! Rule/AWS/VariableCheck/1: compares a variable with a value.
//!
//! | configuration | |
//! | --- | --- |
//! | `Variable` | required; a reference such as `#{Source.BranchName}`, whose value is compared |
//! | `Operator` | required; `EQ`, `NE`, `CONTAINS`, or `MATCHES` for a regular expression |
//! | `Value` | required |
//!
//! CodePipeline's expressions are Java's (user guide, "VariableCheck"). Here they are those of `fancy-regex`, which has
//! Java's look-around and back references too, and the whole variable has to match, as with Java's `matches`. What it
//! does not understand is an error, and no match.
//!
//! Failures: JobFailed (the comparison does not hold), ConfigurationError.

use engine::decide::{ActionOutput, FailureType};
use fancy_regex::Regex;
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(_platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    Ok(check(&job).unwrap_or_else(|refusal| refusal))
}

fn check(job: &ActionJob) -> Result<ActionResult, ActionResult> {
    let (operator, value) = (job.required("Operator")?, job.required("Value")?);
    // A variable may be empty.
    let variable = job.configuration.get("Variable").map(String::as_str).unwrap_or_default();
    match holds(variable, operator, value) {
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

fn holds(variable: &str, operator: &str, value: &str) -> Result<bool, String> {
    match operator {
        "EQ" => Ok(variable == value),
        "NE" => Ok(variable != value),
        "CONTAINS" => Ok(variable.contains(value)),
        "MATCHES" => {
            let refuse = |error: fancy_regex::Error| {
                format!("The regular expression '{value}' could not be used: {error}")
            };
            let expression = Regex::new(&format!(r"\A(?:{value})\z")).map_err(refuse)?;
            expression.is_match(variable).map_err(refuse)
        }
        other => Err(format!("The Operator '{other}' is unknown. Use EQ, NE, CONTAINS or MATCHES.")),
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn operators_compare_as_they_say() {
        for (variable, operator, value, expected) in [
            ("main", "EQ", "main", true),
            ("Main", "EQ", "main", false),
            ("main", "NE", "dev", true),
            ("main", "NE", "main", false),
            ("release/1.2", "CONTAINS", "/1.", true),
            ("release/1.2", "CONTAINS", "/1.x", false),
            ("release/1.2", "MATCHES", r"release/\d+\.\d+", true),
            ("release/1.2-rc", "MATCHES", r"release/\d+\.\d+", false),
            ("a\nb", "MATCHES", "a", false),
            ("ab", "MATCHES", "x|ab|y", true),
            ("deploy please", "MATCHES", "(?!.*skip).*", true),
            ("skip deploy", "MATCHES", "(?!.*skip).*", false),
        ] {
            assert_eq!(holds(variable, operator, value), Ok(expected), "{variable} {operator} {value}");
        }
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        for (operator, value, why) in [
            ("MATCHES", "(", "regular expression '('"),
            ("GT", "1", "'GT' is unknown"),
            ("MATCHES", "(?<", "'(?<'"),
        ] {
            let refused = holds("x", operator, value).expect_err(value);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn an_expression_that_takes_for_ever_is_given_up() {
        let refused =
            holds(&"ab".repeat(30), "MATCHES", "(a|b|ab)*(?>c)").expect_err("it backtracks too often");
        assert!(refused.contains("could not be used"), "{refused}");
    }
}
