//! `stop EXECUTION|PIPELINE`: wait for what runs, or abandon it.

use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::short;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Which};
use crate::session::Session;
use crate::terminal::Form;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// An execution, the beginning of its id, PIPELINE/EXECUTION, or a pipeline of which one is in progress
    #[arg(value_name = "EXECUTION|PIPELINE")]
    pub target: String,
    /// End what runs instead of waiting for it
    #[arg(long)]
    pub abandon: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let found = resolve::execution(session, Some(&arguments.target), Which::TheOneInProgress).await?;
    let request = session.api.codepipeline.stop_pipeline_execution().pipeline_name(&found.pipeline);
    let request = request.pipeline_execution_id(&found.id).abandon(arguments.abandon);
    request.set_reason(arguments.reason.clone()).send().await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({
            "pipelineName": found.pipeline,
            "pipelineExecutionId": found.id,
            "abandon": arguments.abandon,
        })),
        Form::Quiet => terminal.say(&format!("{}\n", found.id)),
        Form::Text => {
            let what = if arguments.abandon { "what runs is ended" } else { "what runs is waited for" };
            terminal.say(&format!(
                "execution {} of {} is stopping: {what}\n",
                short(&found.id),
                found.pipeline
            ));
        }
    }
    Ok(Exit::Succeeded)
}
