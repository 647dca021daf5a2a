//! The sandbox of one build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local_process::Sandbox;

use super::workspace::Workspace;
use crate::settings::SandboxSettings;

impl SandboxSettings {
    /// Writes in the build's own directories, and reads what its variables say that tools are in.
    pub fn for_build(&self, variables: &BTreeMap<String, String>, workspace: &Workspace) -> Sandbox {
        let path = variables.get("PATH").map(String::as_str).unwrap_or_default();
        let folders = path.split(':').map(PathBuf::from);
        // HOME and TMPDIR of the host are what the build is kept away from.
        let others =
            variables.iter().filter(|(name, _)| !["PATH", "HOME", "TMPDIR"].contains(&name.as_str()));
        let tools = others.map(|(_, value)| PathBuf::from(value));
        let readable = folders.chain(tools).filter(|path| path.is_absolute());
        Sandbox {
            helper: self.helper.clone(),
            helper_arguments: self.helper_arguments.clone(),
            readable: readable.chain(self.readable.iter().cloned()).collect(),
            writable: vec![workspace.root().to_owned(), workspace.session().to_owned()],
            network: self.network,
        }
    }
}
