//! Files that stay from build to build: restored before the first command, saved when the build has succeeded.
//!
//! CodeBuild keeps them in S3 or on a build host, as the project's `cache` says; here both are a directory
//! beside the builds. Source: "Cache builds to improve performance" in the CodeBuild user guide.

use std::path::PathBuf;

use super::execution::Run;
use super::phase_end::{PhaseEnd, fault};
use crate::buildspec::CacheFiles;
use crate::cache::{CachePlaces, CacheShelf, Saved};
use crate::model::ProjectCache;

impl Run {
    pub(super) async fn restore_cache(&mut self) -> Result<(), PhaseEnd> {
        let Some((shelf, cache)) = self.shelf(true) else { return Ok(()) };
        let key = self.cache_key(&cache).await?;
        let fallback_keys = self.expand_all(&cache.fallback_keys).await?;
        let places = self.cache_places();
        let restored = tokio::task::spawn_blocking(move || {
            let slot = shelf.find(key.as_deref(), &fallback_keys);
            slot.map(|slot| slot.restore(&places).map(|count| (slot.name(), count)))
        });
        match restored.await.map_err(|error| fault("INTERNAL_ERROR", error.to_string()))? {
            None => self.recorder.note("There is no cache yet"),
            Some(Ok((name, count))) => {
                self.recorder.note(&format!("Restored {count} file(s) from the cache {name}"));
            }
            // A build without its cache is slower, not wrong.
            Some(Err(error)) => self.recorder.note(&format!("The cache was not restored: {error}")),
        }
        Ok(())
    }

    /// The files of a build that failed may be half made, so they are not kept.
    pub(super) async fn save_cache(&mut self) -> Result<(), PhaseEnd> {
        if !self.recorder.build().is_succeeding() {
            return Ok(());
        }
        let Some((shelf, cache)) = self.shelf(false) else { return Ok(()) };
        let key = self.cache_key(&cache).await?;
        let paths = self.expand_all(&cache.paths).await?;
        let places = self.cache_places();
        let saved = tokio::task::spawn_blocking(move || shelf.save(key.as_deref(), &paths, &places));
        match saved.await.map_err(|error| fault("INTERNAL_ERROR", error.to_string()))? {
            Ok(Saved { count, is_new, outside }) => {
                for path in outside {
                    let text = "is outside of the source and of HOME; it is not cached";
                    self.recorder.note(&format!("The cache path {path} {text}"));
                }
                let text = if is_new { "Cached" } else { "The cache of this key is there already, with" };
                self.recorder.note(&format!("{text} {count} file(s)"));
            }
            Err(error) => self.recorder.note(&format!("The cache was not saved: {error}")),
        }
        Ok(())
    }

    /// Where the build's cache is, if the buildspec and the project want one.
    fn shelf(&self, is_restoring: bool) -> Option<(CacheShelf, CacheFiles)> {
        let cache = self.buildspec.as_ref()?.cache.clone()?;
        let build = self.recorder.build();
        if !build.cache.as_ref().is_some_and(ProjectCache::keeps_paths) {
            if is_restoring {
                self.recorder.note(
                    "Notice: the buildspec has a cache, but the project has none; give it cache: type LOCAL, modes \
                     [LOCAL_CUSTOM_CACHE]",
                );
            }
            return None;
        }
        let namespace = build.cache.and_then(|cache| cache.cache_namespace);
        let shelf =
            CacheShelf::new(self.service.store.cache_path(), &build.project_name, namespace.as_deref());
        let is_wanted = if is_restoring { cache.is_restored } else { cache.is_saved };
        is_wanted.then_some((shelf, cache))
    }

    async fn cache_key(&mut self, cache: &CacheFiles) -> Result<Option<String>, PhaseEnd> {
        match &cache.key {
            None => Ok(None),
            Some(key) => self.expand(key).await.map(Some),
        }
    }

    fn cache_places(&self) -> CachePlaces {
        let home: PathBuf = self.workspace.home();
        CachePlaces { source: self.workspace.source(), home }
    }
}
