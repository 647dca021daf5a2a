//! The commands, and what each needs of its surroundings.

use clap::Subcommand;

use crate::api::Api;
use crate::arguments::{ConnectionArguments, SharedArguments};
use crate::clock::Clock;
use crate::commands::{
    approve, connections, create, delete, diff, events, explain, history, list, logs, override_condition,
    retry, revert, rollback, start, state, stop, transitions, update, versions, watch, why,
};
use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{Addressed, Form, Terminal};

/// The commands that speak with a service. The binary flattens them into its own.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Create a pipeline from its declaration
    Create(create::Arguments),
    /// Make the next version of a pipeline from its declaration
    Update(update::Arguments),
    /// List the pipelines
    List(list::Arguments),
    /// Show the stages of a pipeline, what is in them and what waits before them
    State(state::Arguments),
    /// Start an execution
    Start(start::Arguments),
    /// Watch an execution to its end
    Watch(watch::Arguments),
    /// Say in one sentence what an execution waits for, or how it ended
    Why(why::Arguments),
    /// Print the logs of an execution
    Logs(logs::Arguments),
    /// Print what has changed: the state-change events of pipelines, stages and actions
    Events(events::Arguments),
    /// Say what a push or another event of a source started, and which filter said no for the others
    Explain(explain::Arguments),
    /// List the connections to hosts of repositories, and where the hosts are to send what happens
    Connections(connections::Arguments),
    /// Say where a connection leads
    Connect(connections::ConnectArguments),
    /// Approve what waits for an approval
    Approve(approve::Arguments),
    /// Reject what waits for an approval
    Reject(approve::Arguments),
    /// Stop an execution
    Stop(stop::Arguments),
    /// Run the failed actions of a stage again, or all of them
    Retry(retry::Arguments),
    /// Run a stage again with what an earlier execution had when it succeeded there
    Rollback(rollback::Arguments),
    /// Let a stage go on as if a condition of it were met
    Override(override_condition::Arguments),
    /// Let executions into a stage again
    Enable(transitions::EnableArguments),
    /// Let no execution into a stage
    Disable(transitions::DisableArguments),
    /// List the executions of a pipeline, or the actions that ran in them
    History(history::Arguments),
    /// List the versions of a pipeline and what each changed
    Versions(versions::Arguments),
    /// Show the difference between two versions, or between a version and a file
    Diff(diff::Arguments),
    /// Make a new version with the declaration of an old one
    Revert(revert::Arguments),
    /// Delete a pipeline
    Delete(delete::Arguments),
}

impl Command {
    /// Where the command line says that the service is.
    pub fn connection(&self) -> &ConnectionArguments {
        &self.shared().connection
    }

    fn shared(&self) -> &SharedArguments {
        match self {
            Self::Create(arguments) => &arguments.shared,
            Self::Update(arguments) => &arguments.shared,
            Self::List(arguments) => &arguments.shared,
            Self::State(arguments) => &arguments.shared,
            Self::Start(arguments) => &arguments.shared,
            Self::Watch(arguments) => &arguments.shared,
            Self::Why(arguments) => &arguments.shared,
            Self::Logs(arguments) => &arguments.shared,
            Self::Events(arguments) => &arguments.shared,
            Self::Explain(arguments) => &arguments.shared,
            Self::Connections(arguments) => &arguments.shared,
            Self::Connect(arguments) => &arguments.shared,
            Self::Approve(arguments) | Self::Reject(arguments) => &arguments.shared,
            Self::Stop(arguments) => &arguments.shared,
            Self::Retry(arguments) => &arguments.shared,
            Self::Rollback(arguments) => &arguments.shared,
            Self::Override(arguments) => &arguments.shared,
            Self::Enable(arguments) => &arguments.shared,
            Self::Disable(arguments) => &arguments.shared,
            Self::History(arguments) => &arguments.shared,
            Self::Versions(arguments) => &arguments.shared,
            Self::Diff(arguments) => &arguments.shared,
            Self::Revert(arguments) => &arguments.shared,
            Self::Delete(arguments) => &arguments.shared,
        }
    }
}

/// Runs a command to its end. What it has to say is printed, errors too.
pub async fn run(command: Command, connection: Connection) -> Exit {
    let shared = command.shared();
    let addressed = Addressed::to(shared.connection.data.as_deref());
    let terminal = Terminal::of_process(Form::of(shared.json, shared.quiet), addressed);
    let api = match Api::connect(connection).await {
        Ok(api) => api,
        Err(failure) => return terminal.fail(&failure),
    };
    let session = Session { api, terminal, clock: Clock::of_process() };
    run_in(&command, &session).await
}

/// Runs a command in a session, whose service, terminal and clock may be those of a test.
pub(crate) async fn run_in(command: &Command, session: &Session) -> Exit {
    match dispatch(command, session).await {
        Ok(exit) => exit,
        Err(failure) => session.terminal.fail(&failure.at(session.api.endpoint.as_deref())),
    }
}

async fn dispatch(command: &Command, session: &Session) -> Result<Exit, Failure> {
    match command {
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::Update(arguments) => update::run(arguments, session).await,
        Command::List(arguments) => list::run(arguments, session).await,
        Command::State(arguments) => state::run(arguments, session).await,
        Command::Start(arguments) => start::run(arguments, session).await,
        Command::Watch(arguments) => watch::run(arguments, session).await,
        Command::Why(arguments) => why::run(arguments, session).await,
        Command::Logs(arguments) => logs::run(arguments, session).await,
        Command::Events(arguments) => events::run(arguments, session).await,
        Command::Explain(arguments) => explain::run(arguments, session).await,
        Command::Connections(arguments) => connections::run(arguments, session).await,
        Command::Connect(arguments) => connections::connect(arguments, session).await,
        Command::Approve(arguments) => approve::run(arguments, approve::Answer::Approve, session).await,
        Command::Reject(arguments) => approve::run(arguments, approve::Answer::Reject, session).await,
        Command::Stop(arguments) => stop::run(arguments, session).await,
        Command::Retry(arguments) => retry::run(arguments, session).await,
        Command::Rollback(arguments) => rollback::run(arguments, session).await,
        Command::Override(arguments) => override_condition::run(arguments, session).await,
        Command::Enable(arguments) => transitions::enable(arguments, session).await,
        Command::Disable(arguments) => transitions::disable(arguments, session).await,
        Command::History(arguments) => history::run(arguments, session).await,
        Command::Versions(arguments) => versions::run(arguments, session).await,
        Command::Diff(arguments) => diff::run(arguments, session).await,
        Command::Revert(arguments) => revert::run(arguments, session).await,
        Command::Delete(arguments) => delete::run(arguments, session).await,
    }
}
