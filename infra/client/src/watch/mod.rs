//! Watching an execution: looks at it, what has changed between two looks, and how that is shown.

mod display;
mod json_lines;
mod live;
mod patience;
mod plain;
mod view;
mod watcher;

use std::time::Duration;

pub(crate) use patience::Patience;
pub(crate) use watcher::{Options, to_the_end};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::Execution;
use crate::session::Session;

/// What commands take that make an execution run.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WaitArguments {
    /// Watch the execution to its end; its exit status is that of the command
    #[arg(long)]
    pub wait: bool,
    /// Give up after so long; the execution goes on
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    pub timeout: Option<u64>,
}

/// Watches the execution if that was asked for; of one that runs again only what comes.
pub(crate) async fn if_wanted(
    arguments: &WaitArguments,
    execution: &Execution,
    from_now: bool,
    session: &Session,
) -> Result<Exit, Failure> {
    if !arguments.wait {
        return Ok(Exit::Succeeded);
    }
    let timeout = arguments.timeout.map(Duration::from_secs);
    let options = Options { logs: false, timeout, from_now };
    to_the_end(execution, options, session).await
}
