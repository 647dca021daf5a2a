//! Copying a tree that changes: again and again, only what differs from the last look.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};

use super::error::BackupError;

/// Files that belong to a process, not to the data: by their path below the directory.
const LEFT_OUT: [&str; 6] =
    ["lock", "service.json", "snapshots", "dynamodb.sqlite-shm", "s3/temporary", "codebuild/work"];

/// What users deployed has names of their choice.
const OF_USERS: [&str; 2] = ["codedeploy/targets", "sources"];

/// What belongs to a process, or is still being written, in the manner of each service.
fn is_left_out(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_unfinished = name == "lock" || name.starts_with(".tmp") || name.ends_with(".new");
    let is_of_users = OF_USERS.iter().any(|folder| path.starts_with(folder));
    LEFT_OUT.iter().any(|out| path == Path::new(out)) || (is_unfinished && !is_of_users)
}

/// Changes of content change this: records are replaced by renaming, journals and logs grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        // A directory is only there or not.
        if metadata.is_dir() {
            return Self { inode: 0, bytes: 0, modified: (0, 0) };
        }
        Self { inode: metadata.ino(), bytes: metadata.len(), modified }
    }
}

pub(super) struct Copy {
    from: PathBuf,
    to: PathBuf,
    /// Whether what belongs to a process, or is unfinished, is copied too.
    is_whole: bool,
    copied: BTreeMap<PathBuf, Stamp>,
}

impl Copy {
    /// Copies a tree that does not change, with everything in it.
    pub fn whole(from: &Path, to: &Path) -> Result<(), BackupError> {
        let mut copy = Self { is_whole: true, ..Self::new(from, to) };
        copy.pass("").map(|_| ())
    }

    pub fn new(from: &Path, to: &Path) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), is_whole: false, copied: BTreeMap::new() }
    }

    /// Makes the copy as the tree is now, in the order of the names. Says how many files differed, in the
    /// folder `watched`.
    pub fn pass(&mut self, watched: &str) -> Result<usize, BackupError> {
        make_directory(&self.to)?;
        let mut found = BTreeMap::new();
        let mut differed = 0;
        self.visit(Path::new(""), &mut found, &mut |path| {
            differed += usize::from(path.starts_with(watched));
        })?;
        for gone in self.copied.keys().rev().filter(|path| !found.contains_key(*path)) {
            differed += usize::from(gone.starts_with(watched));
            remove(&self.to.join(gone))?;
        }
        self.copied = found;
        Ok(differed)
    }

    fn visit(
        &self,
        folder: &Path,
        found: &mut BTreeMap<PathBuf, Stamp>,
        differs: &mut dyn FnMut(&Path),
    ) -> Result<(), BackupError> {
        let from = self.from.join(folder);
        let mut names = Vec::new();
        for entry in fs::read_dir(&from).map_err(BackupError::io(&from))? {
            names.push(entry.map_err(BackupError::io(&from))?.file_name());
        }
        names.sort();
        for name in names {
            let path = folder.join(&name);
            if !self.is_whole && is_left_out(&path) {
                continue;
            }
            let source = self.from.join(&path);
            // Before the content is read: whatever changes later is seen by the next pass.
            let metadata = match fs::symlink_metadata(&source) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(BackupError::io(&source)(error)),
            };
            let stamp = Stamp::of(&metadata);
            if self.copied.get(&path) != Some(&stamp) {
                if !self.copy(&source, &self.to.join(&path), &metadata)? {
                    continue;
                }
                differs(&path);
            }
            found.insert(path.clone(), stamp);
            if metadata.is_dir() {
                self.visit(&path, found, differs)?;
            }
        }
        Ok(())
    }

    /// False when it is gone meanwhile.
    fn copy(&self, source: &Path, target: &Path, metadata: &Metadata) -> Result<bool, BackupError> {
        if metadata.is_dir() {
            return make_directory(target).map(|()| true);
        }
        remove(target)?;
        let copied = if metadata.is_symlink() {
            fs::read_link(source).and_then(|link| symlink(link, target))
        } else {
            fs::copy(source, target).map(|_| ())
        };
        match copied {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(BackupError::io(source)(error)),
        }
    }
}

pub(super) fn make_directory(path: &Path) -> Result<(), BackupError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(BackupError::io(path))
}

/// Whatever it is, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), BackupError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::io(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pass_copies_what_differs_and_removes_what_is_gone() {
        let place = tempfile::tempdir().expect("a directory");
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        let write = |path: &str, text: &str| {
            let path = from.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, text).expect("a file");
        };
        write("s3/a", "1");
        write("s3/b", "1");
        write("logs/a", "1");
        write("lock", "");
        write("s3/lock", "");
        write("s3/.tmpX1", "part");
        write("codebuild/work", "large");
        write("codedeploy/targets/g/lock", "of a user");
        fs::create_dir_all(from.join("s3/empty")).expect("a directory");
        symlink("a", from.join("s3/link")).expect("a link");
        let mut copy = Copy::new(&from, &to);
        assert_eq!(copy.pass("s3").expect("a copy"), 5, "s3, a, b, empty, link");
        assert_eq!(copy.pass("s3").expect("a copy"), 0);
        write("logs/a", "12");
        assert_eq!(copy.pass("s3").expect("a copy"), 0, "what is not watched is copied all the same");
        write("s3/a", "12");
        fs::remove_file(from.join("s3/b")).expect("it was there");
        fs::remove_dir(from.join("s3/empty")).expect("it was there");
        assert_eq!(copy.pass("s3").expect("a copy"), 3);
        let text = |path: &str| fs::read_to_string(to.join(path)).ok();
        assert_eq!(text("s3/a").as_deref(), Some("12"));
        assert_eq!(text("logs/a").as_deref(), Some("12"));
        assert_eq!(text("codedeploy/targets/g/lock").as_deref(), Some("of a user"));
        assert_eq!(fs::read_link(to.join("s3/link")).expect("a link"), Path::new("a"));
        for gone in ["s3/b", "s3/empty", "lock", "s3/lock", "s3/.tmpX1", "codebuild/work"] {
            assert!(!to.join(gone).exists(), "{gone}");
        }
    }
}
