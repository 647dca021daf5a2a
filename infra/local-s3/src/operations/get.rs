//! GetObject and HeadObject: the same answer, with and without the bytes.

use s3s::dto::*;
use s3s::{Body, S3Result, s3_error};

use super::refusals::refuse;
use super::shown_version;
use crate::LocalS3;
use crate::conditions::ReadConditions;
use crate::record::{Content, ObjectRecord};
use crate::store::to_dto_time;

pub(crate) async fn get_object(s3: &LocalS3, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    refuse(&[
        ("partNumber", input.part_number.is_some()),
        ("x-amz-server-side-encryption-customer-algorithm", input.sse_customer_algorithm.is_some()),
    ])?;
    let (object, content) = s3.store.find_object(&input.bucket, &input.key, input.version_id.as_deref())?;
    let modified = modified(&object);
    let conditions = ReadConditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&content.etag, &modified)?;
    let range = input
        .range
        .map(|range| range.check(content.size))
        .transpose()
        .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
    let head = describe(&object, &content, input.checksum_mode.is_some() && range.is_none());
    let size = content.size;
    let bucket = input.bucket;
    let bytes = s3.on_files(move |store| store.read_object(&bucket, &object, &content)).await?;
    let (bytes, content_range) = match range {
        None => (bytes, None),
        Some(range) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let ends = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let (start, end) = ends.ok_or_else(|| s3_error!(InvalidRange))?;
            (bytes.slice(start..end), Some(shown))
        }
    };
    Ok(GetObjectOutput {
        content_length: i64::try_from(bytes.len()).ok(),
        body: Some(StreamingBlob::from(Body::from(bytes))),
        content_range,
        accept_ranges: head.accept_ranges,
        e_tag: head.e_tag,
        last_modified: head.last_modified,
        version_id: head.version_id,
        content_type: input.response_content_type.or(head.content_type),
        cache_control: input.response_cache_control.or(head.cache_control),
        content_disposition: input.response_content_disposition.or(head.content_disposition),
        content_encoding: input.response_content_encoding.or(head.content_encoding),
        content_language: input.response_content_language.or(head.content_language),
        expires: input.response_expires.or(head.expires),
        metadata: head.metadata,
        server_side_encryption: head.server_side_encryption,
        ssekms_key_id: head.ssekms_key_id,
        bucket_key_enabled: head.bucket_key_enabled,
        checksum_crc32: head.checksum_crc32,
        checksum_crc32c: head.checksum_crc32c,
        checksum_crc64nvme: head.checksum_crc64nvme,
        checksum_sha1: head.checksum_sha1,
        checksum_sha256: head.checksum_sha256,
        checksum_type: head.checksum_type,
        ..Default::default()
    })
}

pub(crate) async fn head_object(s3: &LocalS3, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    refuse(&[
        ("partNumber", input.part_number.is_some()),
        ("Range", input.range.is_some()),
        ("x-amz-server-side-encryption-customer-algorithm", input.sse_customer_algorithm.is_some()),
    ])?;
    let (object, content) = s3.store.find_object(&input.bucket, &input.key, input.version_id.as_deref())?;
    let conditions = ReadConditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&content.etag, &modified(&object))?;
    Ok(describe(&object, &content, input.checksum_mode.is_some()))
}

/// In whole seconds, as HTTP has it: a client sends back what it was given.
fn modified(object: &ObjectRecord) -> Timestamp {
    to_dto_time(object.last_modified - object.last_modified.rem_euclid(1000))
}

fn describe(object: &ObjectRecord, content: &Content, with_checksums: bool) -> HeadObjectOutput {
    let properties = content.properties.clone();
    let checksums = if with_checksums { content.checksums.clone() } else { Default::default() };
    HeadObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: i64::try_from(content.size).ok(),
        e_tag: Some(ETag::Strong(content.etag.clone())),
        last_modified: Some(modified(object)),
        version_id: shown_version(object),
        content_type: Some(properties.content_type.unwrap_or_else(|| "binary/octet-stream".into())),
        cache_control: properties.cache_control,
        content_disposition: properties.content_disposition,
        content_encoding: properties.content_encoding,
        content_language: properties.content_language,
        expires: properties.expires,
        metadata: Some(properties.metadata),
        server_side_encryption: properties.server_side_encryption.map(Into::into),
        ssekms_key_id: properties.kms_key_id,
        bucket_key_enabled: properties.bucket_key_enabled,
        checksum_type: checksums.checksum_type(),
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        ..Default::default()
    }
}
