//! `logs [-f] PIPELINE [ACTION]`: what the actions of an execution printed, and the rules of its conditions.

use std::collections::BTreeSet;

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::{ActionView, actions_in_order, declared, with_rules};
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
    /// One action or rule only, as ACTION or STAGE/ACTION
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

/// Which actions and rules are meant: those of a name, in one stage or in any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Wanted {
    stage: Option<String>,
    action: Option<String>,
    /// Who has no conditions is not asked for their rules.
    may_have_rules: bool,
}

fn has_rules(declaration: &PipelineDeclaration) -> bool {
    declaration.stages().iter().any(|stage| declared(stage).next().is_some())
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let target = arguments.execution.as_ref().map_or_else(|| name.clone(), |id| format!("{name}/{id}"));
    let execution = resolve::execution(session, Some(&target), Which::InProgress).await?;
    let described = session.api.execution(&execution.pipeline, &execution.id).await?;
    let declared = resolve::pipeline(session, &execution.pipeline, described.pipeline_version()).await;
    let wanted = match (&arguments.action, declared) {
        (Some(action), declared) => wanted(&declared?.0, action)?,
        (None, Ok((declaration, _))) => {
            Wanted { may_have_rules: has_rules(&declaration), ..Wanted::default() }
        }
        (None, Err(failure)) if failure.exit == Exit::Unreachable => return Err(failure),
        // The version is not there any more; it may have had rules.
        (None, Err(_)) => Wanted { may_have_rules: true, ..Wanted::default() },
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
    let (mut names, mut rules) = (Vec::new(), Vec::new());
    for stage in stages {
        names.extend(stage.actions().iter().map(|action| action.name()));
        rules.extend(declared(stage).flat_map(|(_, condition)| condition.rules()).map(|rule| rule.name()));
    }
    let may_have_rules = rules.contains(&action);
    names.extend(rules);
    if !names.contains(&action) {
        let place = stage.as_deref().unwrap_or(declaration.name());
        return Err(resolve::unknown("action", action, &format!(" in '{place}'"), names));
    }
    Ok(Wanted { stage, action: Some(action.to_owned()), may_have_rules })
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
    let mut actions = actions_in_order(&session.api.actions(pipeline, Some(id), ACTIONS).await?);
    if wanted.may_have_rules {
        actions = with_rules(actions, &session.api.rules(pipeline, Some(id), ACTIONS).await?);
    }
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
        Form::Json => {
            let (id, name) = match action.is_rule() {
                true => ("ruleExecutionId", "ruleName"),
                false => ("actionExecutionId", "actionName"),
            };
            terminal.say_json_line(&json!({
                "timestamp": line.at.map(|at| at.to_string()),
                "pipelineExecutionId": action.execution_id,
                id: action.id,
                "stageName": action.stage,
                name: action.name,
                "build": line.build,
                "message": line.message,
            }));
        }
        Form::Text | Form::Quiet => {
            let text = harmless(&line.message, terminal.look.colour);
            let bar = if terminal.look.colour { "│" } else { "|" };
            // The action is not named to somebody who has named it.
            let named = if action.is_rule() { format!("rule {}", action.name) } else { action.name.clone() };
            let named = wanted.action.is_none().then_some(named.as_str());
            let from: Vec<&str> = named.into_iter().chain(line.build.as_deref()).collect();
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
