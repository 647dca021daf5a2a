//! `rollback PIPELINE STAGE`: the stage again, with what an earlier execution had when it succeeded there.

use aws_sdk_codepipeline::types::{
    ExecutionType, PipelineExecution, PipelineExecutionSummary, StageExecution,
};
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::{short, target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Execution, Which};
use crate::session::Session;
use crate::terminal::Form;
use crate::text::{Mark, first_line};
use crate::watch::{self, WaitArguments};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The name of the stage
    pub stage: String,
    /// The execution to go back to, or the beginning of its id [default: the last that succeeded in the stage before
    /// the one in it now]
    #[arg(long, value_name = "EXECUTION")]
    pub to: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let Arguments { pipeline, stage, .. } = arguments;
    let (declaration, _) = resolve::pipeline(session, pipeline, None).await?;
    resolve::stage(&declaration, stage)?;
    let state = session.api.state(pipeline).await?;
    let shown = state.stage_states().iter().find(|state| state.stage_name() == Some(stage));
    let inside = shown.and_then(|state| state.latest_execution());
    let to = match &arguments.to {
        Some(id) => resolve::execution(session, Some(&format!("{pipeline}/{id}")), Which::Newest).await?.id,
        None => last_before(pipeline, stage, inside, session).await?,
    };
    let terminal = &session.terminal;
    terminal.note(&describe(stage, &session.api.execution(pipeline, &to).await?, inside));
    terminal.confirm(&format!("Roll {stage} of {pipeline} back?"), arguments.yes).await?;
    let request = session.api.codepipeline.rollback_stage().pipeline_name(pipeline).stage_name(stage);
    let begun = request.target_pipeline_execution_id(&to).send().await?;
    let execution = Execution { pipeline: pipeline.clone(), id: begun.pipeline_execution_id().to_owned() };
    match terminal.form {
        Form::Json if arguments.wait.wait => {}
        Form::Json => terminal.say_json(&json!({
            "pipelineName": pipeline,
            "stageName": stage,
            "pipelineExecutionId": execution.id,
            "targetPipelineExecutionId": to,
        })),
        Form::Quiet => terminal.say(&format!("{}\n", execution.id)),
        Form::Text => {
            let id = &execution.id;
            terminal.say(&format!("execution {id} rolls {stage} of {pipeline} back to {}\n", short(&to)));
        }
    }
    watch::if_wanted(&arguments.wait, &execution, false, session).await
}

/// What goes where.
fn describe(stage: &str, to: &PipelineExecution, inside: Option<&StageExecution>) -> String {
    let revisions = to.artifact_revisions().iter().map(|revision| {
        let parts = [revision.revision_id().map(short), revision.revision_summary()];
        parts.into_iter().flatten().map(first_line).collect::<Vec<_>>().join(" ")
    });
    let revisions = revisions.filter(|revision| !revision.is_empty()).collect::<Vec<_>>().join(", ");
    let with = if revisions.is_empty() { String::new() } else { format!(", with {revisions}") };
    let id = short(to.pipeline_execution_id().unwrap_or_default());
    let mut text = format!("{stage} runs again as in execution {id}{with}\n");
    if let Some(inside) = inside {
        let mark = Mark::of(inside.status().as_str());
        let id = short(inside.pipeline_execution_id());
        text.push_str(&format!("in it now: execution {id}, {}\n", mark.word));
    }
    text
}

async fn last_before(
    pipeline: &str,
    stage: &str,
    inside: Option<&StageExecution>,
    session: &Session,
) -> Result<String, Failure> {
    let succeeded = session.api.executions_succeeded_in(pipeline, stage).await?;
    // After a rollback the stage has what its target had.
    let target = match inside.filter(|inside| inside.r#type() == Some(&ExecutionType::Rollback)) {
        Some(inside) => {
            let rollback = session.api.execution(pipeline, inside.pipeline_execution_id()).await?;
            target(&rollback).map(str::to_owned)
        }
        None => None,
    };
    let found = choose(&succeeded, inside, target.as_deref()).map(str::to_owned);
    found.ok_or_else(|| {
        let message = format!("there is nothing to roll {stage} of {pipeline} back to");
        Failure::not_found(message).help(
            "no other execution has succeeded in this stage since the pipeline was last updated; start a new one",
        )
    })
}

/// The newest that succeeded before the one whose revisions the stage has now; `succeeded` has the newest first. A
/// rollback cannot be gone back to.
fn choose<'a>(
    succeeded: &'a [PipelineExecutionSummary],
    inside: Option<&StageExecution>,
    target: Option<&str>,
) -> Option<&'a str> {
    let inside_id = inside.map(|inside| inside.pipeline_execution_id());
    let has_succeeded = inside.is_some_and(|inside| inside.status().as_str() == "Succeeded");
    let ids = succeeded
        .iter()
        .filter(|one| one.execution_type() != Some(&ExecutionType::Rollback))
        .filter_map(|one| one.pipeline_execution_id())
        .filter(|id| Some(*id) != inside_id);
    let ids: Vec<_> = ids.collect();
    let begin = match target.and_then(|target| ids.iter().position(|id| *id == target)) {
        Some(place) if has_succeeded => place + 1,
        Some(place) => place,
        None => 0,
    };
    ids.get(begin).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_goes_back_by_one_that_succeeded_in_it() {
        let listed = |ids: &[&str]| -> Vec<PipelineExecutionSummary> {
            let summary = |id: &&str| {
                let kind = if id.starts_with("rollback") { "ROLLBACK" } else { "STANDARD" };
                let summary = PipelineExecutionSummary::builder().pipeline_execution_id(*id);
                summary.execution_type(kind.into()).build()
            };
            ids.iter().map(summary).collect()
        };
        let inside = |id: &str, status: &str| {
            let inside = StageExecution::builder().pipeline_execution_id(id).status(status.into());
            inside.build().expect("complete")
        };
        for (succeeded, id, status, target, expected) in [
            (&["b", "a"][..], "b", "Succeeded", None, Some("a")),
            (&["b", "a"], "c", "Failed", None, Some("b")),
            (&["a"], "a", "Succeeded", None, None),
            (&["rollback", "c", "b", "a"], "rollback", "Succeeded", Some("b"), Some("a")),
            (&["c", "b", "a"], "rollback", "Failed", Some("b"), Some("b")),
            (&["d", "rollback", "c"], "d", "Succeeded", None, Some("c")),
        ] {
            let (listed, inside) = (listed(succeeded), inside(id, status));
            assert_eq!(choose(&listed, Some(&inside), target), expected, "{succeeded:?} {id} {status}");
        }
        assert_eq!(choose(&listed(&["a"]), None, None), Some("a"));
    }
}
