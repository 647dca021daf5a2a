//! `approve` and `reject PIPELINE [STAGE/ACTION]`: an answer, after a look at what is answered.

mod ask;
mod find;
mod show;

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus};
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::session::Session;
use crate::terminal::Form;
use crate::text::rfc3339;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// Which approval, if several wait
    #[arg(value_name = "STAGE/ACTION")]
    pub approval: Option<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Of which execution, if several wait: its id, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

/// What the command means by an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Approve,
    Reject,
}

impl Answer {
    fn question(self) -> &'static str {
        match self {
            Self::Approve => "Approve?",
            Self::Reject => "Reject?",
        }
    }

    fn status(self) -> ApprovalStatus {
        match self {
            Self::Approve => ApprovalStatus::Approved,
            Self::Reject => ApprovalStatus::Rejected,
        }
    }
}

/// An approval that waits for an answer.
#[derive(Debug, Clone, PartialEq)]
struct Approval {
    execution_id: String,
    stage: String,
    action: String,
    token: String,
    since: Option<aws_smithy_types::DateTime>,
    /// What the approver is asked to look at.
    text: Option<String>,
    url: Option<String>,
}

pub(crate) async fn run(arguments: &Arguments, answer: Answer, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let waiting = find::waiting(name, session).await?;
    let approval =
        find::choose(name, &waiting, arguments.approval.as_deref(), arguments.execution.as_deref())?;
    let execution = session.api.execution(name, &approval.execution_id).await?;
    let terminal = &session.terminal;
    let look = terminal.look_of_errors;
    terminal.note(&show::render(name, &approval, &execution, look, session.clock.now()));
    let comment = ask::comment(answer, arguments, session).await?;
    let result = ApprovalResult::builder().status(answer.status()).summary(&comment).build();
    let result = result.map_err(|error| Failure::usage(error.to_string()))?;
    let request = session.api.codepipeline.put_approval_result().pipeline_name(name);
    let request = request.stage_name(&approval.stage).action_name(&approval.action).token(&approval.token);
    let answered = request.result(result).send().await?;
    let word = answer.status().as_str().to_lowercase();
    match terminal.form {
        Form::Json => terminal.say_json(&json!({
            "pipelineName": name,
            "pipelineExecutionId": approval.execution_id,
            "stageName": approval.stage,
            "actionName": approval.action,
            "status": answer.status().as_str(),
            "summary": comment,
            "approvedAt": answered.approved_at().and_then(rfc3339),
            "artifactRevisions": crate::json::list_to_json(execution.artifact_revisions()),
            "trigger": execution.trigger().map(|trigger| to_json(trigger)),
        })),
        Form::Quiet => {}
        Form::Text => {
            terminal.say(&format!("{} / {} of {name} is {word}\n", approval.stage, approval.action))
        }
    }
    Ok(Exit::Succeeded)
}
