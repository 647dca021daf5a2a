//! What stands for an alarm on this host.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    pub name: String,
    pub tells: Tells,
}

/// Where an alarm's state is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tells {
    State(State),
    /// A program of this host with its arguments. A path with a slash is one below the directory, which is also
    /// where it runs; a bare name is found in `PATH`.
    Command {
        command: Vec<String>,
        directory: PathBuf,
    },
}

/// Why an alarm cannot be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAlarm {
    pub name: String,
    pub problem: String,
}

impl fmt::Display for InvalidAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "alarm {:?}: {}", self.name, self.problem)
    }
}

impl std::error::Error for InvalidAlarm {}

/// Of the service model, `AlarmName`.
const NAME_MAX: usize = 255;

impl Alarm {
    pub(crate) fn check(&self) -> Result<(), InvalidAlarm> {
        match self.problem() {
            None => Ok(()),
            Some(problem) => Err(InvalidAlarm { name: self.name.clone(), problem }),
        }
    }

    fn problem(&self) -> Option<String> {
        if self.name.is_empty() || self.name.chars().count() > NAME_MAX {
            return Some(format!("its name has 1 to {NAME_MAX} characters"));
        }
        match &self.tells {
            Tells::Command { command, .. } if command.first().is_none_or(String::is_empty) => {
                Some("its command has no program".into())
            }
            Tells::Command { .. } | Tells::State(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_alarm_is_refused_with_a_reason() {
        let command = |words: &[&str]| Tells::Command {
            command: words.iter().map(|word| (*word).to_owned()).collect(),
            directory: "/".into(),
        };
        for (name, tells, problem) in [
            ("errors".to_owned(), Tells::State(State::Ok), None),
            ("shop: errors / minute".to_owned(), command(&["true"]), None),
            (String::new(), Tells::State(State::Ok), Some("its name")),
            ("x".repeat(256), Tells::State(State::Ok), Some("its name")),
            ("empty".to_owned(), command(&[]), Some("no program")),
        ] {
            let found = Alarm { name: name.clone(), tells }.check().err().map(|error| error.to_string());
            match problem {
                None => assert_eq!(found, None, "{name}"),
                Some(problem) => assert!(found.clone().is_some_and(|f| f.contains(problem)), "{found:?}"),
            }
        }
    }
}
