//! The words of the command line.

use std::path::PathBuf;

use clap::Subcommand;
use client::DEFAULT_DATA_DIRECTORY;

#[derive(Debug, clap::Args)]
pub struct HookArguments {
    #[command(subcommand)]
    pub command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Tell the service of every push to a repository, and of every commit made in it
    Install(InstallArguments),
    /// Tell the service no more, and put back the hooks that were there before
    Remove(RemoveArguments),
    /// What the hooks run: reads the updates that git tells a post-receive hook
    #[command(hide = true)]
    Notify(NotifyArguments),
}

#[derive(Debug, clap::Args)]
pub struct InstallArguments {
    /// A git repository on this machine, bare or not
    pub repository: PathBuf,
    /// The data directory of the service
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct RemoveArguments {
    /// A git repository on this machine, bare or not
    pub repository: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct NotifyArguments {
    /// The data directory of the service
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Where the objects of the repository are
    #[arg(long, value_name = "DIR")]
    pub repository: PathBuf,
}
