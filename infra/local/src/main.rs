//! The `pipewright` command.

use std::process::ExitCode;

use clap::Parser;
use local::cli::{Cli, Command, Exit};
use tracing_subscriber::EnvFilter;

/// A call of an SDK allocates some hundreds of times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(error) = local::sandbox::enter(std::env::args_os()) {
        eprintln!("{error}");
        return Exit::NotAllowed.into();
    }
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("PIPEWRIGHT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("error,aws_smithy_runtime=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let exit = match cli.command {
        Command::Validate(arguments) => local::pipeline_source::validate(&arguments),
        Command::Credentials(arguments) => on_a_runtime(local::credentials::credentials(arguments)),
        Command::Login(arguments) => on_a_runtime(local::login::login(arguments)),
        Command::Run(arguments) => on_a_runtime(local::run::run(arguments)),
        Command::Up(arguments) => on_a_runtime(local::up::up(arguments)),
        Command::Doctor(arguments) => on_a_runtime(local::doctor::doctor(arguments)),
        Command::Backup(arguments) => on_a_runtime(local::backup::back_up(arguments)),
        Command::Restore(arguments) => local::backup::bring_back(&arguments),
        Command::Hook(arguments) => local::hook::hook(&arguments),
        Command::Client(command) => on_a_runtime(local::local_connection::run(command)),
        Command::Completion(arguments) => local::local_connection::complete(&arguments),
    };
    exit.into()
}

/// Functions and services wait far more than they compute.
const WORKER_THREADS: usize = 2;

fn on_a_runtime(command: impl Future<Output = Exit>) -> Exit {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(WORKER_THREADS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime");
            return Exit::Unreachable;
        }
    };
    let exit = runtime.block_on(command);
    // A question on the terminal that nobody answers any more must not hold the process.
    runtime.shutdown_background();
    exit
}
