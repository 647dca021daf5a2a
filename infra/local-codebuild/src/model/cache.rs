//! Whether a project's builds keep files for the next one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// CodeBuild keeps a cache in S3 or on a build host; here both are a directory of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCache {
    #[serde(rename = "type")]
    pub cache_type: CacheType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Projects with the same one share caches that have keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_namespace: Option<String>,
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CacheType {
    NoCache,
    S3,
    Local,
}

impl ProjectCache {
    /// Whether the paths of the buildspec's `cache` section are kept.
    pub fn keeps_paths(&self) -> bool {
        match self.cache_type {
            CacheType::NoCache => false,
            CacheType::S3 => true,
            CacheType::Local => self.modes.iter().any(|mode| mode == "LOCAL_CUSTOM_CACHE"),
        }
    }
}
