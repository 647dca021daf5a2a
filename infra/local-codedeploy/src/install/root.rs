//! A target's root directory, and the only hands that write below it.
//!
//! Every path is walked component by component from the root's descriptor and no symbolic link is
//! followed, so nothing that lies below the root (or is put there meanwhile) leads outside.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use super::plan::Existing;

pub(crate) struct Root {
    directory: OwnedFd,
}

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Root {
    /// Makes the directory when it does not exist.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        // The root itself may be a link: its owner said that this is the target.
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { directory: rustix::fs::openat(CWD, path, flags, Mode::empty())? })
    }

    pub(crate) fn existing(&self, path: &str) -> io::Result<Existing> {
        let (parent, name) = match self.parent(path) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(Existing::Nothing),
            Err(Errno::NOTDIR | Errno::LOOP) => return Ok(Existing::Blocked),
            Err(error) => return Err(error.into()),
        };
        match rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                Ok(Existing::Directory)
            }
            Ok(_) => Ok(Existing::Other),
            Err(Errno::NOENT) => Ok(Existing::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Fine when it is there already.
    pub(crate) fn make_directory(&self, path: &str) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        match rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
            Err(Errno::EXIST) if self.existing(path)? == Existing::Directory => Ok(()),
            other => Ok(other?),
        }
    }

    /// With the permissions of `source`. The file appears whole: a program that runs from the old one
    /// keeps it.
    pub(crate) fn copy_file(&self, source: &Path, path: &str) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let mut from = File::open(source)?;
        let permissions = from.metadata()?.permissions();
        let temporary = temporary_name(name);
        remove_if_there(&parent, &temporary)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fresh = rustix::fs::openat(&parent, temporary.as_str(), flags, Mode::from_raw_mode(0o600))?;
        let mut to = File::from(fresh);
        io::copy(&mut from, &mut to)?;
        to.set_permissions(permissions)?;
        rustix::fs::renameat(&parent, temporary.as_str(), &parent, name)?;
        Ok(())
    }

    pub(crate) fn make_link(&self, target: &str, path: &str) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let temporary = temporary_name(name);
        remove_if_there(&parent, &temporary)?;
        rustix::fs::symlinkat(target, &parent, temporary.as_str())?;
        rustix::fs::renameat(&parent, temporary.as_str(), &parent, name)?;
        Ok(())
    }

    pub(crate) fn change_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.open_existing(path)?, Mode::from_raw_mode(mode))?)
    }

    pub(crate) fn change_owner(&self, path: &str, owner: Option<u32>, group: Option<u32>) -> io::Result<()> {
        let file = self.open_existing(path)?;
        Ok(rustix::fs::fchown(&file, owner.map(Uid::from_raw), group.map(Gid::from_raw))?)
    }

    /// A file or a link, or a directory that is empty. What is gone already, and directories in which
    /// others keep something, are left alone.
    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        let (parent, name) = match self.parent(path) {
            Ok(found) => found,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let flags = match self.existing(path)? {
            Existing::Directory => AtFlags::REMOVEDIR,
            Existing::Other => AtFlags::empty(),
            Existing::Nothing | Existing::Blocked => return Ok(()),
        };
        match rustix::fs::unlinkat(&parent, name, flags) {
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
            other => Ok(other?),
        }
    }

    fn open_existing(&self, path: &str) -> io::Result<OwnedFd> {
        let (parent, name) = self.parent(path)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&parent, name, flags, Mode::empty())?)
    }

    fn parent<'p>(&self, path: &'p str) -> Result<(OwnedFd, &'p str), Errno> {
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut here = rustix::fs::openat(&self.directory, ".", DIRECTORY, Mode::empty())?;
        for component in parents.split('/').filter(|component| !component.is_empty()) {
            if component == ".." {
                return Err(Errno::INVAL);
            }
            here = rustix::fs::openat(&here, component, DIRECTORY, Mode::empty())?;
        }
        match name {
            "" | "." | ".." => Err(Errno::INVAL),
            name => Ok((here, name)),
        }
    }
}

/// Beside the file, and short enough when the name is as long as a name may be.
fn temporary_name(name: &str) -> String {
    let start: String = name.chars().take(40).collect();
    format!(".codedeploy-{start}")
}

/// Left by an Install that was killed.
fn remove_if_there(parent: &OwnedFd, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_outside_of_the_root_can_be_reached() {
        let directory = tempfile::tempdir().expect("a directory");
        let outside = directory.path().join("outside");
        fs::create_dir(&outside).expect("outside");
        fs::write(outside.join("file"), "theirs").expect("a file");
        let root_path = directory.path().join("root");
        fs::create_dir(&root_path).expect("the root");
        symlink(&outside, root_path.join("link")).expect("a link");
        symlink(outside.join("file"), root_path.join("file")).expect("a link");
        let root = Root::open(&root_path).expect("the root");
        let source = directory.path().join("source");
        fs::write(&source, "ours").expect("a source");

        let path = "link/file";
        assert_eq!(root.existing(path).expect("an answer"), Existing::Blocked);
        assert!(root.copy_file(&source, path).is_err());
        assert!(root.copy_file(&source, "../outside/file").is_err());
        assert!(root.copy_file(&source, "a/../../outside/file").is_err());
        assert!(root.make_directory("link/new").is_err());
        assert!(root.make_link("x", "link/new").is_err());
        assert!(root.change_mode("file", 0o777).is_err());
        assert!(root.change_mode(path, 0o777).is_err());
        root.remove(path).expect("nothing to do");
        // A link in the place of a file is replaced, not followed.
        root.copy_file(&source, "file").expect("the link is replaced");
        root.remove("link").expect("the link itself goes");

        assert_eq!(fs::read_to_string(outside.join("file")).expect("still there"), "theirs");
        assert_eq!(fs::read_dir(&outside).expect("a listing").count(), 1);
        assert_eq!(fs::read_to_string(root_path.join("file")).expect("ours"), "ours");
        assert!(!root_path.join("link").exists());
    }
}
