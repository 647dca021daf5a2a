//! `state PIPELINE`: its stages, what is in them and what waits before them.

mod render;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ExecutionMode, ExecutionType};

use crate::arguments::SharedArguments;
use crate::execution::target;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::resolve;
use crate::session::Session;
use crate::terminal::Form;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let state = match session.api.state(&arguments.pipeline).await {
        Ok(state) => state,
        Err(failure) => return Err(resolve::explain(session, &arguments.pipeline, failure).await),
    };
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&to_json(&state)),
        Form::Quiet => terminal.say(&render::statuses(&state)),
        Form::Text => {
            let targets = rollback_targets(&arguments.pipeline, &state, session).await?;
            terminal.say(&render::stages(&state, &targets, terminal.look, session.clock.now()));
        }
    }
    if terminal.form == Form::Text
        && state.stage_states().iter().all(|stage| stage.latest_execution().is_none())
    {
        tell_of_parallel_executions(&arguments.pipeline, session).await?;
    }
    Ok(Exit::Succeeded)
}

/// What the rollbacks among the stages' executions go back to.
async fn rollback_targets(
    name: &str,
    state: &GetPipelineStateOutput,
    session: &Session,
) -> Result<BTreeMap<String, String>, Failure> {
    let inside = state.stage_states().iter().filter_map(|stage| stage.latest_execution());
    let rollbacks = inside.filter(|inside| inside.r#type() == Some(&ExecutionType::Rollback));
    let ids: BTreeSet<_> = rollbacks.map(|rollback| rollback.pipeline_execution_id()).collect();
    let mut targets = BTreeMap::new();
    for id in ids {
        let rollback = session.api.execution(name, id).await?;
        targets.extend(target(&rollback).map(|target| (id.to_owned(), target.to_owned())));
    }
    Ok(targets)
}

/// Executions that go alone are in no stage of the pipeline's state: it would look as if nothing had run.
async fn tell_of_parallel_executions(name: &str, session: &Session) -> Result<(), Failure> {
    let (declaration, _) = resolve::pipeline(session, name, None).await?;
    if declaration.execution_mode() == Some(&ExecutionMode::Parallel) {
        session.terminal.note(&format!(
            "executions of a PARALLEL pipeline go alone: see pipewright history {name}, or pipewright why\n"
        ));
    }
    Ok(())
}
