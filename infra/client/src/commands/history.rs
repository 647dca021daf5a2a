//! `history PIPELINE`: its executions, or what ran in them: with `--actions` actions, with `--rules` the rules of
//! conditions.

mod render;

use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::ActionView;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::list_to_json;
use crate::resolve::{self, Which};
use crate::session::Session;
use crate::terminal::Form;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// Action executions instead of pipeline executions
    #[arg(long, group = "ran")]
    pub actions: bool,
    /// The executions of the rules of stage conditions
    #[arg(long, group = "ran")]
    pub rules: bool,
    /// What ran in one execution: its id, or the beginning of it
    #[arg(long, value_name = "ID", requires = "ran")]
    pub execution: Option<String>,
    /// How many, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub limit: usize,
    /// All of them
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let limit = if arguments.all { usize::MAX } else { arguments.limit };
    let listed = match (arguments.actions, arguments.rules) {
        (true, _) => actions(arguments, limit, session).await,
        (false, true) => rules(arguments, limit, session).await,
        (false, false) => executions(&arguments.pipeline, limit, session).await,
    };
    let count = match listed {
        Ok(count) => count,
        Err(failure) => return Err(resolve::explain(session, &arguments.pipeline, failure).await),
    };
    let terminal = &session.terminal;
    let name = &arguments.pipeline;
    if count == 0 && arguments.rules {
        terminal.note(&format!("no condition of {name} was checked\n"));
    } else if count == 0 {
        terminal.note(&format!("nothing has run in {name} yet: pipewright start {name}\n"));
    } else if count == limit {
        terminal.note("there may be more: --all lists them too\n");
    }
    Ok(Exit::Succeeded)
}

async fn executions(name: &str, limit: usize, session: &Session) -> Result<usize, Failure> {
    let executions = session.api.executions(name, limit).await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => {
            terminal.say_json(&json!({ "pipelineExecutionSummaries": list_to_json(&executions) }));
        }
        Form::Quiet => {
            for id in executions.iter().filter_map(|execution| execution.pipeline_execution_id()) {
                terminal.say(&format!("{id}\n"));
            }
        }
        Form::Text if executions.is_empty() => {}
        Form::Text => terminal.say(&render::executions(&executions, terminal.look, session.clock.now())),
    }
    Ok(executions.len())
}

async fn actions(arguments: &Arguments, limit: usize, session: &Session) -> Result<usize, Failure> {
    let name = &arguments.pipeline;
    let execution = execution_of(arguments, session).await?;
    let actions = session.api.actions(name, execution.as_deref(), limit).await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({ "actionExecutionDetails": list_to_json(&actions) })),
        Form::Quiet => {
            for id in actions.iter().filter_map(|action| action.action_execution_id()) {
                terminal.say(&format!("{id}\n"));
            }
        }
        Form::Text if actions.is_empty() => {}
        Form::Text => {
            let actions: Vec<_> = actions.iter().map(ActionView::of).collect();
            terminal.say(&render::actions(&actions, "ACTION", terminal.look, session.clock.now()));
        }
    }
    Ok(actions.len())
}

async fn rules(arguments: &Arguments, limit: usize, session: &Session) -> Result<usize, Failure> {
    let execution = execution_of(arguments, session).await?;
    let rules = session.api.rules(&arguments.pipeline, execution.as_deref(), limit).await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({ "ruleExecutionDetails": list_to_json(&rules) })),
        Form::Quiet => {
            for id in rules.iter().filter_map(|rule| rule.rule_execution_id()) {
                terminal.say(&format!("{id}\n"));
            }
        }
        Form::Text if rules.is_empty() => {}
        Form::Text => {
            let rules: Vec<_> = rules.iter().map(ActionView::of_rule).collect();
            terminal.say(&render::actions(&rules, "RULE", terminal.look, session.clock.now()));
        }
    }
    Ok(rules.len())
}

/// The one that was named.
async fn execution_of(arguments: &Arguments, session: &Session) -> Result<Option<String>, Failure> {
    let Some(id) = &arguments.execution else { return Ok(None) };
    let target = format!("{}/{id}", arguments.pipeline);
    Ok(Some(resolve::execution(session, Some(&target), Which::Newest).await?.id))
}
