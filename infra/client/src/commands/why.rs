//! `why [PIPELINE|EXECUTION]`: one sentence about what an execution waits for.

use serde_json::{Value, json};

use crate::arguments::SharedArguments;
use crate::execution::{
    Known, Reason, actions_in_order, is_waiting, needs_rules, reason, reason_to_json, rollback_of, sentence,
    with_rules,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::WatchedAction;
use crate::resolve::{self, EXECUTIONS_SEARCHED, Execution, Which, is_in_progress};
use crate::session::Session;
use crate::terminal::Form;

/// More actions than an execution can have.
const ACTIONS: usize = 10_000;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// A pipeline, an execution, the beginning of its id, or PIPELINE/EXECUTION [default: all that are in progress]
    #[arg(value_name = "PIPELINE|EXECUTION")]
    pub target: Option<String>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let Some(target) = &arguments.target else { return all_in_progress(session).await };
    let execution = resolve::execution(session, Some(target), Which::InProgress).await?;
    let (status, reason) = find(&execution, session).await?;
    match session.terminal.form {
        Form::Json => session.terminal.say_json(&to_json(&execution, &status, &reason)),
        Form::Text | Form::Quiet => say(&execution, &reason, session),
    }
    Ok(Exit::Succeeded)
}

async fn all_in_progress(session: &Session) -> Result<Exit, Failure> {
    let mut found = Vec::new();
    for pipeline in session.api.pipelines().await? {
        let name = pipeline.name().unwrap_or_default();
        let executions = session.api.executions(name, EXECUTIONS_SEARCHED).await?;
        let ids =
            executions.iter().filter(|one| is_in_progress(one)).filter_map(|one| one.pipeline_execution_id());
        for id in ids {
            let execution = Execution { pipeline: name.to_owned(), id: id.to_owned() };
            let (status, reason) = find(&execution, session).await?;
            found.push((execution, status, reason));
        }
    }
    match session.terminal.form {
        Form::Json => {
            let all = found.iter().map(|(execution, status, reason)| to_json(execution, status, reason));
            session.terminal.say_json(&json!({ "executions": all.collect::<Vec<_>>() }));
        }
        Form::Text if found.is_empty() => session.terminal.say("no execution is in progress\n"),
        Form::Text | Form::Quiet => {
            for (execution, _, reason) in &found {
                say(execution, reason, session);
            }
        }
    }
    Ok(Exit::Succeeded)
}

/// The status of an execution and the reason of it.
pub(crate) async fn find(execution: &Execution, session: &Session) -> Result<(String, Reason), Failure> {
    let Execution { pipeline, id } = execution;
    let described = session.api.execution(pipeline, id).await?;
    let mut actions = actions_in_order(&session.api.actions(pipeline, Some(id), ACTIONS).await?);
    let status = described.status().map_or("", |status| status.as_str()).to_owned();
    if needs_rules(&status, &actions) {
        actions = with_rules(actions, &session.api.rules(pipeline, Some(id), ACTIONS).await?);
    }
    let failed = status == "Failed";
    let state = match is_waiting(&status, &actions) || failed && actions.iter().any(|one| one.is_rule()) {
        true => Some(session.api.state(pipeline).await?),
        false => None,
    };
    let later = match failed {
        true => session.api.executions(pipeline, EXECUTIONS_SEARCHED).await?,
        false => Vec::new(),
    };
    let rolled_back_by = rollback_of(id, &later);
    let known = Known { state: state.as_ref(), rolled_back_by: rolled_back_by.as_deref() };
    let reason = reason(&described, &actions, known);
    if !reason.lacks_declaration() {
        return Ok((status, reason));
    }
    match session.api.pipeline(pipeline, described.pipeline_version()).await {
        Ok(output) => match &output.pipeline {
            Some(declaration) => Ok((status, reason.told_by(declaration))),
            None => Ok((status, reason)),
        },
        Err(failure) if failure.exit == Exit::Unreachable => Err(failure),
        // The version is not there any more: then nothing tells.
        Err(_) => Ok((status, reason)),
    }
}

fn say(execution: &Execution, reason: &Reason, session: &Session) {
    let sentence = sentence(&execution.pipeline, &execution.id, reason, session.clock.now());
    session.terminal.say_with_commands(&format!("{sentence}\n"));
}

fn to_json(execution: &Execution, status: &str, reason: &Reason) -> Value {
    let mut value = reason_to_json(reason);
    value["pipelineName"] = json!(execution.pipeline);
    value["pipelineExecutionId"] = json!(execution.id);
    value["status"] = json!(status);
    value
}
