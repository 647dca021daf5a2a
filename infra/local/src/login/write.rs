//! A file of somebody's that is changed: whole, or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What is read where nothing is.
const NEW_FILE_MODE: u32 = 0o600;
const NEW_DIRECTORY_MODE: u32 = 0o700;

/// A file as it was read.
pub(super) struct Found {
    /// The file itself, where `path` is a link to it.
    path: PathBuf,
    /// None if it is not there.
    bytes: Option<Vec<u8>>,
}

impl Found {
    /// # Errors
    /// It is there and cannot be read, or a link leads nowhere.
    pub fn at(path: &Path) -> io::Result<Self> {
        let path = match fs::symlink_metadata(path) {
            Ok(_) => fs::canonicalize(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        match fs::metadata(&path) {
            // Nothing is put in the place of /dev/null.
            Ok(found) if !found.is_file() => Err(io::Error::other("it is not a file")),
            _ => Ok(Self { bytes: read(&path)?, path }),
        }
    }

    /// # Errors
    /// It is not UTF-8, which the tools read it as.
    pub fn text(&self) -> io::Result<&str> {
        let bytes = self.bytes.as_deref().unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
    }

    /// Puts `text` in its place at once, with its mode; nobody sees half of it. What is new is for its owner only.
    ///
    /// # Errors
    /// The disk's; or somebody else has changed it meanwhile, and then it stays as they left it.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        if self.bytes.as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(NEW_DIRECTORY_MODE).create(directory)?;
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(self.permissions()?)?;
        file.as_file().sync_all()?;
        if read(&self.path)? != self.bytes {
            return Err(io::Error::other("somebody has changed it at the same time; try again"));
        }
        file.persist(&self.path).map_err(|error| error.error)?;
        fs::File::open(directory)?.sync_all()
    }

    fn permissions(&self) -> io::Result<Permissions> {
        match self.bytes {
            Some(_) => Ok(fs::metadata(&self.path)?.permissions()),
            None => Ok(Permissions::from_mode(NEW_FILE_MODE)),
        }
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_is_for_its_owner_only() {
        let place = tempfile::tempdir().expect("there is room");
        let path = place.path().join(".aws/config");
        let found = Found::at(&path).expect("nothing is there");
        assert_eq!(found.text().expect("no text"), "");
        found.replace("a\n").expect("it is written");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "a\n");
        assert_eq!((mode(&path), mode(&place.path().join(".aws"))), (0o600, 0o700));
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_link_stays_one() {
        let place = tempfile::tempdir().expect("there is room");
        let (file, link) = (place.path().join("dotfiles-config"), place.path().join("config"));
        fs::write(&file, "a\n").expect("a file");
        fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("a mode");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        Found::at(&link).expect("it is there").replace("b\n").expect("it is written");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "b\n");
        assert_eq!(mode(&file), 0o644);
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        let names = fs::read_dir(place.path()).expect("a directory").count();
        assert_eq!(names, 2, "nothing is left behind");
    }

    #[test]
    fn what_somebody_else_writes_meanwhile_stays() {
        let place = tempfile::tempdir().expect("there is room");
        let path = place.path().join("config");
        for before in [None, Some("a\n")] {
            if let Some(before) = before {
                fs::write(&path, before).expect("a file");
            }
            let found = Found::at(&path).expect("it is read");
            fs::write(&path, "theirs\n").expect("a file");
            assert!(found.replace("ours\n").is_err());
            assert_eq!(fs::read_to_string(&path).expect("it is there"), "theirs\n");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_replaced() {
        let place = tempfile::tempdir().expect("there is room");
        let (binary, nowhere) = (place.path().join("binary"), place.path().join("nowhere"));
        fs::write(&binary, [0xff, 0xfe]).expect("a file");
        assert!(Found::at(&binary).expect("it is read").text().is_err());
        std::os::unix::fs::symlink("gone", &nowhere).expect("a link");
        assert!(Found::at(&nowhere).is_err());
        assert!(Found::at(place.path()).is_err(), "a directory");
        assert!(Found::at(Path::new("/dev/null")).is_err(), "a device");
    }
}
