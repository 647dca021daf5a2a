//! `retry PIPELINE STAGE`: the failed actions of a stage again, or all of them.

use aws_sdk_codepipeline::types::StageRetryMode;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::short;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Execution};
use crate::session::Session;
use crate::terminal::Form;
use crate::watch::{self, WaitArguments};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The name of the stage
    pub stage: String,
    /// Which actions run again
    #[arg(long, value_enum, default_value_t = Mode::Failed)]
    pub mode: Mode,
    /// The execution, if it is not the newest in the stage
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Those that failed
    Failed,
    /// All of the stage
    All,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let Arguments { pipeline, stage, .. } = arguments;
    let (declaration, _) = resolve::pipeline(session, pipeline, None).await?;
    resolve::stage(&declaration, stage)?;
    let id = match &arguments.execution {
        Some(id) => {
            resolve::execution(session, Some(&format!("{pipeline}/{id}")), resolve::Which::Newest).await?.id
        }
        None => newest_in(session, pipeline, stage).await?,
    };
    let mode = match arguments.mode {
        Mode::Failed => StageRetryMode::FailedActions,
        Mode::All => StageRetryMode::AllActions,
    };
    let request = session.api.codepipeline.retry_stage_execution().pipeline_name(pipeline).stage_name(stage);
    request.pipeline_execution_id(&id).retry_mode(mode).send().await?;
    let terminal = &session.terminal;
    let execution = Execution { pipeline: pipeline.clone(), id };
    match terminal.form {
        Form::Json if arguments.wait.wait => {}
        Form::Json => terminal.say_json(&json!({
            "pipelineName": pipeline,
            "stageName": stage,
            "pipelineExecutionId": execution.id,
        })),
        Form::Quiet => terminal.say(&format!("{}\n", execution.id)),
        Form::Text => {
            terminal.say(&format!("execution {} of {pipeline} runs {stage} again\n", short(&execution.id)));
        }
    }
    watch::if_wanted(&arguments.wait, &execution, true, session).await
}

async fn newest_in(session: &Session, pipeline: &str, stage: &str) -> Result<String, Failure> {
    let state = session.api.state(pipeline).await?;
    let found = state.stage_states().iter().find(|state| state.stage_name() == Some(stage));
    let newest = found.and_then(|state| state.latest_execution());
    newest.map(|execution| execution.pipeline_execution_id().to_owned()).ok_or_else(|| {
        Failure::new(Exit::Failed, format!("no execution has been in {stage} of {pipeline} yet"))
            .help(format!("`pipewright state {pipeline}` shows where executions are"))
    })
}
