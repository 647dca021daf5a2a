//! `watch [PIPELINE|EXECUTION]`: an execution to its end.

use std::time::Duration;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Which};
use crate::session::Session;
use crate::watch::{self, Options};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// A pipeline, an execution, the beginning of its id, or PIPELINE/EXECUTION [default: of any pipeline]
    #[arg(value_name = "PIPELINE|EXECUTION")]
    pub target: Option<String>,
    /// The newest execution, even if an older one is in progress
    #[arg(long)]
    pub latest: bool,
    /// Show the logs of its actions
    #[arg(long)]
    pub logs: bool,
    /// Give up after so long; the execution goes on
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let which = if arguments.latest { Which::Newest } else { Which::InProgress };
    let execution = resolve::execution(session, arguments.target.as_deref(), which).await?;
    let timeout = arguments.timeout.map(Duration::from_secs);
    let options = Options { logs: arguments.logs, timeout, from_now: false };
    watch::to_the_end(&execution, options, session).await
}
