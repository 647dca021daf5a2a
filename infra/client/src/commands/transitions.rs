//! `enable` and `disable PIPELINE STAGE`: the way into a stage, or out of it.

use aws_sdk_codepipeline::types::StageTransitionType;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve;
use crate::session::Session;
use crate::terminal::Form;

/// The API requires a reason.
const NO_REASON: &str = "disabled on the command line";

#[derive(Debug, Clone, clap::Args)]
pub struct EnableArguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The name of the stage
    pub stage: String,
    /// The way out of the stage instead of the way into it
    #[arg(long)]
    pub outbound: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

#[derive(Debug, Clone, clap::Args)]
pub struct DisableArguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The name of the stage
    pub stage: String,
    /// The way out of the stage instead of the way into it
    #[arg(long)]
    pub outbound: bool,
    /// Why, for those who wait
    #[arg(long, value_name = "TEXT", default_value = NO_REASON)]
    pub reason: String,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn enable(arguments: &EnableArguments, session: &Session) -> Result<Exit, Failure> {
    let EnableArguments { pipeline, stage, outbound, .. } = arguments;
    check(session, pipeline, stage).await?;
    let request =
        session.api.codepipeline.enable_stage_transition().pipeline_name(pipeline).stage_name(stage);
    request.transition_type(transition(*outbound)).send().await?;
    tell(session, pipeline, stage, *outbound, true);
    Ok(Exit::Succeeded)
}

pub(crate) async fn disable(arguments: &DisableArguments, session: &Session) -> Result<Exit, Failure> {
    let DisableArguments { pipeline, stage, outbound, reason, .. } = arguments;
    check(session, pipeline, stage).await?;
    let request =
        session.api.codepipeline.disable_stage_transition().pipeline_name(pipeline).stage_name(stage);
    request.transition_type(transition(*outbound)).reason(reason).send().await?;
    tell(session, pipeline, stage, *outbound, false);
    session.terminal.note(&format!(
        "what runs in it goes on; open it again with: pipewright enable {pipeline} {stage}{}\n",
        if *outbound { " --outbound" } else { "" }
    ));
    Ok(Exit::Succeeded)
}

async fn check(session: &Session, pipeline: &str, stage: &str) -> Result<(), Failure> {
    let (declaration, _) = resolve::pipeline(session, pipeline, None).await?;
    resolve::stage(&declaration, stage).map(|_| ())
}

fn transition(outbound: bool) -> StageTransitionType {
    if outbound { StageTransitionType::Outbound } else { StageTransitionType::Inbound }
}

fn tell(session: &Session, pipeline: &str, stage: &str, outbound: bool, is_enabled: bool) {
    let way = if outbound { "out of" } else { "into" };
    let word = if is_enabled { "enabled" } else { "disabled" };
    match session.terminal.form {
        Form::Json => session.terminal.say_json(&json!({
            "pipelineName": pipeline,
            "stageName": stage,
            "transitionType": transition(outbound).as_str(),
            "enabled": is_enabled,
        })),
        Form::Quiet => {}
        Form::Text => {
            session.terminal.say(&format!("the transition {way} {stage} of {pipeline} is {word}\n"))
        }
    }
}
