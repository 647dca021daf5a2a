//! Watching an execution to its end: what changed is shown, approvals are answered, Ctrl-C stops.

use std::fmt;
use std::time::Duration;

use client::progress::WatchedAction;
use client::told;
use serde_json::json;
use tokio::task::JoinHandle;

use super::approve::{self, Answer};
use super::display::Display;
use super::follow::Logs;
use super::interrupts::Interrupts;
use super::prepare::{CALLER, Started};
use super::view::{ActionView, Change, View, changes};
use crate::{ApiFailure, DataDirectoryError, LocalStack};

/// Between two looks. Everything is in this process, so a look costs well under a millisecond.
const LOOK: Duration = Duration::from_millis(25);

struct Watch<'a> {
    stack: &'a LocalStack,
    started: &'a Started,
    approve_all: bool,
    display: &'a mut dyn Display,
    logs: Logs,
    view: View,
    /// Approvals that wait, in the order of their coming; the first is being asked.
    approvals: Vec<ActionView>,
    question: Option<JoinHandle<Answer>>,
    interrupts: &'a mut Interrupts,
    stops_requested: u32,
}

/// Why an execution cannot be watched to its end. It is not lost itself: the next start goes on with it.
pub(super) enum Lost {
    Unanswered(ApiFailure),
    Full(DataDirectoryError),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered(failure) => failure.fmt(f),
            Self::Full(error) => error.fmt(f),
        }
    }
}

/// Shows the execution until it has ended; answers with its last view.
pub(super) async fn to_the_end(
    stack: &LocalStack,
    started: &Started,
    approve_all: bool,
    display: &mut dyn Display,
    interrupts: &mut Interrupts,
) -> Result<View, Lost> {
    let mut watch = Watch {
        stack,
        started,
        approve_all,
        display,
        logs: Logs::new(),
        view: View::default(),
        approvals: Vec::new(),
        question: None,
        interrupts,
        stops_requested: 0,
    };
    loop {
        watch.look().await.map_err(Lost::Unanswered)?;
        stack.directory.check_space().map_err(Lost::Full)?;
        if watch.view.is_ended() {
            return Ok(watch.view);
        }
        watch.wait().await;
    }
}

impl Watch<'_> {
    async fn look(&mut self) -> Result<(), ApiFailure> {
        let execution = json!({
            "pipelineName": self.started.pipeline_name,
            "pipelineExecutionId": self.started.execution_id,
        });
        let actions = json!({
            "pipelineName": self.started.pipeline_name,
            "filter": { "pipelineExecutionId": self.started.execution_id },
        });
        // The execution first: when it has ended, every action's end is to be seen.
        let execution = self.stack.call("GetPipelineExecution", execution, CALLER).await?;
        let of_execution = actions.clone();
        let actions = self.stack.call("ListActionExecutions", actions, CALLER).await?;
        let rules = self.stack.call("ListRuleExecutions", of_execution, CALLER).await?;
        let after = View::of(&execution, &actions, &rules).in_order_of(&self.started.stages);
        if after.is_torn() {
            return Ok(());
        }
        for change in changes(&self.view, &after) {
            self.tell(&change).await;
        }
        for action in after.actions.iter().filter(|action| action.is_in_progress()) {
            self.logs.follow(self.stack, action);
        }
        self.view = after;
        Ok(())
    }

    async fn tell(&mut self, change: &Change) {
        match change {
            Change::ActionEnded(action) => {
                self.logs.follow(self.stack, action);
                for (of, line) in self.logs.finish(action).await {
                    self.log(&of, &line);
                }
                self.approvals.retain(|approval| approval.id != action.id);
            }
            Change::ApprovalWaits(action) => {
                self.display.change(change);
                self.approval_waits(action).await;
                return;
            }
            Change::StageEntered(_)
            | Change::StageSkipped(_)
            | Change::ActionStarted(_)
            | Change::Waits(_)
            | Change::Stopping
            | Change::Ended => {}
        }
        self.display.change(change);
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        if let Some(line) = told(line) {
            self.display.log(action, &line);
        }
    }

    async fn approval_waits(&mut self, action: &ActionView) {
        if self.approve_all {
            let answer = Answer { approved: true, comment: "approved by --approve".to_owned() };
            self.give(action, &answer).await;
        } else if self.stops_requested > 0 {
            self.give(action, &rejected_by_stop()).await;
        } else {
            self.approvals.push(action.clone());
            self.ask_next();
        }
    }

    fn ask_next(&mut self) {
        if self.question.is_some() {
            return;
        }
        let Some(action) = self.approvals.first().cloned() else { return };
        self.display.pause();
        self.question = Some(tokio::task::spawn_blocking(move || approve::ask(&action)));
    }

    async fn give(&mut self, action: &ActionView, answer: &Answer) {
        let word = if answer.approved { "approved" } else { "rejected" };
        match approve::answer(self.stack, self.started, action, answer).await {
            Ok(()) => {
                self.display.note(&format!("{} / {} {word}: {}", action.stage, action.name, answer.comment))
            }
            Err(refusal) => self.display.note(&refusal),
        }
    }

    /// Until it is time to look again, or something else happens.
    async fn wait(&mut self) {
        let answered = async {
            match self.question.as_mut() {
                Some(question) => question.await.ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            Some((action, line)) = self.logs.lines.recv() => {
                self.log(&action, &line);
                while let Ok((action, line)) = self.logs.lines.try_recv() {
                    self.log(&action, &line);
                }
            }
            answer = answered => self.answered(answer).await,
            () = self.interrupts.next() => self.stop().await,
        }
    }

    async fn answered(&mut self, answer: Option<Answer>) {
        self.question = None;
        self.display.resume();
        if self.approvals.is_empty() {
            return;
        }
        let action = self.approvals.remove(0);
        if let Some(answer) = answer {
            self.give(&action, &answer).await;
        }
        self.ask_next();
    }

    /// The first Ctrl-C waits for what runs, the second abandons it.
    async fn stop(&mut self) {
        self.stops_requested += 1;
        let abandon = self.stops_requested > 1;
        self.question = None;
        self.display.resume();
        self.display.note(match abandon {
            false => "Stopping: what runs is waited for, nothing else starts. Ctrl-C again abandons it.",
            true => "Abandoned: what runs is ended.",
        });
        let input = json!({
            "pipelineName": self.started.pipeline_name,
            "pipelineExecutionId": self.started.execution_id,
            "abandon": abandon,
            "reason": "Ctrl-C",
        });
        if let Err(error) = self.stack.call("StopPipelineExecution", input, CALLER).await {
            self.display.note(&error.to_string());
        }
        // Nobody is going to answer any more.
        for action in std::mem::take(&mut self.approvals) {
            self.give(&action, &rejected_by_stop()).await;
        }
    }
}

fn rejected_by_stop() -> Answer {
    Answer { approved: false, comment: "the execution was stopped".to_owned() }
}
