//! `list`: the pipelines.

use aws_sdk_codepipeline::types::PipelineSummary;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::list_to_json;
use crate::session::Session;
use crate::terminal::{Form, Look};
use crate::text::{Cell, Column, Table, stamp};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(_arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let pipelines = session.api.pipelines().await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({ "pipelines": list_to_json(&pipelines) })),
        Form::Quiet => {
            for pipeline in &pipelines {
                terminal.say(&format!("{}\n", pipeline.name().unwrap_or_default()));
            }
        }
        Form::Text if pipelines.is_empty() => {
            terminal.note("there are no pipelines yet: pipewright create FILE makes one\n");
        }
        Form::Text => terminal.say(&render(&pipelines, terminal.look)),
    }
    Ok(Exit::Succeeded)
}

fn render(pipelines: &[PipelineSummary], look: Look) -> String {
    let mut table = Table::new(&[
        ("PIPELINE", Column::Text(16)),
        ("VERSION", Column::Whole),
        ("TYPE", Column::Whole),
        ("MODE", Column::Whole),
        ("UPDATED", Column::Text(10)),
    ]);
    for pipeline in pipelines {
        table.row(vec![
            Cell::new(pipeline.name().unwrap_or_default()),
            Cell::new(pipeline.version().map(|version| version.to_string()).unwrap_or_default()),
            Cell::new(pipeline.pipeline_type().map(|one| one.as_str()).unwrap_or_default()),
            Cell::new(pipeline.execution_mode().map(|mode| mode.as_str()).unwrap_or_default()),
            Cell::new(pipeline.updated().map(stamp).unwrap_or_default()),
        ]);
    }
    table.render(look)
}
