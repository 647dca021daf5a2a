//! What `pipewright login` can be told.

use std::path::PathBuf;

use client::DEFAULT_DATA_DIRECTORY;

#[derive(Debug, clap::Args)]
pub struct LoginArguments {
    /// The profile to write
    #[arg(long, value_name = "NAME", default_value = "pipewright")]
    pub profile: String,
    /// The service on this machine that keeps its data in DIR
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY, conflicts_with = "endpoint")]
    pub data: PathBuf,
    /// Who asks, as histories of the service on this machine show it
    #[arg(long, value_name = "NAME", conflicts_with = "endpoint")]
    pub name: Option<String>,
    /// What they may do: administrator, operator, approver, reader, job-worker, or a role of the service's own
    #[arg(long, value_name = "ROLE", conflicts_with = "endpoint")]
    pub role: Option<String>,
    /// The service at URL, which gives keys to whoever has keys of AWS and a role
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The Region of that service [default: the one in its URL, or that of the source profile]
    #[arg(long, value_name = "NAME", requires = "endpoint")]
    pub region: Option<String>,
    /// The profile of the AWS configuration whose keys prove who you are [default: AWS_PROFILE, or default]
    #[arg(long, value_name = "NAME", requires = "endpoint")]
    pub source_profile: Option<String>,
    /// Replace a profile of that name that was not written by this command
    #[arg(long)]
    pub replace: bool,
}
