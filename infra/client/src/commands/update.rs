//! `update FILE`: the next version of a pipeline.

use std::path::PathBuf;

use super::new_version::{NewVersion, make};
use crate::arguments::SharedArguments;
use crate::declaration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve;
use crate::session::Session;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The pipeline's declaration, JSON or YAML
    pub file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let file = declaration::read(&arguments.file, session.terminal.look_of_errors.colour)?;
    let name = file.declaration.name().to_owned();
    let (current, _) =
        resolve::pipeline(session, &name, None).await.map_err(|failure| match &failure.help {
            Some(help) if failure.exit == Exit::NotFound => {
                let help = format!("{help}; `pipewright create {}` creates it", arguments.file.display());
                failure.help(help)
            }
            _ => failure,
        })?;
    if !file.tags.is_empty() {
        session
            .terminal
            .note("tags are given at the creation of a pipeline; those of the file are not looked at\n");
    }
    let origin = arguments.file.display().to_string();
    make(NewVersion { current: &current, next: file.declaration, origin, yes: arguments.yes }, session).await
}
