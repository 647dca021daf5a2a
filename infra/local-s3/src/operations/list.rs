//! ListObjectsV2 and ListObjectVersions.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Result, s3_error};

use crate::listing::{After, Query, page};
use crate::record::ObjectRecord;
use crate::store::{Bucket, to_dto_time};
use crate::{LocalS3, percent};

const MAX_KEYS: i32 = 1000;

pub(crate) async fn list_objects_v2(
    s3: &LocalS3,
    input: ListObjectsV2Input,
) -> S3Result<ListObjectsV2Output> {
    let encode = encoder(input.encoding_type.as_ref())?;
    let max_keys = max_keys(input.max_keys)?;
    let after = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => read_token(token)?,
        (None, Some(key)) => After::Key(key.clone()),
        (None, None) => After::Nothing,
    };
    let query = Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after,
        limit: usize::try_from(max_keys).unwrap_or(0),
    };
    let state = s3.store.state();
    let bucket = state.bucket(&input.bucket)?;
    let current = bucket.keys.keys().filter_map(|key| Some((key.as_str(), bucket.current(key)?)));
    let found = page(current, &query);
    let contents: Vec<Object> = found.items.iter().map(|object| described(object, encode)).collect();
    let key_count = contents.len() + found.common_prefixes.len();
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        key_count: i32::try_from(key_count).ok(),
        max_keys: Some(max_keys),
        is_truncated: Some(found.next.is_some()),
        next_continuation_token: found.next.as_ref().map(token),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes(&found.common_prefixes, encode)),
        continuation_token: input.continuation_token,
        prefix: input.prefix.as_deref().map(encode),
        delimiter: input.delimiter.as_deref().map(encode),
        start_after: input.start_after.as_deref().map(encode),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(crate) async fn list_object_versions(
    s3: &LocalS3,
    input: ListObjectVersionsInput,
) -> S3Result<ListObjectVersionsOutput> {
    let encode = encoder(input.encoding_type.as_ref())?;
    let max_keys = max_keys(input.max_keys)?;
    let state = s3.store.state();
    let listed: Vec<Listed<'_>> = newest_first(state.bucket(&input.bucket)?).collect();
    let start = start(&listed, &input)?;
    let query = Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: After::Nothing,
        limit: usize::try_from(max_keys).unwrap_or(0),
    };
    let entries = listed[start..].iter().map(|listed| (listed.object.key.as_str(), listed));
    let found = page(entries, &query);
    let (next_key, next_version) = match found.next {
        Some(After::Key(key)) => (Some(key), found.items.last().map(|last| last.object.version_id.clone())),
        Some(After::CommonPrefix(prefix)) => (Some(prefix), None),
        Some(After::Nothing) | None => (None, None),
    };
    let is_truncated = next_key.is_some();
    let (markers, versions): (Vec<&Listed<'_>>, Vec<_>) =
        found.items.iter().partition(|listed| listed.object.content.is_none());
    Ok(ListObjectVersionsOutput {
        versions: Some(versions.into_iter().map(|listed| version(listed, encode)).collect()),
        delete_markers: Some(markers.into_iter().map(|listed| delete_marker(listed, encode)).collect()),
        common_prefixes: Some(common_prefixes(&found.common_prefixes, encode)),
        is_truncated: Some(is_truncated),
        next_key_marker: next_key.as_deref().map(encode),
        next_version_id_marker: next_version,
        name: Some(input.bucket),
        max_keys: Some(max_keys),
        prefix: input.prefix.as_deref().map(encode),
        delimiter: input.delimiter.as_deref().map(encode),
        key_marker: input.key_marker.as_deref().map(encode),
        version_id_marker: input.version_id_marker,
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

/// A version or a delete marker among its siblings.
struct Listed<'s> {
    object: &'s ObjectRecord,
    is_latest: bool,
}

fn newest_first(bucket: &Bucket) -> impl Iterator<Item = Listed<'_>> {
    bucket.keys.values().flat_map(|versions| {
        let newest = versions.len().saturating_sub(1);
        let listed = move |(index, object)| Listed { object, is_latest: index == newest };
        versions.iter().enumerate().map(listed).rev()
    })
}

/// Where the markers of the page before say that this page starts.
fn start(listed: &[Listed<'_>], input: &ListObjectVersionsInput) -> S3Result<usize> {
    let given = |marker: &Option<String>| marker.clone().filter(|marker| !marker.is_empty());
    let (key, version) = match (given(&input.key_marker), given(&input.version_id_marker)) {
        (None, None) => return Ok(0),
        (None, Some(_)) => {
            return Err(s3_error!(
                InvalidArgument,
                "A version-id marker cannot be specified without a key marker."
            ));
        }
        (Some(key), version) => (key, version),
    };
    if let Some(version) = version {
        let last =
            listed.iter().position(|listed| listed.object.key == key && listed.object.version_id == version);
        if let Some(last) = last {
            return Ok(last + 1);
        }
    }
    // A page that ended with a common prefix gave that prefix as the marker.
    let ends_prefix = input.delimiter.as_ref().is_some_and(|delimiter| key.ends_with(delimiter.as_str()));
    let goes_on = |listed: &Listed<'_>| {
        listed.object.key > key && !(ends_prefix && listed.object.key.starts_with(&key))
    };
    Ok(listed.iter().position(goes_on).unwrap_or(listed.len()))
}

fn described(object: &ObjectRecord, encode: Encoder) -> Object {
    let content = object.content.as_ref();
    Object {
        key: Some(encode(&object.key)),
        e_tag: content.map(|content| ETag::Strong(content.etag.clone())),
        size: content.and_then(|content| i64::try_from(content.size).ok()),
        last_modified: Some(to_dto_time(object.last_modified)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    }
}

fn version(listed: &Listed<'_>, encode: Encoder) -> ObjectVersion {
    let object = described(listed.object, encode);
    ObjectVersion {
        key: object.key,
        e_tag: object.e_tag,
        size: object.size,
        last_modified: object.last_modified,
        version_id: Some(listed.object.version_id.clone()),
        is_latest: Some(listed.is_latest),
        storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
        ..Default::default()
    }
}

fn delete_marker(listed: &Listed<'_>, encode: Encoder) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        key: Some(encode(&listed.object.key)),
        last_modified: Some(to_dto_time(listed.object.last_modified)),
        version_id: Some(listed.object.version_id.clone()),
        is_latest: Some(listed.is_latest),
        ..Default::default()
    }
}

fn common_prefixes(prefixes: &[String], encode: Encoder) -> Vec<CommonPrefix> {
    prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encode(prefix)) }).collect()
}

type Encoder = fn(&str) -> String;

fn encoder(encoding: Option<&EncodingType>) -> S3Result<Encoder> {
    match encoding.map(EncodingType::as_str) {
        None => Ok(str::to_string),
        Some(EncodingType::URL) => Ok(percent::encode),
        Some(other) => {
            Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request: {other}"))
        }
    }
}

fn max_keys(asked: Option<i32>) -> S3Result<i32> {
    match asked {
        Some(asked) if asked < 0 => {
            Err(s3_error!(InvalidArgument, "Argument maxKeys must be an integer from 0"))
        }
        asked => Ok(asked.unwrap_or(MAX_KEYS).min(MAX_KEYS)),
    }
}

/// Opaque for clients: `k` and a key, or `p` and a common prefix.
fn token(after: &After) -> String {
    let text = match after {
        After::Nothing => String::new(),
        After::Key(key) => format!("k{key}"),
        After::CommonPrefix(prefix) => format!("p{prefix}"),
    };
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn read_token(token: &str) -> S3Result<After> {
    let wrong = || s3_error!(InvalidArgument, "The continuation token provided is incorrect");
    let text = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong())?;
    let text = String::from_utf8(text).map_err(|_| wrong())?;
    match (text.strip_prefix('k'), text.strip_prefix('p')) {
        (Some(key), _) => Ok(After::Key(key.into())),
        (_, Some(prefix)) => Ok(After::CommonPrefix(prefix.into())),
        (None, None) => Err(wrong()),
    }
}
