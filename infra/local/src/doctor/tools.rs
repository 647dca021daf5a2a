//! Programs of the host that builds and sources need.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    pub name: &'static str,
    pub what_for: &'static str,
    /// Without it nothing is built.
    pub is_required: bool,
    /// Where it was found.
    pub path: Option<PathBuf>,
}

const TOOLS: [(&str, &str, bool); 4] = [
    ("sh", "every build runs its commands with it", true),
    ("bash", "buildspecs may ask for it", false),
    ("git", "`pipewright run --source` takes working trees with it", false),
    ("ssh", "sources at ssh:// URLs are fetched with it", false),
];

pub(super) fn look() -> Vec<Tool> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let find = |name: &str| {
        let mut places = folders.iter().map(|folder| folder.join(name));
        places.find(|place| {
            place.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
        })
    };
    let tool = |(name, what_for, is_required)| Tool { name, what_for, is_required, path: find(name) };
    TOOLS.map(tool).into()
}
