//! A push as a file in the data directory: it is there whole or not at all, and stays until it is acknowledged.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const DIRECTORY: &str = "pushes";
const WAITING: &str = "json";
/// One that says nothing is kept for whoever wonders.
const UNREADABLE: &str = "unreadable";

/// A branch of a repository has moved, or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Push {
    /// Where the repository's objects are: `app.git`, or `app/.git`.
    pub repository: PathBuf,
    /// Or the tag.
    pub branch: String,
    #[serde(default)]
    pub is_tag: bool,
    /// `None` for a branch that is new.
    pub old_commit: Option<String>,
    pub commit: String,
}

/// Leaves pushes in the data directory `data`. `now_ms` and this process give them their names and their order.
///
/// # Errors
/// The disk's; those before the one that failed are left.
pub fn leave(data: &Path, pushes: &[Push], now_ms: i64) -> io::Result<()> {
    if pushes.is_empty() {
        return Ok(());
    }
    let directory = prepare(data)?;
    for (index, push) in pushes.iter().enumerate() {
        let name = format!("{now_ms:015}-{}-{index:04}", std::process::id());
        let fresh = directory.join(&name);
        let mut file = File::create_new(&fresh)?;
        file.write_all(&serde_json::to_vec(push)?)?;
        file.sync_all()?;
        fs::rename(&fresh, fresh.with_extension(WAITING))?;
    }
    File::open(&directory)?.sync_all()
}

/// The spool of the data directory `data`, which is made if it is not there.
pub(super) fn prepare(data: &Path) -> io::Result<PathBuf> {
    let directory = data.join(DIRECTORY);
    match fs::DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(directory),
    }
}

/// A file of the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub path: PathBuf,
}

impl Waiting {
    /// The same as long as the push waits.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// `None` for one that says nothing, which is set aside.
    pub fn read(&self) -> io::Result<Option<Push>> {
        let text = fs::read(&self.path)?;
        match serde_json::from_slice(&text) {
            Ok(push) => Ok(Some(push)),
            Err(error) => {
                tracing::error!(path = %self.path.display(), %error, "this says of no push, and is set aside");
                fs::rename(&self.path, self.path.with_extension(UNREADABLE))?;
                Ok(None)
            }
        }
    }

    pub fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

/// What waits, oldest first.
pub(super) fn waiting(data: &Path) -> io::Result<Vec<Waiting>> {
    let entries = match fs::read_dir(data.join(DIRECTORY)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut waiting = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == WAITING) {
            waiting.push(Waiting { path });
        }
    }
    waiting.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_wait_in_their_order_until_they_are_taken_away() {
        let data = tempfile::tempdir().expect("a directory");
        assert_eq!(waiting(data.path()).expect("no error"), []);
        let push = |branch: &str| Push {
            repository: "/r.git".into(),
            branch: branch.into(),
            is_tag: false,
            old_commit: None,
            commit: "c".into(),
        };
        leave(data.path(), &[push("later")], 2_000).expect("it is left");
        leave(data.path(), &[push("one"), push("two")], 1_000).expect("they are left");
        fs::write(data.path().join("pushes/0-cut.json"), "{").expect("a damaged file");
        fs::write(data.path().join("pushes/1-half"), "{").expect("one that is being written");
        let branches = || {
            let all = waiting(data.path()).expect("they are listed");
            let read = all.iter().filter_map(|one| one.read().expect("it is read"));
            read.map(|push| push.branch).collect::<Vec<_>>()
        };
        assert_eq!(branches(), ["one", "two", "later"]);
        waiting(data.path()).expect("listed")[0].remove().expect("it is removed");
        assert_eq!(branches(), ["two", "later"]);
    }
}
