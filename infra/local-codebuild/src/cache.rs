//! What builds leave for the next ones, as directories of files.
//!
//! ```text
//! <cache>/<project>/latest/{src,home}/…           without a key: replaced by each build
//! <cache>/<namespace>/keys/<digest>/{src,home,key} with a key: made once, never changed
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::artifacts::{choose_files, copy_files};

/// The home directory of CodeBuild's images: paths there mean the build's own home.
const CONTAINER_HOME: &str = "/root/";

/// The directories of a build that a cache can hold parts of.
pub struct CachePlaces {
    pub source: PathBuf,
    pub home: PathBuf,
}

/// All caches of a project.
pub struct CacheShelf {
    latest: PathBuf,
    keys: PathBuf,
}

/// One cache.
pub struct CacheSlot(PathBuf);

/// What was saved.
#[derive(Debug)]
pub struct Saved {
    pub count: usize,
    /// `false`: the key had a cache already.
    pub is_new: bool,
    /// Paths that a cache cannot hold.
    pub outside: Vec<String>,
}

impl CacheShelf {
    /// `namespace`: shared by projects that name it, for caches with keys.
    pub fn new(root: PathBuf, project: &str, namespace: Option<&str>) -> Self {
        // A namespace is any text, so its folder's name is a digest; a project's name is a safe one.
        let shared =
            namespace.map_or_else(|| project.to_owned(), |name| format!("namespace-{}", digest(name)));
        Self { latest: root.join(project).join("latest"), keys: root.join(shared).join("keys") }
    }

    /// The cache of `key`, or the newest whose key begins with one of the `fallback_keys`, in their
    /// order; without a key the latest.
    pub fn find(&self, key: Option<&str>, fallback_keys: &[String]) -> Option<CacheSlot> {
        let Some(key) = key else {
            return self.latest.is_dir().then(|| CacheSlot(self.latest.clone()));
        };
        let exact = self.keys.join(digest(key));
        if exact.is_dir() {
            return Some(CacheSlot(exact));
        }
        let entries = fs::read_dir(&self.keys).into_iter().flatten().flatten();
        let known: Vec<_> = entries
            .filter_map(|entry| {
                let key = fs::read_to_string(entry.path().join("key")).ok()?;
                Some((entry.metadata().and_then(|metadata| metadata.modified()).ok()?, key, entry.path()))
            })
            .collect();
        fallback_keys.iter().find_map(|prefix| {
            let fitting = known.iter().filter(|(_, key, _)| key.starts_with(prefix));
            fitting.max_by_key(|(modified, ..)| *modified).map(|(.., path)| CacheSlot(path.clone()))
        })
    }

    /// Copies what `paths` name: directories, files and patterns below the source or the home.
    pub fn save(&self, key: Option<&str>, paths: &[String], places: &CachePlaces) -> io::Result<Saved> {
        let target = key.map_or_else(|| self.latest.clone(), |key| self.keys.join(digest(key)));
        let (of_source, of_home, outside) = sorted(paths, places);
        let trees = [("src", &places.source, of_source), ("home", &places.home, of_home)];
        let mut chosen = Vec::new();
        for (name, root, patterns) in trees {
            let files = if patterns.is_empty() { Vec::new() } else { choose_files(root, &patterns)? };
            chosen.push((name, root, files));
        }
        let count = chosen.iter().map(|(.., files)| files.len()).sum();
        if key.is_some() && target.is_dir() {
            return Ok(Saved { count, is_new: false, outside });
        }
        let parent = target.parent().unwrap_or(&target);
        fs::create_dir_all(parent)?;
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
        for (name, root, files) in chosen {
            copy_files(root, &files, &new.path().join(name))?;
        }
        if let Some(key) = key {
            fs::write(new.path().join("key"), key)?;
        }
        replace(new, &target)?;
        Ok(Saved { count, is_new: true, outside })
    }
}

impl CacheSlot {
    /// Puts the files back; those that the source has stay as they are.
    pub fn restore(&self, places: &CachePlaces) -> io::Result<usize> {
        let mut count = 0;
        for (name, target) in [("src", &places.source), ("home", &places.home)] {
            let tree = self.0.join(name);
            if tree.is_dir() {
                let files = choose_files(&tree, &["**".to_owned()])?;
                count += files.len();
                copy_files(&tree, &files, target)?;
            }
        }
        Ok(count)
    }

    /// The key, or that there is none.
    pub fn name(&self) -> String {
        fs::read_to_string(self.0.join("key")).unwrap_or_else(|_| "of the last build".to_owned())
    }
}

/// Another build may save the same cache at the same moment; whoever comes last wins.
fn replace(new: tempfile::TempDir, target: &Path) -> io::Result<()> {
    let parent = target.parent().unwrap_or(target);
    let old = tempfile::Builder::new().prefix(".old-").tempdir_in(parent)?;
    match fs::rename(target, old.path().join("cache")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::rename(new.path(), target) {
        // Somebody else's is as good.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        renamed => renamed.map(|()| drop(new.keep())),
    }
}

/// The patterns of the source, those of the home, and the paths outside of both.
fn sorted(paths: &[String], places: &CachePlaces) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut of_source, mut of_home, mut outside) = (Vec::new(), Vec::new(), Vec::new());
    let below = |path: &str, root: &Path| Path::new(path).strip_prefix(root).ok().map(text);
    for path in paths {
        let in_home =
            path.strip_prefix("~/").or_else(|| path.strip_prefix(CONTAINER_HOME)).map(str::to_owned);
        if let Some(rest) = in_home.or_else(|| below(path, &places.home)) {
            of_home.push(rest);
        } else if let Some(rest) = below(path, &places.source) {
            of_source.push(rest);
        } else if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            outside.push(path.clone());
        } else {
            of_source.push(path.clone());
        }
    }
    (of_source, of_home, outside)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn places(root: &Path, name: &str) -> CachePlaces {
        let places = CachePlaces { source: root.join(name).join("src"), home: root.join(name).join("home") };
        fs::create_dir_all(&places.source).unwrap();
        fs::create_dir_all(&places.home).unwrap();
        places
    }

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn what_is_saved_comes_back_and_the_source_wins() {
        let root = tempfile::tempdir().unwrap();
        let first = places(root.path(), "first");
        write(&first.source, &[("node_modules/a/b", "b"), ("src/x", "x"), ("kept.lock", "old")]);
        write(&first.home, &[(".m2/repository/j", "j")]);
        std::os::unix::fs::symlink("b", first.source.join("node_modules/a/link")).unwrap();
        let shelf = CacheShelf::new(root.path().join("cache"), "demo", None);
        assert!(shelf.find(None, &[]).is_none());
        let wanted = paths(&["node_modules", "*.lock", "/root/.m2/**/*", "/var/lib/x"]);
        let saved = shelf.save(None, &wanted, &first).unwrap();
        assert_eq!((saved.count, saved.is_new, saved.outside), (4, true, paths(&["/var/lib/x"])));
        let second = places(root.path(), "second");
        write(&second.source, &[("kept.lock", "new")]);
        assert_eq!(shelf.find(None, &[]).unwrap().restore(&second).unwrap(), 4);
        let read = |path: PathBuf| fs::read_to_string(path).unwrap();
        assert_eq!(read(second.source.join("node_modules/a/link")), "b");
        assert_eq!(read(second.source.join("kept.lock")), "new");
        assert_eq!(read(second.home.join(".m2/repository/j")), "j");
        assert!(!second.source.join("src").exists());
    }

    #[test]
    fn a_keyed_cache_is_made_once_and_found_by_its_key_or_a_prefix() {
        let root = tempfile::tempdir().unwrap();
        let build = places(root.path(), "build");
        let shelf = CacheShelf::new(root.path().join("cache"), "demo", Some("all projects/../x"));
        for (key, text, is_new) in [("npm-1", "one", true), ("npm-1", "changed", false), ("go-1", "go", true)]
        {
            write(&build.source, &[("file", text)]);
            let saved = shelf.save(Some(key), &paths(&["file"]), &build).unwrap();
            assert_eq!(saved.is_new, is_new, "{key}");
        }
        let found = |key: &str, fallback: &[&str]| {
            let other = CacheShelf::new(root.path().join("cache"), "other", Some("all projects/../x"));
            other.find(Some(key), &paths(fallback)).map(|slot| slot.name())
        };
        assert_eq!(found("npm-1", &[]).as_deref(), Some("npm-1"));
        assert_eq!(found("npm-2", &["none-", "npm-"]).as_deref(), Some("npm-1"));
        assert_eq!(found("npm-2", &[]), None);
        let restored = places(root.path(), "restored");
        shelf.find(Some("npm-1"), &[]).unwrap().restore(&restored).unwrap();
        assert_eq!(fs::read_to_string(restored.source.join("file")).unwrap(), "one");
        assert!(CacheShelf::new(root.path().join("cache"), "other", None).find(Some("npm-1"), &[]).is_none());
    }
}
