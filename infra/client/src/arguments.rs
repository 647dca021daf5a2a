//! What every command takes: where the service is, and how to show things.

use std::path::{Path, PathBuf};

/// Where `pipewright up` keeps its data unless it is told otherwise.
pub const DEFAULT_DATA_DIRECTORY: &str = ".pipewright/data";

/// Where the service is. Without any of these, and without an endpoint in the environment or the profile, it is the
/// service on this machine that uses the data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Service")]
pub struct ConnectionArguments {
    /// The service on this machine that keeps its data in DIR [default: .pipewright/data]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["endpoint_url", "profile", "region"])]
    pub data: Option<PathBuf>,
    /// The service at URL, with the credentials of the AWS configuration
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// A profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// An AWS Region
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
}

impl ConnectionArguments {
    /// The data directory of the service on this machine.
    pub fn data_directory(&self) -> &Path {
        self.data.as_deref().unwrap_or_else(|| Path::new(DEFAULT_DATA_DIRECTORY))
    }

    /// Whether an option says that the AWS configuration leads to the service.
    pub(crate) fn names_aws(&self) -> bool {
        self.endpoint_url.is_some() || self.profile.is_some() || self.region.is_some()
    }
}

/// What every command has beside its own arguments.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SharedArguments {
    /// Print JSON, as docs/cli.md describes it
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
    /// Print only what a script needs
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub connection: ConnectionArguments,
}
