//! The commands that speak with a service, and how they find the one on this machine: by the file that it
//! leaves in its data directory, with keys that are issued here.

use std::io::Write;
use std::path::Path;

use aws_credential_types::provider::SharedCredentialsProvider;
use clap::CommandFactory;
use client::{Command, CompletionArguments, Connection, Exit};

use crate::cli::Cli;
use crate::credentials::{OwnersCredentials, of_owner};
use crate::data_directory::is_open;
use crate::up::ServiceFile;

/// Runs a command against the service that its options, the AWS configuration or the data directory name.
pub async fn run(command: Command) -> Exit {
    let arguments = command.connection();
    let connection = match Connection::configured(arguments).await {
        Some(configured) => configured,
        None => of_data(arguments.data_directory()),
    };
    client::run(command, connection).await
}

/// `pipewright completion`
pub fn complete(arguments: &CompletionArguments) -> Exit {
    let script = client::completion(arguments, Cli::command());
    match std::io::stdout().write_all(&script) {
        Ok(()) => Exit::Succeeded,
        Err(_) => Exit::Failed,
    }
}

/// The service that has these data open.
fn of_data(data: &Path) -> Connection {
    let missing = |message: String| Connection::Missing {
        message,
        help: "start it with `pipewright up`, or say where a service is: --data DIR, --endpoint-url URL or \
               --profile NAME. `pipewright doctor` tells more"
            .to_owned(),
    };
    // A file without a lock is of a service that was killed; whoever has its port now is somebody else.
    let service = match ServiceFile::read(data) {
        Ok(Some(service)) if is_open(data) => service,
        Ok(_) => return missing(format!("no service runs with the data directory {}", data.display())),
        Err(error) => return missing(error.to_string()),
    };
    if let Err(error) = of_owner(data) {
        return missing(error.to_string());
    }
    let credentials = SharedCredentialsProvider::new(OwnersCredentials { data: data.to_owned() });
    Connection::Known { endpoint_url: service.endpoint, region: service.region, credentials }
}
