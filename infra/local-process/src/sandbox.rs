//! Keeping a command away from the rest of the machine.
//!
//! What a process may touch can only be restricted by the process itself, before it becomes the
//! command. So a sandboxed command is started through a helper, which is this very program with
//! other arguments: it restricts itself with Landlock and then executes the command. Without network, the
//! helper in turn is started by `unshare`, which puts it into a network of its own.

mod entrance;
mod restrict;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::Command;

pub use entrance::enter_sandbox;

/// What of a sandboxed command is visible to the machine, and of the machine to the command. System
/// folders (`/usr`, `/etc`, …) are readable; what is not named is neither readable nor writable.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// A program whose arguments lead to [`enter_sandbox`], and those that come before its own.
    pub helper: PathBuf,
    pub helper_arguments: Vec<OsString>,
    /// Folders and files that may be read and executed; missing ones are left out.
    pub readable: Vec<PathBuf>,
    /// Folders in which everything may be done.
    pub writable: Vec<PathBuf>,
    pub network: Network,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// As the host has it.
    OfHost,
    /// Only the loopback interface, and nobody else on it.
    None,
}

const READ: &str = "--read";
const WRITE: &str = "--write";
const LOOPBACK: &str = "--loopback";
const END: &str = "--";

/// Makes a network namespace that the current user has, with the right to set it up.
const UNSHARE: &str = "/usr/bin/unshare";
const UNSHARE_ARGUMENTS: [&str; 4] = ["--user", "--map-current-user", "--keep-caps", "--net"];

impl Sandbox {
    /// Whether this machine can do it; to be asked before anything runs.
    pub fn check(&self) -> Result<(), SandboxError> {
        restrict::check()?;
        match self.network {
            Network::OfHost => Ok(()),
            Network::None => entrance::check_network(),
        }
    }

    /// `command` inside of the sandbox.
    #[must_use]
    pub fn wrap(&self, command: Command) -> Command {
        let mut arguments: Vec<OsString> = Vec::new();
        let program = match self.network {
            Network::OfHost => self.helper.clone(),
            Network::None => {
                arguments.extend(UNSHARE_ARGUMENTS.map(OsString::from));
                arguments.extend([END.into(), self.helper.clone().into_os_string()]);
                PathBuf::from(UNSHARE)
            }
        };
        arguments.extend(self.helper_arguments.iter().cloned());
        for (option, paths) in [(READ, &self.readable), (WRITE, &self.writable)] {
            arguments.extend(paths.iter().flat_map(|path| [option.into(), path.clone().into_os_string()]));
        }
        if self.network == Network::None {
            arguments.push(LOOPBACK.into());
        }
        arguments.extend([END.into(), command.program.into_os_string()]);
        arguments.extend(command.arguments);
        Command { program, arguments, ..command }
    }
}

/// Why a command cannot be run in a sandbox.
#[derive(Debug)]
pub enum SandboxError {
    /// The kernel has no Landlock, or an old one.
    Landlock(String),
    /// No network namespace can be made.
    Network(String),
    /// The helper was not called as [`Sandbox::wrap`] does.
    Usage(String),
    Execute {
        program: PathBuf,
        cause: std::io::Error,
    },
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landlock(cause) => write!(
                f,
                "this kernel cannot restrict what a process touches (Landlock of Linux 6.2 or later is needed): \
                 {cause}; run without the sandbox, or on a newer kernel with landlock in its list of modules (lsm=)"
            ),
            Self::Network(cause) => write!(
                f,
                "this machine cannot take the network away from a process: {cause}; allow unprivileged user \
                 namespaces and install util-linux, or allow the network in the sandbox"
            ),
            Self::Usage(message) => write!(f, "the sandbox was not called as it has to be: {message}"),
            Self::Execute { program, cause } => write!(f, "cannot execute {}: {cause}", program.display()),
        }
    }
}

impl std::error::Error for SandboxError {}

#[cfg(test)]
mod tests;
