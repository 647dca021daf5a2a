//! `pipewright run`: one pipeline to its end, here and now, for a person or a script to watch.

mod announce;
mod approve;
mod display;
mod follow;
mod interrupts;
mod live;
mod plain;
mod prepare;
mod rollback;
mod source;
mod summary;
mod text;
mod view;
mod watch;

use std::io::IsTerminal;

use engine::declaration::CustomActionTypes;

use crate::cli::{Exit, RunArguments};
use crate::pipeline_source;
use crate::resources;
use crate::{DataDirectory, LocalStack, Options};

pub(crate) use announce::{complain, complain_of, say};
use display::Display;
pub(crate) use interrupts::Interrupts;
use rollback::Rollback;
use view::View;

/// Runs the pipeline of a file to its end.
pub async fn run(arguments: RunArguments) -> Exit {
    let mut interrupts = match Interrupts::listen() {
        Ok(interrupts) => interrupts,
        Err(error) => return complain_of(Exit::Unreachable, &format!("signals cannot be caught: {error}")),
    };
    let checked = match pipeline_source::read(&arguments.pipeline, CustomActionTypes::Known(Vec::new())) {
        Ok(checked) => checked,
        Err(unread) => return complain(Exit::Usage, &unread.render()),
    };
    let resources = match prepare::resources(&arguments, &checked.declaration) {
        Ok(resources) => resources,
        Err(message) => return complain_of(Exit::Usage, &message),
    };
    if let Err(message) = prepare::is_answered(&arguments, &checked.declaration) {
        return complain_of(Exit::Usage, &message);
    }
    if let Err(message) = prepare::can_answer_approvals(&arguments, &checked.declaration) {
        return complain_of(Exit::Usage, &message);
    }
    let directory = match DataDirectory::open(&arguments.data) {
        Ok(directory) => directory,
        Err(error) => return complain_of(Exit::Unreachable, &error.to_string()),
    };
    let sandbox = match arguments.sandbox.settings() {
        Ok(sandbox) => sandbox,
        Err(error) => return complain_of(Exit::Unreachable, &error.to_string()),
    };
    let options = Options {
        region: prepare::region(&checked.declaration),
        sandbox,
        aws_endpoints: prepare::endpoints(&arguments),
        ..Options::default()
    };
    let stack = match LocalStack::start(directory, options).await {
        Ok(stack) => stack,
        Err(error) => return complain_of(Exit::Unreachable, &error.to_string()),
    };
    if let Err(error) = resources::apply(&stack, &resources).await {
        return complain_of(Exit::Usage, &error.to_string());
    }
    let exit = run_on(&stack, &arguments, &checked, &mut interrupts).await;
    stack.shutdown().await;
    exit
}

async fn run_on(
    stack: &LocalStack,
    arguments: &RunArguments,
    checked: &pipeline_file::Checked,
    interrupts: &mut Interrupts,
) -> Exit {
    let started = match prepare::start(stack, arguments, checked).await {
        Ok(started) => started,
        Err(message) => return complain_of(Exit::Usage, &message),
    };
    let mut display: Box<dyn Display> = if std::io::stdout().is_terminal() {
        Box::new(live::Live::new(pipeline_source::colours_of(&std::io::stdout())))
    } else {
        Box::new(plain::Plain::new())
    };
    display.begin(&started);
    for note in prepare::notes(arguments, &checked.declaration).iter().chain(&started.notes) {
        display.note(note);
    }
    let watched = watch_all(stack, &started, arguments.approve, display.as_mut(), interrupts).await;
    display.end();
    match watched {
        Ok((view, rollback)) => {
            let colour = pipeline_source::colours_of(&std::io::stdout());
            say(&summary::render(stack, &started, &view, colour));
            if let Some((rollback, view)) = rollback {
                say(&summary::render_rollback(stack, &rollback, &view, colour));
            }
            // What was run is what the status tells of, however well the stage was brought back.
            summary::exit_of(&view)
        }
        Err(failure) => complain_of(Exit::Unreachable, &failure.to_string()),
    }
}

/// The execution, and the rollback of the stage that it failed in.
async fn watch_all(
    stack: &LocalStack,
    started: &prepare::Started,
    approve: bool,
    display: &mut dyn Display,
    interrupts: &mut Interrupts,
) -> Result<(View, Option<(Rollback, View)>), watch::Lost> {
    let view = watch::to_the_end(stack, started, approve, display, interrupts).await?;
    let found = rollback::find(stack, started, &view).await.map_err(watch::Lost::Unanswered)?;
    let Some(rollback) = found else { return Ok((view, None)) };
    display.note(&rollback.note);
    let rolled_back = watch::to_the_end(stack, &rollback.started, approve, display, interrupts).await?;
    Ok((view, Some((rollback, rolled_back))))
}
