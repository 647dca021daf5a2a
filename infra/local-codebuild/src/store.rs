//! Projects and builds as files.
//!
//! ```text
//! projects/<project>.json           replaced atomically
//! builds/<project>/<uuid>.jsonl     its record, a line for each change that a crash must not lose
//! batches/<project>/<uuid>.json     replaced atomically
//! logs/<project>/<uuid>.log   reports/<project>-<group>/<uuid>.json   cache/…   work/<uuid>/
//! ```
//! Replacing a file makes ext4 write it to the disk at once, which takes longer than a small build, and on a busy
//! disk every new name does. So a build's record is one file, which only grows.
//!
//! Names were checked before they get here, so they are safe as file names.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use local_service::write_declared;
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::{Build, BuildBatch, Project};

/// A build as it is stored, with what makes its start idempotent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredBuild {
    pub build: Build,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_token: Option<String>,
    /// The start's input, if it had a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
}

/// A batch as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredBatch {
    pub batch: BuildBatch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
}

#[derive(Debug)]
pub struct StoreError {
    pub path: PathBuf,
    pub cause: io::Error,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.cause.kind() {
            // Of a record that is no JSON, or not the expected one.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                write!(
                    f,
                    "{path} cannot be read ({}); restore it, or remove it to go on without it",
                    self.cause
                )
            }
            _ => write!(f, "{path}: {}", self.cause),
        }
    }
}

impl std::error::Error for StoreError {}

/// A file system in memory that Linux systems have; others are slower, not different.
const MEMORY: &str = "/dev/shm";

/// Asks the file system to put each directory that is made here far from the others. Each build makes many files
/// and removes them; ext4 searches past every inode that became free within the last minutes wherever it looks for
/// one, so that builds side by side and after one another made all of them slow. Others know no such thing, or
/// need none.
fn spread(directory: &Path) {
    let Ok(directory) = File::open(directory) else { return };
    if let Ok(flags) = ioctl_getflags(&directory) {
        let _ = ioctl_setflags(&directory, flags | IFlags::TOPDIR);
    }
}

/// The data directory.
pub struct Store {
    directory: PathBuf,
}

impl Store {
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let failed = |cause| StoreError { path: directory.to_owned(), cause };
        fs::create_dir_all(directory).map_err(failed)?;
        // Builds see their paths in variables: these have to be absolute.
        let store = Self { directory: fs::canonicalize(directory).map_err(failed)? };
        for folder in ["projects", "builds", "batches", "logs", "reports", "cache", "work"] {
            let path = store.directory.join(folder);
            fs::create_dir_all(&path).map_err(|cause| StoreError { path, cause })?;
        }
        spread(&store.directory.join("work"));
        Ok(store)
    }

    pub fn log_path(&self, project: &str, uuid: &str) -> PathBuf {
        self.directory.join("logs").join(project).join(format!("{uuid}.log"))
    }

    pub fn work_path(&self, uuid: &str) -> PathBuf {
        self.directory.join("work").join(uuid)
    }

    /// Where the shell's state of a build is: in memory if this machine has a place for that, because the
    /// state is written with every command, and holds the values of secrets.
    pub fn session_path(&self, uuid: &str) -> PathBuf {
        let memory = Path::new(MEMORY);
        if memory.is_dir() {
            memory.join(format!("{}{uuid}", self.session_prefix()))
        } else {
            self.work_path(uuid).join("session")
        }
    }

    /// Tells the sessions of this directory's builds from those of others.
    fn session_prefix(&self) -> String {
        let digest = Sha256::digest(self.directory.as_os_str().as_encoded_bytes());
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("pipewright-{digest}-")
    }

    /// Removes what builds of a former process left in memory.
    pub fn remove_sessions(&self) {
        let prefix = self.session_prefix();
        for folder in entries(Path::new(MEMORY)).unwrap_or_default() {
            if folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes())) {
                let _ = fs::remove_dir_all(folder);
            }
        }
    }

    /// Removes what builds of a former process left. What cannot be removed is only clutter.
    pub fn remove_work_directories(&self) {
        for folder in entries(&self.directory.join("work")).unwrap_or_default() {
            let _ = fs::remove_dir_all(folder);
        }
    }

    pub fn save_project(&self, project: &Project) -> Result<(), StoreError> {
        let path = self.project_path(&project.settings.name);
        write_declared(&path, project).map_err(|cause| StoreError { path, cause })
    }

    pub fn delete_project(&self, name: &str) -> Result<(), StoreError> {
        remove_file(&self.project_path(name))
    }

    pub fn load_projects(&self) -> Result<Vec<Project>, StoreError> {
        json_files(&self.directory.join("projects"))?.iter().map(|path| read_json(path)).collect()
    }

    /// The record of a build that begins.
    pub fn begin_build(&self, stored: &StoredBuild) -> Result<BuildRecord, StoreError> {
        let mut record = self.open_build(stored)?;
        record.save(stored)?;
        Ok(record)
    }

    /// Adds the end of a build whose record nobody writes any more.
    pub fn end_build(&self, stored: &StoredBuild) -> Result<(), StoreError> {
        self.open_build(stored)?.save(stored)
    }

    fn open_build(&self, stored: &StoredBuild) -> Result<BuildRecord, StoreError> {
        let path = self.build_path(&stored.build.project_name, stored.build.uuid());
        let failed = |cause| StoreError { path: path.clone(), cause };
        let open = || File::options().create(true).append(true).mode(0o600).open(&path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(failed)?;
                open()
            }
            opened => opened,
        };
        let mut file = file.map_err(failed)?;
        // What a crash left of a line would spoil the next one.
        if file.metadata().map_err(failed)?.len() > 0 {
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(BuildRecord { file, path: path.clone(), is_torn: false })
    }

    pub fn load_build(&self, project: &str, uuid: &str) -> Result<Option<StoredBuild>, StoreError> {
        let path = self.build_path(project, uuid);
        let read = match read_last_record(&path) {
            // Before records had lines, a build was one document.
            Err(error) if is_missing(&error) => read_json(&path.with_extension("json")),
            read => read,
        };
        match read {
            Err(error) if is_missing(&error) => Ok(None),
            read => read.map(Some),
        }
    }

    /// All builds that can be read; of those that cannot, because a power cut lost them, the paths.
    pub fn load_builds(&self) -> Result<(Vec<StoredBuild>, Vec<StoreError>), StoreError> {
        let (mut builds, mut lost) = (Vec::new(), Vec::new());
        for folder in entries(&self.directory.join("builds"))? {
            for path in entries(&folder)? {
                let read = match path.extension().and_then(|extension| extension.to_str()) {
                    Some("jsonl") => read_last_record(&path),
                    Some("json") if !path.with_extension("jsonl").exists() => read_json(&path),
                    _ => continue,
                };
                match read {
                    Ok(stored) => builds.push(stored),
                    Err(error) => lost.push(error),
                }
            }
        }
        Ok((builds, lost))
    }

    pub fn save_batch(&self, stored: &StoredBatch) -> Result<(), StoreError> {
        let folder = self.directory.join("batches").join(&stored.batch.project_name);
        write_json(&folder.join(format!("{}.json", stored.batch.uuid())), stored)
    }

    pub fn load_batches(&self) -> Result<Vec<StoredBatch>, StoreError> {
        let mut batches = Vec::new();
        for folder in entries(&self.directory.join("batches"))? {
            for path in json_files(&folder)? {
                batches.push(read_json(&path)?);
            }
        }
        Ok(batches)
    }

    pub fn save_report(&self, folder: &str, uuid: &str, report: &Value) -> Result<(), StoreError> {
        write_json(&self.report_path(folder, uuid), report)
    }

    pub fn load_report(&self, folder: &str, uuid: &str) -> Option<Value> {
        read_json(&self.report_path(folder, uuid)).ok()
    }

    /// What stays from build to build.
    pub fn cache_path(&self) -> PathBuf {
        self.directory.join("cache")
    }

    fn project_path(&self, name: &str) -> PathBuf {
        self.directory.join("projects").join(format!("{name}.json"))
    }

    fn report_path(&self, folder: &str, uuid: &str) -> PathBuf {
        self.directory.join("reports").join(folder).join(format!("{uuid}.json"))
    }

    fn build_path(&self, project: &str, uuid: &str) -> PathBuf {
        self.directory.join("builds").join(project).join(format!("{uuid}.jsonl"))
    }
}

/// The open record of a build. What was saved survives the end of this process.
pub struct BuildRecord {
    path: PathBuf,
    file: File,
    /// The last write may have left a part of a line.
    is_torn: bool,
}

impl BuildRecord {
    pub fn save(&mut self, stored: &StoredBuild) -> Result<(), StoreError> {
        let failed = |cause| StoreError { path: self.path.clone(), cause };
        let mut line = if self.is_torn { b"\n".to_vec() } else { Vec::new() };
        serde_json::to_writer(&mut line, stored).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        self.is_torn = written.is_err();
        written.map_err(failed)
    }
}

fn remove_file(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(StoreError { path: path.to_owned(), cause })
        }
        _ => Ok(()),
    }
}

/// The last line that was written to its end.
fn read_last_record(path: &Path) -> Result<StoredBuild, StoreError> {
    let failed = |cause| StoreError { path: path.to_owned(), cause };
    let bytes = fs::read(path).map_err(failed)?;
    let mut lines = bytes.rsplit(|byte| *byte == b'\n');
    let last = lines.find_map(|line| serde_json::from_slice(line).ok());
    last.ok_or_else(|| failed(io::Error::other("no line of it is a record")))
}

fn is_missing(error: &StoreError) -> bool {
    error.cause.kind() == io::ErrorKind::NotFound
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |cause| StoreError { path: folder.to_owned(), cause };
    let listing = fs::read_dir(folder).map_err(failed)?;
    listing.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = entries(folder)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    Ok(files)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let failed = |cause| StoreError { path: path.to_owned(), cause };
    let bytes = fs::read(path).map_err(failed)?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), StoreError> {
    let failed = |cause| StoreError { path: path.to_owned(), cause };
    let bytes = serde_json::to_vec_pretty(value).map_err(|error| failed(error.into()))?;
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
