//! `revert PIPELINE VERSION`: a new version with the declaration of an old one.

use super::new_version::{NewVersion, make};
use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve;
use crate::session::Session;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The version to return to
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pub version: i32,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let (current, _) = resolve::pipeline(session, name, None).await?;
    let (old, _) = resolve::pipeline(session, name, Some(arguments.version)).await?;
    let origin = format!("{name} version {}", arguments.version);
    make(NewVersion { current: &current, next: old, origin, yes: arguments.yes }, session).await
}
