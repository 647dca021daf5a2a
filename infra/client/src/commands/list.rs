//! `list`: the pipelines.

use aws_sdk_codepipeline::types::{PipelineExecutionSummary, PipelineSummary};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::session::Session;
use crate::terminal::{Form, Look};
use crate::text::{Cell, Column, Mark, Table, ago, stamp};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Tell the newest execution of each too
    #[arg(long)]
    pub status: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

/// A pipeline, and its newest execution where that was asked for and there is one.
struct Listed {
    pipeline: PipelineSummary,
    newest: Option<PipelineExecutionSummary>,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let mut pipelines = Vec::new();
    for pipeline in session.api.pipelines().await? {
        let newest = match arguments.status {
            true => session.api.executions(pipeline.name().unwrap_or_default(), 1).await?.pop(),
            false => None,
        };
        pipelines.push(Listed { pipeline, newest });
    }
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({ "pipelines": listed_to_json(&pipelines) })),
        Form::Quiet => {
            for listed in &pipelines {
                terminal.say(&format!("{}\n", listed.pipeline.name().unwrap_or_default()));
            }
        }
        Form::Text if pipelines.is_empty() => {
            terminal.note("there are no pipelines yet: pipewright create FILE makes one\n");
        }
        Form::Text => {
            terminal.say(&render(&pipelines, arguments.status, terminal.look, session.clock.now()));
        }
    }
    Ok(Exit::Succeeded)
}

fn listed_to_json(pipelines: &[Listed]) -> Value {
    let pipelines = pipelines.iter().map(|listed| {
        let mut value = to_json(&listed.pipeline);
        if let Some(newest) = &listed.newest {
            value["latestExecution"] = to_json(newest);
        }
        value
    });
    pipelines.collect()
}

fn render(pipelines: &[Listed], status: bool, look: Look, now: Timestamp) -> String {
    let mut columns = vec![("PIPELINE", Column::Text(16)), ("VERSION", Column::Whole)];
    if status {
        columns.extend([("STATUS", Column::Whole), ("EXECUTION", Column::Id), ("STARTED", Column::Text(10))]);
    } else {
        columns.extend([("TYPE", Column::Whole), ("MODE", Column::Whole), ("UPDATED", Column::Text(10))]);
    }
    let mut table = Table::new(&columns);
    for Listed { pipeline, newest } in pipelines {
        let version = pipeline.version().map(|version| version.to_string()).unwrap_or_default();
        let mut cells = vec![Cell::new(pipeline.name().unwrap_or_default()), Cell::new(version)];
        if status {
            cells.extend(execution(newest.as_ref(), look, now));
        } else {
            cells.extend([
                Cell::new(pipeline.pipeline_type().map(|one| one.as_str()).unwrap_or_default()),
                Cell::new(pipeline.execution_mode().map(|mode| mode.as_str()).unwrap_or_default()),
                Cell::new(pipeline.updated().map(stamp).unwrap_or_default()),
            ]);
        }
        table.row(cells);
    }
    table.render(look)
}

fn execution(newest: Option<&PipelineExecutionSummary>, look: Look, now: Timestamp) -> [Cell; 3] {
    let mark = Mark::of(newest.and_then(|newest| newest.status()).map_or("", |status| status.as_str()));
    let started = newest.and_then(|newest| newest.start_time());
    let started = started.map(|time| if look.width.is_some() { ago(time, now) } else { stamp(time) });
    [
        Cell::styled(mark.plain(), mark.style),
        Cell::new(newest.and_then(|newest| newest.pipeline_execution_id()).unwrap_or_default()),
        Cell::new(started.unwrap_or_default()),
    ]
}
