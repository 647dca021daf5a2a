//! Builds that are kept away from this machine, as the command line asks for it.
//!
//! A sandboxed command is started through this very program, which restricts itself and becomes the
//! command; see [`local_process::Sandbox`].

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use local_codebuild::SandboxSettings;
use local_process::{Network, Sandbox, enter_sandbox};

/// The first argument of a process that is on its way into a sandbox. It is no command for users.
const ENTER: &str = "sandbox-exec";

#[derive(Debug, Clone, Default, clap::Args)]
pub struct SandboxArguments {
    /// Keep builds away from this machine: they read its tools, write in directories of their own, and have
    /// no network
    #[arg(long)]
    pub sandbox: bool,
    /// Let builds in a sandbox have this machine's network
    #[arg(long, requires = "sandbox")]
    pub sandbox_network: bool,
    /// Let builds in a sandbox read PATH, too
    #[arg(long, value_name = "PATH", requires = "sandbox")]
    pub sandbox_read: Vec<PathBuf>,
}

impl SandboxArguments {
    /// What builds are started with; `None`: no sandbox is asked for.
    ///
    /// # Errors
    /// This machine cannot do it: it lacks Landlock, or namespaces for its users; or a path is not there.
    pub fn settings(&self) -> io::Result<Option<SandboxSettings>> {
        if !self.sandbox {
            return Ok(None);
        }
        let network = if self.sandbox_network { Network::OfHost } else { Network::None };
        let (helper, helper_arguments) = (std::env::current_exe()?, vec![ENTER.into()]);
        let readable = self.sandbox_read.iter().map(|path| existing(path)).collect::<io::Result<_>>()?;
        let writable = Vec::new();
        let sandbox = Sandbox { helper, helper_arguments, readable, writable, network };
        sandbox.check().map_err(io::Error::other)?;
        let Sandbox { helper, helper_arguments, readable, .. } = sandbox;
        Ok(Some(SandboxSettings { helper, helper_arguments, readable, network }))
    }
}

/// As an absolute path.
fn existing(path: &Path) -> io::Result<PathBuf> {
    let unread = |error: io::Error| {
        let message = format!("--sandbox-read {}: {error}", path.display());
        io::Error::new(error.kind(), message)
    };
    std::fs::canonicalize(path).map_err(unread)
}

/// Turns this process into a sandboxed command, if its arguments are those of one. Otherwise, and only
/// then, it returns `None`; what it returns else is why it failed.
pub fn enter(arguments: impl IntoIterator<Item = OsString>) -> Option<String> {
    let mut arguments = arguments.into_iter().skip(1);
    let first = arguments.next()?;
    (first == ENTER).then(|| match enter_sandbox(arguments) {
        Ok(never) => match never {},
        Err(error) => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_argument_leads_into_the_sandbox() {
        let arguments = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(enter(arguments(&["pipewright"])), None);
        assert_eq!(enter(arguments(&["pipewright", "run", "sandbox-exec"])), None);
        let error = enter(arguments(&["pipewright", "sandbox-exec", "--what"])).unwrap();
        assert!(error.contains("--what"), "{error}");
    }
}
