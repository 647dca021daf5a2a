//! Why an event does not start a pipeline: which filter said no.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::declaration::PullRequestEvent;

/// `filter` is a place in the trigger: `push[0].branches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all_fields = "camelCase")]
pub enum Denial {
    /// The action waits for pushes to its own branch, as it has no trigger.
    OtherBranch {
        branch_name: String,
    },
    /// The action has no trigger, and starts by itself at pushes to a branch only.
    NoTrigger,
    /// The action does not detect changes.
    DetectChangesOff,
    /// The trigger has no filter on events of this kind.
    NoFilter {
        of: String,
    },
    /// None of the patterns fits.
    NotIncluded {
        filter: String,
        value: String,
        includes: Vec<String>,
    },
    Excluded {
        filter: String,
        value: String,
        exclude: String,
    },
    /// The filter is about other events of pull requests.
    OtherEvent {
        filter: String,
        event: PullRequestEvent,
        events: Vec<PullRequestEvent>,
    },
    /// A filter on file paths does not match the creation of a branch: nothing is known that it changed.
    NewBranch {
        filter: String,
    },
    /// No changed file passes; what kept the first of them out, if there is one.
    NoFile {
        filter: String,
        changed_files: usize,
        first: Option<Box<Denial>>,
    },
    /// A pattern that an older version let through.
    WrongPattern {
        filter: String,
        problem: String,
    },
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherBranch { branch_name } => {
                write!(f, "the action has no trigger, and its BranchName is {branch_name}")
            }
            Self::NoTrigger => {
                f.write_str("the action has no trigger, and starts by itself at pushes to its branch only")
            }
            Self::DetectChangesOff => f.write_str("the action's DetectChanges is off, and it has no trigger"),
            Self::NoFilter { of } => write!(f, "the trigger has no filter on {of}"),
            Self::NotIncluded { filter, value, includes } => {
                write!(f, "{filter}.includes says no: '{value}' is none of {}", listed(includes))
            }
            Self::Excluded { filter, value, exclude } => {
                write!(f, "{filter}.excludes says no: '{value}' is '{exclude}'")
            }
            Self::OtherEvent { filter, event, events } => {
                let events: Vec<_> = events.iter().map(word).collect();
                write!(f, "{filter}.events says no: {} is not {}", word(event), events.join(" or "))
            }
            Self::NewBranch { filter } => {
                write!(f, "{filter}.filePaths says no: the branch is new, and has no changed files")
            }
            Self::NoFile { filter, changed_files, first } => {
                write!(f, "{filter}.filePaths says no to each of {changed_files} changed files")?;
                first.as_ref().map_or(Ok(()), |first| write!(f, ", first: {first}"))
            }
            Self::WrongPattern { filter, problem } => write!(f, "{filter} cannot be used: {problem}"),
        }
    }
}

fn word(event: &PullRequestEvent) -> &'static str {
    match event {
        PullRequestEvent::Open => "OPEN",
        PullRequestEvent::Updated => "UPDATED",
        PullRequestEvent::Closed => "CLOSED",
    }
}

fn listed(patterns: &[String]) -> String {
    patterns.iter().map(|pattern| format!("'{pattern}'")).collect::<Vec<_>>().join(", ")
}
