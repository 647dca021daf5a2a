//! `pipewright hook`: a push to a git repository of this machine starts pipelines.
//!
//! Git runs the hook when a push has been taken, or a commit made. It leaves a small file in the data directory
//! and is done: it does not wait for the service, and whatever goes wrong it says and lets the push succeed.

mod arguments;
mod install;
mod notify;
mod script;

pub use arguments::{HookArguments, HookCommand};

use std::path::{Path, PathBuf};

use crate::cli::Exit;
use crate::run::{complain_of, say};

/// Does what the command line asks for.
pub fn hook(arguments: &HookArguments) -> Exit {
    match &arguments.command {
        HookCommand::Install(install) => {
            told(absolute(&install.data).and_then(|data| install::install(&install.repository, &data)))
        }
        HookCommand::Remove(remove) => told(install::remove(&remove.repository)),
        HookCommand::Notify(notify) => {
            notify::notify(&notify.data, &notify.repository);
            Exit::Succeeded
        }
    }
}

fn told(done: Result<String, HookError>) -> Exit {
    match done {
        Ok(done) => {
            say(&done);
            Exit::Succeeded
        }
        Err(HookError::NoRepository(message)) => complain_of(Exit::NotFound, &message),
        Err(HookError::Failed(message)) => complain_of(Exit::Failed, &message),
    }
}

/// As short as it can be; a data directory need not be there yet.
fn absolute(path: &Path) -> Result<PathBuf, HookError> {
    let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
    absolute.map_err(|error| HookError::Failed(format!("{}: {error}", path.display())))
}

/// Why hooks are not as they were asked for, in words for the person at the keyboard.
#[derive(Debug)]
enum HookError {
    NoRepository(String),
    Failed(String),
}
