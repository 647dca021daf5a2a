//! The `cache` section.

use super::node::Node;
use super::value::{mapping, notice, text, texts};
use super::{Buildspec, BuildspecError, CacheFiles};

/// CodeBuild's limit of fallback keys.
const MAX_FALLBACK_KEYS: usize = 5;

pub(super) fn parse_cache(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    let mut cache = CacheFiles { is_restored: true, is_saved: true, ..CacheFiles::default() };
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "key" => cache.key = Some(text(node)?).filter(|key| !key.is_empty()),
            "fallback-keys" => cache.fallback_keys = fallback_keys(node)?,
            "action" => match text(node)?.to_ascii_lowercase().as_str() {
                "restore" => cache.is_saved = false,
                "save" => cache.is_restored = false,
                other => return Err(node.error(format!("must be restore or save, not {other:?}"))),
            },
            "paths" => cache.paths = texts(node)?,
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    if cache.key.is_none() && !cache.fallback_keys.is_empty() {
        notice(buildspec, node, "has fallback-keys without a key; CodeBuild ignores them");
        cache.fallback_keys.clear();
    }
    if !cache.paths.is_empty() {
        buildspec.cache = Some(cache);
    }
    Ok(())
}

fn fallback_keys(node: &Node) -> Result<Vec<String>, BuildspecError> {
    let keys = texts(node)?;
    if keys.len() > MAX_FALLBACK_KEYS {
        return Err(
            node.error(format!("has {} keys; CodeBuild takes at most {MAX_FALLBACK_KEYS}", keys.len()))
        );
    }
    Ok(keys)
}
