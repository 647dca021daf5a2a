//! The `pipewright` command.

use std::process::ExitCode;

use clap::Parser;
use local::cli::{Cli, Command, Exit};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("PIPEWRIGHT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("error,aws_smithy_runtime=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match cli.command {
        Command::Validate(arguments) => local::pipeline_source::validate(&arguments).into(),
        Command::Run(arguments) => {
            let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    tracing::error!(%error, "no runtime");
                    return Exit::Unavailable.into();
                }
            };
            let exit = runtime.block_on(local::run::run(arguments));
            // A question on the terminal that nobody answers any more must not hold the process.
            runtime.shutdown_background();
            exit.into()
        }
    }
}
