//! What people were told, held against what there is in the end.

use std::collections::{BTreeMap, BTreeSet};

/// Something that the service acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Started {
        id: String,
    },
    /// With the answer's own comment.
    Answered {
        token: String,
        comment: String,
        approved: bool,
    },
    Stopped {
        id: String,
    },
}

/// An action execution, as ListActionExecutions shows it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub action_execution_id: String,
    pub is_command: bool,
    pub status: String,
    pub external_execution_id: String,
    pub summary: String,
}

/// Everything there is.
#[derive(Debug, Default)]
pub struct Everything {
    /// By the execution's id: its status and what started it.
    pub executions: BTreeMap<String, (String, String)>,
    pub actions: Vec<Seen>,
}

#[derive(Debug, Default)]
pub struct History {
    told: Vec<Told>,
}

impl History {
    pub fn add(&mut self, told: Vec<Told>) {
        self.told.extend(told);
    }

    /// `diary` has a line for every command that ran: the id of its action execution.
    pub fn check(&self, there: &Everything, diary: &str) {
        self.check_starts(there);
        self.check_answers(there);
        self.check_stops(there);
        check_actions(there, diary);
    }

    /// A start that was acknowledged is there, and nothing is there that nobody started.
    fn check_starts(&self, there: &Everything) {
        let told = self.told.iter().filter_map(|told| match told {
            Told::Started { id } => Some(id),
            _ => None,
        });
        let mut acknowledged = BTreeSet::new();
        for id in told {
            assert!(acknowledged.insert(id), "two starts were told the same execution {id}");
        }
        let started = there.executions.iter().filter(|(_, (_, trigger))| trigger == "StartPipelineExecution");
        let started: BTreeSet<_> = started.map(|(id, _)| id).collect();
        assert_eq!(started, acknowledged, "left: what there is; right: what was acknowledged");
        assert!(!started.is_empty(), "nobody got anything done");
        for (id, (status, _)) in &there.executions {
            let has_ended = ["Succeeded", "Failed", "Stopped"].contains(&status.as_str());
            assert!(has_ended, "{id} is {status}");
        }
    }

    /// An answer that was acknowledged is the one that counted.
    fn check_answers(&self, there: &Everything) {
        let mut answered = BTreeSet::new();
        for told in &self.told {
            let Told::Answered { token, comment, approved } = told else { continue };
            assert!(answered.insert(token), "two answers to {token} were acknowledged");
            let action = there.actions.iter().find(|action| action.external_execution_id == *token);
            let action = action.unwrap_or_else(|| panic!("the approval {token} is gone"));
            let expected = if *approved { "Succeeded" } else { "Failed" };
            assert_eq!((action.status.as_str(), &action.summary), (expected, comment), "{action:?}");
        }
        assert!(!answered.is_empty(), "nobody answered an approval");
    }

    fn check_stops(&self, there: &Everything) {
        for told in &self.told {
            let Told::Stopped { id } = told else { continue };
            assert_eq!(there.executions[id].0, "Stopped", "{id} was stopped");
        }
    }
}

/// No action execution ran twice, and none that succeeded did not run.
fn check_actions(there: &Everything, diary: &str) {
    let mut ran = BTreeSet::new();
    for id in diary.lines() {
        assert!(ran.insert(id), "the action execution {id} ran twice");
    }
    let known: BTreeMap<_, _> =
        there.actions.iter().map(|action| (action.action_execution_id.as_str(), action)).collect();
    assert_eq!(known.len(), there.actions.len(), "an action execution is listed twice");
    for id in &ran {
        assert!(known.contains_key(id), "{id} ran and is not recorded");
    }
    for action in there.actions.iter().filter(|action| action.is_command) {
        let has_ended = action.status != "InProgress";
        assert!(has_ended, "{action:?} of an execution that has ended");
        let has_run = ran.contains(action.action_execution_id.as_str());
        assert!(has_run || action.status != "Succeeded", "{action:?} did not run");
    }
}
