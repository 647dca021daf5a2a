//! `pipewright up`: the whole service on this machine, until it is stopped.
//!
//! It stops as it would want to be stopped: builds cannot outlive the process that runs them, so nothing new
//! begins, what runs may end for a while, and what does not is ended with a reason and can be retried. A
//! service that is killed instead goes on at its next start all the same.

mod changes;
mod drain;
mod failure;
mod functions;
mod greeting;
mod lines;
mod serve;
mod service_file;

pub use failure::UpFailure;
pub use service_file::{ServiceFile, ServiceFileError};

use crate::cli::{Exit, UpArguments};
use crate::run::complain_of;

/// Serves until a signal says to stop.
pub async fn up(arguments: UpArguments) -> Exit {
    match serve::serve(&arguments).await {
        Ok(()) => Exit::Succeeded,
        Err(failure) => complain_of(failure.exit, &failure.message),
    }
}
