//! `pipewright doctor`: what is wrong with the service and this machine, and what to do about it.
//!
//! Facts are gathered first; what follows from them is decided by pure functions.

mod answers;
mod checks;
mod facts;
mod report;
mod tools;

use crate::cli::{DoctorArguments, Exit};
use crate::run::say;

/// Prints every check; fails when one of them does.
pub async fn doctor(arguments: DoctorArguments) -> Exit {
    let facts = facts::gather(&arguments.data).await;
    let checks = checks::checks(&facts);
    say(&if arguments.json { report::json(&checks) } else { report::text(&checks) });
    checks::exit(&checks)
}
