//! Running a command line as the binary does, with what it printed.

use clap::Parser;
use jiff::Timestamp;

use super::service::Service;
use crate::api::Api;
use crate::clock::Clock;
use crate::command::{Command, run_in};
use crate::connection::Connection;
use crate::exit::Exit;
use crate::session::Session;
use crate::terminal::{Addressed, Form, Look, Terminal};

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub exit: Exit,
    pub output: String,
    pub errors: String,
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// All that is seen in a terminal where nobody can be asked.
    pub fn seen(&self) -> String {
        format!("{}{}exit {}\n", self.output, self.errors, self.exit.code())
    }
}

/// The time at which tests run.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

pub(crate) fn command(line: &str) -> Command {
    let words = std::iter::once("pipewright").chain(line.split_whitespace());
    CommandLine::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}")).command
}

pub(crate) async fn run(service: &Service, line: &str) -> Ran {
    run_at(service.connection(), line, Look::default()).await
}

pub(crate) async fn run_at(connection: Connection, line: &str, look: Look) -> Ran {
    let command = command(line);
    let words: Vec<_> = line.split_whitespace().collect();
    let (json, quiet) = (words.contains(&"--json"), words.contains(&"--quiet"));
    let (mut terminal, output, errors) = Terminal::recorded(Form::of(json, quiet), look);
    terminal.addressed = Addressed::to(command.connection().data.as_deref());
    let clock = Clock::Fixed(NOW.parse::<Timestamp>().unwrap());
    let session = Session { api: Api::connect(connection).await.unwrap(), terminal, clock };
    let exit = run_in(&command, &session).await;
    Ran { exit, output: output.text(), errors: errors.text() }
}
