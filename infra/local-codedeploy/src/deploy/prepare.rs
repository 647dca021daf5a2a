//! A revision on this host: fetched, unpacked, read and checked.

use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use archive::Limits;

use crate::appspec::{AppSpec, Problem, check, parse};
use crate::host::Host;
use crate::install::{Entry, contents};
use crate::lifecycle::Diagnostics;

/// A revision that may be deployed.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) archive: PathBuf,
    pub(crate) spec: AppSpec,
    pub(crate) contents: Vec<Entry>,
}

/// As many archives stay as the agent keeps (`max_revisions`), besides the one that is in use.
const ARCHIVES_TO_RETAIN: usize = 5;

/// Unpacks `bundle` as `archive` and checks it whole; `host`: as in [`check`].
pub(crate) fn unpack_and_check(
    bundle: Vec<u8>,
    archive: &Path,
    host: Option<&Host>,
) -> Result<Revision, Diagnostics> {
    let failed = |error: io::Error| Diagnostics::unknown(format!("{}: {error}", archive.display()));
    if archive.exists() {
        fs::remove_dir_all(archive).map_err(failed)?;
    }
    if let Some(parent) = archive.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    archive::unpack(Cursor::new(bundle), archive, &Limits::default())
        .map_err(|error| Diagnostics::unknown(format!("The revision cannot be unpacked: {error}")))?;
    let spec = read_spec(archive).map_err(Diagnostics::unknown)?;
    let contents = contents(archive).map_err(failed)?;
    let problems = check(&spec, &contents, host);
    match Problem::diagnostics(&problems) {
        None => Ok(Revision { archive: archive.into(), spec, contents }),
        Some(diagnostics) => Err(diagnostics),
    }
}

/// `appspec.yml`, or `appspec.yaml`, which the agent knows too.
pub(crate) fn read_spec(archive: &Path) -> Result<AppSpec, String> {
    let read = |name: &str| fs::read_to_string(archive.join(name));
    let text = read("appspec.yml").or_else(|_| read("appspec.yaml")).map_err(|error| {
        format!(
            "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at \
             revision-relative path \"appspec.yml\": {error}"
        )
    })?;
    parse(&text).map_err(|problems| format!("appspec.yml: {}", problems.join("; ")))
}

/// Removes old archives; `in_use` and the newest stay.
pub(crate) fn clean_up(archives: &Path, in_use: &[&str]) -> io::Result<()> {
    let mut others = Vec::new();
    for listed in fs::read_dir(archives)? {
        let listed = listed?;
        if !in_use.iter().any(|id| listed.file_name() == **id) {
            others.push((listed.metadata()?.modified()?, listed.path()));
        }
    }
    others.sort();
    let excess = others.len().saturating_sub(ARCHIVES_TO_RETAIN);
    for (_, path) in others.drain(..excess) {
        fs::remove_dir_all(path)?;
    }
    Ok(())
}
