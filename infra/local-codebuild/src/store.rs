//! Projects and builds as files: one JSON file each, replaced atomically.
//!
//! ```text
//! projects/<project>.json   builds/<project>/<uuid>.json   logs/<project>/<uuid>.log   work/<uuid>/
//! ```
//! Names were checked before they get here, so they are safe as file names.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Build, Project};

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

#[derive(Debug)]
pub struct StoreError {
    pub path: PathBuf,
    pub cause: io::Error,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for StoreError {}

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
        for folder in ["projects", "builds", "logs", "work"] {
            let path = store.directory.join(folder);
            fs::create_dir_all(&path).map_err(|cause| StoreError { path, cause })?;
        }
        Ok(store)
    }

    pub fn log_path(&self, project: &str, uuid: &str) -> PathBuf {
        self.directory.join("logs").join(project).join(format!("{uuid}.log"))
    }

    pub fn work_path(&self, uuid: &str) -> PathBuf {
        self.directory.join("work").join(uuid)
    }

    /// Removes what builds of a former process left. What cannot be removed is only clutter.
    pub fn remove_work_directories(&self) {
        for folder in entries(&self.directory.join("work")).unwrap_or_default() {
            let _ = fs::remove_dir_all(folder);
        }
    }

    pub fn save_project(&self, project: &Project) -> Result<(), StoreError> {
        write_json(&self.project_path(&project.settings.name), project)
    }

    pub fn delete_project(&self, name: &str) -> Result<(), StoreError> {
        let path = self.project_path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError { path, cause: error }),
            _ => Ok(()),
        }
    }

    pub fn load_projects(&self) -> Result<Vec<Project>, StoreError> {
        json_files(&self.directory.join("projects"))?.iter().map(|path| read_json(path)).collect()
    }

    pub fn save_build(&self, stored: &StoredBuild) -> Result<(), StoreError> {
        write_json(&self.build_path(&stored.build.project_name, stored.build.uuid()), stored)
    }

    pub fn load_build(&self, project: &str, uuid: &str) -> Result<Option<StoredBuild>, StoreError> {
        match read_json(&self.build_path(project, uuid)) {
            Err(error) if error.cause.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    pub fn load_builds(&self) -> Result<Vec<StoredBuild>, StoreError> {
        let mut builds = Vec::new();
        for folder in entries(&self.directory.join("builds"))? {
            for path in json_files(&folder)? {
                builds.push(read_json(&path)?);
            }
        }
        Ok(builds)
    }

    fn project_path(&self, name: &str) -> PathBuf {
        self.directory.join("projects").join(format!("{name}.json"))
    }

    fn build_path(&self, project: &str, uuid: &str) -> PathBuf {
        self.directory.join("builds").join(project).join(format!("{uuid}.json"))
    }
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
