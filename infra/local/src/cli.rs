//! The command line: what can be asked for, and what the exit status says.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// How a command ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Succeeded = 0,
    /// The execution failed, or a declaration has errors.
    Failed = 1,
    /// The command was called wrongly.
    Usage = 2,
    /// The execution was stopped or superseded.
    Stopped = 5,
    /// The local stack does not start or does not answer.
    Unavailable = 7,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[derive(Debug, Parser)]
#[command(
    name = "pipewright",
    version,
    about = "An open CodePipeline: runs AWS CodePipeline declarations on this machine",
    after_help = "Exit status: 0 succeeded, 1 failed, 2 wrong usage, 5 stopped or superseded, 7 the local stack does not run"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run one pipeline to its end on this machine
    Run(RunArguments),
    /// Show everything that is wrong with a pipeline declaration
    Validate(ValidateArguments),
}

#[derive(Debug, clap::Args)]
pub struct RunArguments {
    /// The pipeline's declaration, JSON or YAML
    pub pipeline: PathBuf,
    /// Take the source action ACTION from the directory DIR as it is, committed or not
    #[arg(long = "source", value_name = "ACTION=DIR", value_parser = pair)]
    pub sources: Vec<(String, String)>,
    /// Set a variable of the pipeline
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = pair)]
    pub variables: Vec<(String, String)>,
    /// Approve every manual approval without asking
    #[arg(long)]
    pub approve: bool,
    /// Where everything is kept
    #[arg(long, value_name = "DIR", default_value = ".pipewright/data")]
    pub data: PathBuf,
    /// What the pipeline names besides itself: connections, projects, buckets, deployment groups
    /// [default: local-resources.yaml beside the pipeline]
    #[arg(long, value_name = "FILE")]
    pub resources: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct ValidateArguments {
    /// The pipeline's declaration, JSON or YAML
    pub pipeline: PathBuf,
    /// Print the errors as JSON
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    if name.is_empty() {
        return Err("the name before '=' is empty".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}
