//! `logs [-f] PIPELINE [ACTION]`: what the actions of an execution printed.

use std::collections::BTreeSet;

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::{ActionView, actions_in_order};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logs::{Line, Logs};
use crate::progress::WatchedAction;
use crate::resolve::{self, Execution, Which};
use crate::session::Session;
use crate::terminal::Form;
use crate::text::harmless;
use crate::watch::Patience;

/// More actions than an execution can have.
const ACTIONS: usize = 10_000;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// One action only, as ACTION or STAGE/ACTION
    pub action: Option<String>,
    /// Wait for more lines until the execution or the action has ended
    #[arg(long, short)]
    pub follow: bool,
    /// The execution, or the beginning of its id [default: one in progress, else the newest]
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

/// Which actions are meant: those of a name, in one stage or in any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    stage: Option<String>,
    action: Option<String>,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let target = arguments.execution.as_ref().map_or_else(|| name.clone(), |id| format!("{name}/{id}"));
    let execution = resolve::execution(session, Some(&target), Which::InProgress).await?;
    let wanted = match &arguments.action {
        Some(action) => {
            let described = session.api.execution(&execution.pipeline, &execution.id).await?;
            let version = described.pipeline_version();
            let (declaration, _) = resolve::pipeline(session, &execution.pipeline, version).await?;
            wanted(&declaration, action)?
        }
        None => Wanted { stage: None, action: None },
    };
    let printed = follow(&execution, &wanted, arguments.follow, session).await?;
    if printed == 0 {
        session.terminal.note("no log of it can be read: no action of it has printed anything\n");
    }
    Ok(Exit::Succeeded)
}

fn wanted(declaration: &PipelineDeclaration, written: &str) -> Result<Wanted, Failure> {
    let (stage, action) = match written.split_once('/') {
        Some((stage, action)) => (Some(resolve::stage(declaration, stage.trim())?.to_owned()), action.trim()),
        None => (None, written),
    };
    let stages = declaration.stages().iter();
    let stages = stages.filter(|one| stage.as_deref().is_none_or(|stage| stage == one.name()));
    let names: Vec<_> = stages.flat_map(|stage| stage.actions()).map(|action| action.name()).collect();
    if !names.contains(&action) {
        let place = stage.as_deref().unwrap_or(declaration.name());
        return Err(resolve::unknown("action", action, &format!(" in '{place}'"), names));
    }
    Ok(Wanted { stage, action: Some(action.to_owned()) })
}

impl Wanted {
    fn has(&self, action: &ActionView) -> bool {
        self.stage.as_deref().is_none_or(|stage| stage == action.stage)
            && self.action.as_deref().is_none_or(|name| name == action.name)
    }

    /// Whether nothing more can come: the execution has ended, or the newest attempt of the one action.
    fn is_over(&self, execution_has_ended: bool, actions: &[ActionView]) -> bool {
        execution_has_ended
            || self.action.is_some() && actions.last().is_some_and(|last| !last.is_in_progress())
    }
}

/// Prints lines until nothing more comes; how many.
async fn follow(
    execution: &Execution,
    wanted: &Wanted,
    follow: bool,
    session: &Session,
) -> Result<usize, Failure> {
    let (mut logs, mut patience, mut printed) = (Logs::new(), Patience::new(), 0);
    let (mut was_over, mut approvals) = (false, BTreeSet::new());
    loop {
        match pass(execution, wanted, &mut logs, &mut printed, session).await {
            Ok((is_over, actions)) => {
                if let Some(note) = patience.renew() {
                    session.terminal.note(&format!("{note}\n"));
                }
                // The last lines may come a moment later, so that the end is looked at twice.
                if !follow || is_over && was_over || session.terminal.is_gone() {
                    return Ok(printed);
                }
                tell_of_approvals(&actions, &mut approvals, execution, session);
                was_over = is_over;
                session.clock.wait(session.api.look).await;
            }
            Err(failure) if follow => {
                if let Some(note) = patience.bear(failure, session.clock.now())? {
                    session.terminal.note(&format!("{note}\n"));
                }
                patience.wait(session).await;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// An approval prints nothing and may take days: whoever follows the log is told what it waits for.
fn tell_of_approvals(
    actions: &[ActionView],
    told: &mut BTreeSet<String>,
    execution: &Execution,
    session: &Session,
) {
    for action in actions.iter().filter(|action| action.waits_for_approval()) {
        if told.insert(action.id.clone()) {
            let ActionView { stage, name, .. } = action;
            let answer = format!("pipewright approve {} {stage}/{name}", execution.pipeline);
            session.terminal.note(&format!("{} waits for an approval: {answer}\n", action.place()));
        }
    }
}

/// Prints what has come; whether nothing more can, and the actions.
async fn pass(
    execution: &Execution,
    wanted: &Wanted,
    logs: &mut Logs,
    printed: &mut usize,
    session: &Session,
) -> Result<(bool, Vec<ActionView>), Failure> {
    let Execution { pipeline, id } = execution;
    // How it is comes before what it printed: after the end nothing is printed that was not read here.
    let described = session.api.execution(pipeline, id).await?;
    let status = described.status().map_or("", |status| status.as_str());
    let actions = actions_in_order(&session.api.actions(pipeline, Some(id), ACTIONS).await?);
    let actions: Vec<_> = actions.into_iter().filter(|action| wanted.has(action)).collect();
    for action in &actions {
        let mut say = |line: &Line| {
            *printed += 1;
            print(action, line, wanted, session);
        };
        logs.read(action, session, &mut say).await?;
    }
    Ok((wanted.is_over(Exit::of_status(status).is_some(), &actions), actions))
}

fn print(action: &ActionView, line: &Line, wanted: &Wanted, session: &Session) {
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json_line(&json!({
            "timestamp": line.at.map(|at| at.to_string()),
            "pipelineExecutionId": action.execution_id,
            "actionExecutionId": action.id,
            "stageName": action.stage,
            "actionName": action.name,
            "build": line.build,
            "message": line.message,
        })),
        Form::Text | Form::Quiet => {
            let text = harmless(&line.message, terminal.look.colour);
            let bar = if terminal.look.colour { "│" } else { "|" };
            // The action is not named to somebody who has named it.
            let action = wanted.action.is_none().then_some(action.name.as_str());
            let from: Vec<&str> = action.into_iter().chain(line.build.as_deref()).collect();
            let prefix = match terminal.form {
                Form::Text if !from.is_empty() => {
                    format!("{} ", terminal.look.dim(&format!("{} {bar}", from.join(" "))))
                }
                _ => String::new(),
            };
            terminal.say(&format!("{prefix}{text}\n"));
        }
    }
}
