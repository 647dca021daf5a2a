//! What stands for a function on this host.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Lambda's longest, in seconds.
const TIMEOUT_SECONDS_MAX: u64 = 900;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    pub name: String,
    pub runs: Runs,
    /// 1 to 900.
    pub timeout_seconds: u64,
    /// `Environment.Variables`.
    pub environment: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Runs {
    /// A program of this host with its arguments. A path with a slash is one below the directory, which is
    /// also where it runs; a bare name is found in `PATH`.
    Command { command: Vec<String>, directory: PathBuf },
    /// `http://` or `https://`.
    Url(String),
}

/// Why a function cannot be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFunction {
    pub name: String,
    pub problem: String,
}

impl fmt::Display for InvalidFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {:?}: {}", self.name, self.problem)
    }
}

impl std::error::Error for InvalidFunction {}

impl Function {
    pub(crate) fn check(&self) -> Result<(), InvalidFunction> {
        match self.problem() {
            None => Ok(()),
            Some(problem) => Err(InvalidFunction { name: self.name.clone(), problem }),
        }
    }

    fn problem(&self) -> Option<String> {
        let fits =
            |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(fits) {
            return Some("its name has 1 to 64 letters, digits, '-' and '_'".into());
        }
        if !(1..=TIMEOUT_SECONDS_MAX).contains(&self.timeout_seconds) {
            return Some(format!("its timeout is 1 to {TIMEOUT_SECONDS_MAX} seconds"));
        }
        match &self.runs {
            Runs::Command { command, .. } if command.first().is_none_or(String::is_empty) => {
                Some("its command has no program".into())
            }
            Runs::Url(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
                Some(format!("its URL {url} must begin with http:// or https://"))
            }
            Runs::Command { .. } | Runs::Url(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_function_is_refused_with_a_reason() {
        let command = |words: &[&str]| Runs::Command {
            command: words.iter().map(|word| (*word).to_owned()).collect(),
            directory: "/".into(),
        };
        for (name, runs, timeout_seconds, problem) in [
            ("good", command(&["true"]), 3, None),
            ("good", Runs::Url("http://localhost:9000/x".into()), 900, None),
            ("", command(&["true"]), 3, Some("its name")),
            ("../up", command(&["true"]), 3, Some("its name")),
            ("slow", command(&["true"]), 901, Some("its timeout")),
            ("none", command(&["true"]), 0, Some("its timeout")),
            ("empty", command(&[]), 3, Some("no program")),
            ("odd", Runs::Url("ftp://x".into()), 3, Some("must begin with")),
        ] {
            let function =
                Function { name: name.into(), runs, timeout_seconds, environment: BTreeMap::new() };
            let found = function.check().err().map(|error| error.to_string());
            match problem {
                None => assert_eq!(found, None, "{name}"),
                Some(problem) => assert!(found.clone().is_some_and(|f| f.contains(problem)), "{found:?}"),
            }
        }
    }
}
