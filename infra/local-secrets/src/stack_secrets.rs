//! Secrets that a stack makes for itself at its first start, as CloudFormation generates them.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::SecretText;

/// The logical id of the secret that signs, in `template.yaml`.
pub const SIGNING_KEY: &str = "SigningKey";

const RANDOM_BYTES: usize = 32;

/// A folder with a file for each secret.
#[derive(Debug, Clone)]
pub struct StackSecrets {
    folder: PathBuf,
}

impl StackSecrets {
    /// Those of the stack whose data are in `data_directory`.
    #[must_use]
    pub fn of(data_directory: &Path) -> Self {
        Self { folder: data_directory.join("secrets") }
    }

    /// Makes the secret if there is none: base64 of 32 random bytes, for its owner only. Of two processes that
    /// do so at once, both return what the first one made.
    ///
    /// # Errors
    /// The disk's, and [`StackSecretError::Exposed`].
    pub fn ensure(&self, name: &str) -> Result<SecretText, StackSecretError> {
        match self.read(name) {
            Err(StackSecretError::Missing { .. }) => {}
            read => return read,
        }
        let path = self.path(name);
        self.generate(&path).map_err(|source| StackSecretError::Unusable { path, source })?;
        self.read(name)
    }

    /// Whether the secret was made. Of the names that a file system takes for one, only the one it was made with.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let path = self.path(name);
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.path() == path)
    }

    /// # Errors
    /// [`StackSecretError::Missing`] until it was made, the disk's, [`StackSecretError::Exposed`] and
    /// [`StackSecretError::Damaged`]: keys that are made of less could be guessed.
    pub fn read(&self, name: &str) -> Result<SecretText, StackSecretError> {
        let path = self.path(name);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StackSecretError::Missing { path });
            }
            Err(source) => return Err(StackSecretError::Unusable { path, source }),
        };
        let unusable = |source| StackSecretError::Unusable { path: path.clone(), source };
        if file.metadata().map_err(unusable)?.permissions().mode() & 0o077 != 0 {
            return Err(StackSecretError::Exposed { path });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unusable)?;
        let text = String::from_utf8_lossy(&bytes);
        let is_whole = STANDARD.decode(text.trim()).is_ok_and(|random| random.len() == RANDOM_BYTES);
        if !is_whole {
            return Err(StackSecretError::Damaged { path });
        }
        Ok(SecretText::new(text.trim()))
    }

    /// The secret is complete and on the disk before it has its name, and gets that only if it is free.
    fn generate(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let [mut random, mut unique] = [[0; RANDOM_BYTES]; 2];
        let mut source = File::open("/dev/urandom")?;
        source.read_exact(&mut random)?;
        source.read_exact(&mut unique)?;
        let fresh = path.with_extension(URL_SAFE_NO_PAD.encode(unique) + ".new");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(STANDARD.encode(random).as_bytes())?;
        file.sync_all()?;
        let named = match fs::hard_link(&fresh, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            named => named,
        };
        fs::remove_file(&fresh)?;
        named?;
        File::open(&self.folder)?.sync_all()
    }

    /// Names have slashes and dots; whatever is no letter, digit or hyphen is written as its code.
    fn path(&self, name: &str) -> PathBuf {
        let mut file_name = String::new();
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                file_name.push(char::from(byte));
            } else {
                file_name += &format!("%{byte:02X}");
            }
        }
        self.folder.join(file_name)
    }
}

/// What the keys of a stack's callers are made of, for a command on the machine of the service.
///
/// # Errors
/// [`StackSecretError::Missing`] when the service has never run with this data directory.
pub fn master_key(data_directory: &Path) -> Result<SecretText, StackSecretError> {
    StackSecrets::of(data_directory).read(SIGNING_KEY)
}

#[derive(Debug)]
pub enum StackSecretError {
    Missing {
        path: PathBuf,
    },
    /// Others may have read it.
    Exposed {
        path: PathBuf,
    },
    /// It is not what was generated.
    Damaged {
        path: PathBuf,
    },
    Unusable {
        path: PathBuf,
        source: io::Error,
    },
}

impl fmt::Display for StackSecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(
                f,
                "there is no secret {}; the service makes it at its first start: run `pipewright up`",
                path.display()
            ),
            Self::Exposed { path } => write!(
                f,
                "others than its owner may read the secret {path}. If nobody did, run `chmod 600 {path}`; \
                 otherwise delete it and start the service again, which makes a new one",
                path = path.display()
            ),
            Self::Damaged { path } => write!(
                f,
                "the secret {} is damaged. Restore it from a backup, or delete it and start the service again, \
                 which makes a new one",
                path.display()
            ),
            Self::Unusable { path, source } => {
                write!(f, "the secret {} cannot be used: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for StackSecretError {}
