//! CopyObject.

use s3s::dto::*;
use s3s::{Body, S3Result, s3_error};

use super::refusals::{properties, refuse, refuse_unsupported};
use super::shown_version;
use crate::LocalS3;
use crate::conditions::{ReadConditions, WriteConditions};
use crate::receive::{Promise, receive};
use crate::record::Properties;
use crate::store::{NewObject, to_dto_time};

pub(crate) async fn copy_object(s3: &LocalS3, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
    refuse_unsupported!(input)?;
    let replaces_tags =
        input.tagging_directive.as_ref().is_some_and(|directive| directive.as_str() != "COPY");
    refuse(&[("x-amz-tagging-directive", replaces_tags)])?;
    let CopySource::Bucket { bucket: source_bucket, key: source_key, version_id } = &input.copy_source else {
        return Err(s3_error!(NotImplemented, "the local S3 copies from <bucket>/<key>"));
    };
    let (source, content) = s3.store.find_object(source_bucket, source_key, version_id.as_deref())?;
    let conditions = ReadConditions {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since.clone(),
        if_unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    // A copy has no 304: every condition that does not hold is a failure.
    conditions.check(&content.etag, &to_dto_time(source.last_modified)).map_err(|_| {
        s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
    })?;
    let source_version = shown_version(&source);
    let replaces = input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE");
    let promise = Promise { checksums: content.checksums.clone(), ..Default::default() };
    let old_properties = content.properties.clone();
    let from = source_bucket.to_string();
    let bytes = s3.on_files(move |store| store.read_object(&from, &source, &content)).await?;
    let received = receive(&s3.store, Some(StreamingBlob::from(Body::from(bytes))), promise).await?;
    let asked = properties!(input);
    let properties = if replaces { asked } else { with_encryption_of(old_properties, asked) };
    let conditions = WriteConditions::default();
    let new = NewObject { key: input.key, received, etag: None, properties, conditions };
    let bucket = input.bucket.clone();
    let object = s3.on_files(move |store| store.put_object(&bucket, new)).await?;
    s3.announce(&input.bucket, &object, "CopyObject");
    let (version_id, modified) = (shown_version(&object), to_dto_time(object.last_modified));
    let Some(content) = object.content else { return Ok(CopyObjectOutput::default()) };
    Ok(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: Some(ETag::Strong(content.etag)),
            last_modified: Some(modified),
            checksum_type: content.checksums.checksum_type(),
            checksum_crc32: content.checksums.crc32,
            checksum_crc32c: content.checksums.crc32c,
            checksum_crc64nvme: content.checksums.crc64nvme,
            checksum_sha1: content.checksums.sha1,
            checksum_sha256: content.checksums.sha256,
        }),
        copy_source_version_id: source_version,
        version_id,
        server_side_encryption: content.properties.server_side_encryption.map(Into::into),
        ssekms_key_id: content.properties.kms_key_id,
        ..Default::default()
    })
}

/// Encryption is never copied along: it is the request's, or none.
fn with_encryption_of(old: Properties, asked: Properties) -> Properties {
    Properties {
        server_side_encryption: asked.server_side_encryption,
        kms_key_id: asked.kms_key_id,
        bucket_key_enabled: asked.bucket_key_enabled,
        ..old
    }
}
