//! What Pipewright adds to the work of a pipeline, beside a bare shell script that does the same work.
//!
//! `cargo run --profile dist -p test-bench --bin bench -- all` prints a table; docs/performance.md says what each line
//! measures. Machines are noisy: only ratios within one run mean anything, so every execution of the service has
//! a run of the script beside it.

#![expect(clippy::expect_used, reason = "a measurement ends where something is not as it should be")]
#![expect(clippy::disallowed_methods, reason = "time and processes are what is measured")]

mod chain;
mod reference;
mod requests;
mod service;
mod shell;
mod single;
mod statistics;

use clap::{Parser, Subcommand};

use service::Service;

#[derive(Parser)]
#[command(about = "Measure Pipewright beside a shell script that does the same work")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One execution at a time, with the gaps between its actions
    One {
        #[arg(default_value_t = 20)]
        runs: usize,
    },
    /// Many executions started at once
    Many {
        #[arg(default_value_t = 50)]
        runs: usize,
    },
    /// Trivial actions one after the other, and side by side
    Chain {
        #[arg(default_values_t = [10, 100, 500])]
        sizes: Vec<usize>,
    },
    /// Start to ready, and what an idle service takes
    Idle,
    /// The API under load, with 1,000 pipelines
    Requests,
    /// Everything
    All,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let place = tempfile::tempdir().expect("a directory");
    let repository = reference::repository(place.path());
    if matches!(arguments.what, What::Idle | What::All) {
        service::measure_idle(place.path()).await;
    }
    let service = Service::start(&place.path().join("data"), Some(&repository)).await;
    single::create(&service, place.path()).await;
    match arguments.what {
        What::One { runs } => single::one(&service, place.path(), &repository, runs).await,
        What::Many { runs } => single::many(&service, place.path(), &repository, runs).await,
        What::Chain { sizes } => chain::chains(&service, place.path(), &sizes).await,
        What::Idle => {}
        What::Requests => requests::requests(&service).await,
        What::All => {
            single::one(&service, place.path(), &repository, 20).await;
            single::many(&service, place.path(), &repository, 50).await;
            chain::chains(&service, place.path(), &[10, 100, 500]).await;
        }
    }
    service.stop();
}
