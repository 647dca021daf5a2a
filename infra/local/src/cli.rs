//! The command line: what can be asked for, and what the exit status says.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use client::{CompletionArguments, DEFAULT_DATA_DIRECTORY};

pub use client::Exit;

use crate::forwarding::AwsEndpoint;
use crate::hook::HookArguments;
use crate::login::LoginArguments;
use crate::sandbox::SandboxArguments;

#[derive(Debug, Parser)]
#[command(
    name = "pipewright",
    version,
    about = "An open CodePipeline: runs AWS CodePipeline declarations on this machine",
    after_help = "Exit status: 0 succeeded, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 stopped or superseded, 6 timed out, 7 no service answers"
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
    /// Serve pipelines on this machine until stopped
    Up(UpArguments),
    /// Print keys for the service, as a credential_process of the AWS CLI and the SDKs does
    Credentials(CredentialsArguments),
    /// Let the AWS CLI and the SDKs find a service, and keys for it, by a profile
    Login(LoginArguments),
    /// Look for what is wrong with the service and this machine
    Doctor(DoctorArguments),
    /// Copy the data of the service, which may go on meanwhile
    Backup(BackupArguments),
    /// Make a data directory of a backup
    Restore(RestoreArguments),
    /// Let pushes to git repositories of this machine start pipelines
    Hook(HookArguments),
    #[command(flatten)]
    Client(client::Command),
    /// Print the script with which a shell completes this command
    Completion(CompletionArguments),
}

#[derive(Debug, clap::Args)]
pub struct UpArguments {
    /// Where everything is kept
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
    /// The port of 127.0.0.1 and ::1 to listen on; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 8787)]
    pub port: u16,
    /// What pipelines name besides themselves: connections, projects, buckets, deployment groups. It is kept,
    /// so that a later start needs no file
    #[arg(long, value_name = "FILE")]
    pub resources: Vec<PathBuf>,
    /// Secrets and parameters of builds [default: secrets.yaml in the data directory]
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// The Region that ARNs name; chosen at the first start [default: us-east-1]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Who gets a key for a role from POST /keys, as on AWS; here, STS knows who has keys of this service. May be given
    /// several times
    #[arg(long = "caller-role", value_name = "ARN=ROLE")]
    pub caller_roles: Vec<String>,
    /// Take webhooks that let everybody in who knows their URL
    #[arg(long)]
    pub allow_unauthenticated_webhooks: bool,
    /// Who answers the calls of an AWS service that this process does not answer: an emulator on this machine, as
    /// cloudformation=http://127.0.0.1:5000. May be given for several services
    #[arg(long = "aws-endpoint", value_name = "SERVICE=URL")]
    pub aws_endpoints: Vec<AwsEndpoint>,
    #[command(flatten)]
    pub sandbox: SandboxArguments,
    /// How long builds and deployments may go on when the service is stopped
    #[arg(long = "grace", value_name = "SECONDS", default_value_t = 30)]
    pub grace_seconds: u64,
}

#[derive(Debug, clap::Args)]
pub struct CredentialsArguments {
    /// The data directory of the service
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
    /// Who asks, as histories show it
    #[arg(long, value_name = "NAME", default_value = crate::stack::PRINCIPAL)]
    pub name: String,
    /// What they may do: administrator, operator, approver, reader, job-worker, or a role of the service's own
    /// [default: administrator]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Ask the service at URL for keys, with those of AWS
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "name", "role"], requires_all = ["region", "source_profile"])]
    pub endpoint: Option<String>,
    /// The Region of that service
    #[arg(long, value_name = "NAME", requires = "endpoint")]
    pub region: Option<String>,
    /// The profile of the AWS configuration whose keys prove who asks. It is always named: the one that is in the
    /// environment may be the one that this command prints keys for
    #[arg(long, value_name = "NAME", requires = "endpoint")]
    pub source_profile: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct DoctorArguments {
    /// The data directory of the service
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
    /// Print the checks as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct BackupArguments {
    /// The backup to make: a zip if it is called so, otherwise a directory. It holds the service's signing key
    pub target: PathBuf,
    /// The data directory of the service
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArguments {
    /// A backup
    pub backup: PathBuf,
    /// The data directory to make; it must not be there, or be empty
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
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
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIRECTORY)]
    pub data: PathBuf,
    /// Who answers the calls of an AWS service that this process does not answer: an emulator on this machine, as
    /// cloudformation=http://127.0.0.1:5000. May be given for several services
    #[arg(long = "aws-endpoint", value_name = "SERVICE=URL")]
    pub aws_endpoints: Vec<AwsEndpoint>,
    #[command(flatten)]
    pub sandbox: SandboxArguments,
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
