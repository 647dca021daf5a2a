//! Looking at an execution until it has ended. The service may go away and come back meanwhile.

use std::collections::VecDeque;
use std::time::Duration;

use aws_sdk_codepipeline::types::PipelineDeclaration;
use jiff::Timestamp;

use super::display::{Display, display};
use super::patience::Patience;
use super::view::{Change, View, changes};
use crate::execution::{
    ActionView, Known, actions_in_order, declared as conditions, is_waiting, reason, rollback_of, with_rules,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logs::Logs;
use crate::progress::{WatchedAction, skipped, sort_as_declared};
use crate::resolve::Execution;
use crate::session::Session;
use crate::text::seconds_between;

/// More actions than an execution can have.
const ACTIONS: usize = 10_000;
/// So far back a rollback of an execution that has just failed is looked for.
const EXECUTIONS: usize = 20;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    pub logs: bool,
    pub timeout: Option<Duration>,
    /// What has ended before is not told again.
    pub from_now: bool,
}

struct Watcher<'a> {
    execution: &'a Execution,
    session: &'a Session,
    display: Box<dyn Display + 'a>,
    logs: Option<Logs>,
    from_now: bool,
    /// Stages with their actions, as they are declared.
    stages: Option<Stages>,
    view: View,
    /// Changes of the last look that were not told yet.
    pending: VecDeque<Change>,
}

/// Shows the execution until it has ended; its end is the exit status.
pub(crate) async fn to_the_end(
    execution: &Execution,
    options: Options,
    session: &Session,
) -> Result<Exit, Failure> {
    let mut watcher = Watcher {
        execution,
        session,
        display: display(execution, session),
        logs: options.logs.then(Logs::new),
        from_now: options.from_now,
        stages: None,
        view: View::default(),
        pending: VecDeque::new(),
    };
    let exit = watch(&mut watcher, options.timeout).await;
    watcher.display.end();
    exit
}

async fn watch(watcher: &mut Watcher<'_>, timeout: Option<Duration>) -> Result<Exit, Failure> {
    let session = watcher.session;
    let began = session.clock.now();
    let mut patience = Patience::new();
    loop {
        match watcher.step().await {
            Ok(exit) => {
                if let Some(note) = patience.renew() {
                    watcher.display.note(note);
                }
                if let Some(exit) = exit {
                    return Ok(exit);
                }
                session.clock.wait(session.api.look).await;
            }
            Err(failure) => {
                if let Some(note) = patience.bear(failure, session.clock.now())? {
                    watcher.display.note(&note);
                }
                patience.wait(session).await;
            }
        }
        if session.terminal.is_gone() {
            return Ok(Exit::Succeeded);
        }
        if is_over(began, timeout, session) {
            return Err(not_in_time(watcher.execution, timeout.unwrap_or_default()));
        }
    }
}

fn is_over(began: Timestamp, timeout: Option<Duration>, session: &Session) -> bool {
    timeout.is_some_and(|timeout| seconds_between(began, session.clock.now()) >= timeout.as_secs_f64())
}

fn not_in_time(execution: &Execution, timeout: Duration) -> Failure {
    let message = format!("the execution did not end within {} s", timeout.as_secs());
    Failure::new(Exit::TimedOut, message)
        .help(format!("it goes on: pipewright watch {}/{}", execution.pipeline, execution.id))
}

impl Watcher<'_> {
    /// Looks, and tells what has changed; the exit status at the end. After a failure the next step goes on where
    /// this one was.
    async fn step(&mut self) -> Result<Option<Exit>, Failure> {
        if self.pending.is_empty() {
            let view = self.look().await?;
            let is_first = self.view == View::default();
            if is_first && self.from_now {
                let past = view.actions.iter().filter(|action| !action.is_in_progress());
                self.view.actions = past.cloned().collect();
            }
            self.pending.extend(changes(&self.view, &view));
            self.view = view;
            if is_first {
                let stages = self.stages.as_ref().map(Stages::names).unwrap_or_default();
                self.display.begin(&self.view, &stages);
            }
        }
        while let Some(change) = self.pending.front().cloned() {
            if let Change::ActionEnded(action) = &change {
                // The log of an action comes before its end.
                self.log(action, true).await?;
            }
            self.display.change(&change, &self.view);
            self.pending.pop_front();
        }
        for action in self.view.actions.clone().iter().filter(|action| action.is_in_progress()) {
            self.log(action, false).await?;
        }
        Ok(self.view.exit())
    }

    async fn look(&mut self) -> Result<View, Failure> {
        let Execution { pipeline, id } = self.execution;
        let api = &self.session.api;
        // The execution first: when it has ended, every action's end is to be seen.
        let described = api.execution(pipeline, id).await?;
        let mut actions = actions_in_order(&api.actions(pipeline, Some(id), ACTIONS).await?);
        if self.stages.is_none() {
            self.stages = Some(stages(api.pipeline(pipeline, described.pipeline_version()).await)?);
        }
        if let Some(stages) = self.stages.as_ref() {
            if stages.have_rules {
                actions = with_rules(actions, &api.rules(pipeline, Some(id), ACTIONS).await?);
            }
            sort_as_declared(&mut actions, &stages.declared);
        }
        let mut view = View::of(&described, actions);
        let stages = self.stages.iter().flat_map(|stages| &stages.declared).map(|(name, _)| name.as_str());
        view.skipped = skipped(stages, &view.actions, view.exit() == Some(Exit::Succeeded));
        if is_waiting(&view.status, &view.actions) {
            let state = api.state(pipeline).await?;
            let known = Known { state: Some(&state), rolled_back_by: None };
            let reason = reason(&described, &view.actions, known);
            let declaration = self.stages.as_ref().and_then(|stages| stages.declaration.as_ref());
            view.waits = Some(match declaration {
                Some(declaration) => reason.told_by(declaration),
                None => reason,
            });
        }
        if view.exit() == Some(Exit::Failed) {
            view.rolled_back_by = rollback_of(id, &api.executions(pipeline, EXECUTIONS).await?);
        }
        Ok(view)
    }

    /// Shows what an action has printed since the last time, and at its end what is still to come. A log that may
    /// not be read is told of once.
    async fn log(&mut self, action: &ActionView, has_ended: bool) -> Result<(), Failure> {
        let Some(logs) = &mut self.logs else { return Ok(()) };
        let display = self.display.as_mut();
        let mut say = |line: &crate::logs::Line| match &line.build {
            Some(build) => display.log(&action.build(build), &line.message),
            None => display.log(action, &line.message),
        };
        let read = match has_ended {
            true => logs.finish(action, self.session, &mut say).await,
            false => logs.read(action, self.session, &mut say).await,
        };
        match read {
            Err(failure) if failure.exit != Exit::Unreachable => {
                display.note(&format!("logs cannot be read: {}", failure.message));
                self.logs = None;
                Ok(())
            }
            read => read,
        }
    }
}

/// The stages of the version that the execution runs under.
#[derive(Default)]
struct Stages {
    /// With the names of their actions.
    declared: Vec<(String, Vec<String>)>,
    have_rules: bool,
    declaration: Option<PipelineDeclaration>,
}

impl Stages {
    fn names(&self) -> Vec<String> {
        self.declared.iter().map(|(stage, _)| stage.clone()).collect()
    }
}

/// Nothing is declared where the version is not there any more; then it may have had rules.
fn stages(
    output: Result<aws_sdk_codepipeline::operation::get_pipeline::GetPipelineOutput, Failure>,
) -> Result<Stages, Failure> {
    let output = match output {
        Ok(output) => output,
        Err(failure) if failure.exit == Exit::Unreachable => return Err(failure),
        Err(_) => return Ok(Stages { have_rules: true, ..Stages::default() }),
    };
    let stages = output.pipeline().map(|pipeline| pipeline.stages()).unwrap_or_default();
    let declared = stages.iter().map(|stage| {
        let actions = stage.actions().iter().map(|action| action.name().to_owned());
        (stage.name().to_owned(), actions.collect())
    });
    let have_rules = stages.iter().any(|stage| conditions(stage).next().is_some());
    Ok(Stages { declared: declared.collect(), have_rules, declaration: output.pipeline.clone() })
}
