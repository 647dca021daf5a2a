//! `delete PIPELINE`: the pipeline, its versions and its history.

use serde_json::json;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, is_in_progress};
use crate::session::Session;
use crate::terminal::Form;
use crate::text::count;

/// So far back executions are counted.
const COUNTED: usize = 100;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    // DeletePipeline says nothing of a pipeline that is not there.
    let (declaration, _) = resolve::pipeline(session, name, None).await?;
    let executions = session.api.executions(name, COUNTED).await?;
    let open = executions.iter().filter(|execution| is_in_progress(execution)).count();
    let versions = usize::try_from(declaration.version().unwrap_or(1)).unwrap_or(1);
    let mut what = format!("{name}, with {}", count(versions, "version"));
    if executions.len() == COUNTED {
        what.push_str(&format!(" and at least {COUNTED} executions"));
    } else {
        what.push_str(&format!(" and {}", count(executions.len(), "execution")));
    }
    if open > 0 {
        what.push_str(&format!(", {open} of them in progress"));
    }
    session.terminal.note(&format!("{what}\n"));
    session.terminal.confirm(&format!("Delete {name}?"), arguments.yes).await?;
    session.api.codepipeline.delete_pipeline().name(name).send().await?;
    match session.terminal.form {
        Form::Json => session.terminal.say_json(&json!({ "deleted": name })),
        Form::Quiet => {}
        Form::Text => session.terminal.say(&format!("{name} is deleted\n")),
    }
    Ok(Exit::Succeeded)
}
