//! Files by patterns, and copies of them.

use std::fs;
use std::io;
use std::path::Path;

use super::collect::{CollectError, walk};
use super::select::choose;

/// The files and symbolic links below `root` that one of `patterns` names, or that are in a directory
/// which one names.
pub fn choose_files(root: &Path, patterns: &[String]) -> io::Result<Vec<String>> {
    let other = |error: CollectError| io::Error::other(error.to_string());
    let tree = walk(root, true).map_err(other)?;
    let below = patterns.iter().map(|pattern| format!("{}/**", pattern.trim_end_matches('/')));
    let all: Vec<String> = patterns.iter().cloned().chain(below).collect();
    choose(&tree.files, &all, &[]).map_err(io::Error::other)
}

/// Copies `files` from one directory to another; what is there already stays.
pub fn copy_files(from: &Path, files: &[String], to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in files {
        let (source, target) = (from.join(file), to.join(file));
        if target.symlink_metadata().is_ok() {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        if source.symlink_metadata()?.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
