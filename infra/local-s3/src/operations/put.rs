//! PutObject.

use s3s::S3Result;
use s3s::dto::*;

use super::refusals::{properties, refuse, refuse_unsupported};
use super::shown_version;
use crate::LocalS3;
use crate::checksums::given_checksums;
use crate::conditions::WriteConditions;
use crate::receive::{Promise, receive};
use crate::store::NewObject;

pub(crate) async fn put_object(s3: &LocalS3, input: PutObjectInput) -> S3Result<PutObjectOutput> {
    refuse_unsupported!(input)?;
    refuse(&[("x-amz-write-offset-bytes", input.write_offset_bytes.is_some())])?;
    // Before the body is taken in.
    s3.store.state().bucket(&input.bucket)?;
    let promise = Promise {
        length: input.content_length,
        md5: input.content_md5.clone(),
        checksums: given_checksums!(input),
    };
    let received = receive(&s3.store, input.body, promise).await?;
    let new = NewObject {
        key: input.key,
        received,
        etag: None,
        properties: properties!(input),
        conditions: WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match },
    };
    let bucket = input.bucket.clone();
    let object = s3.on_files(move |store| store.put_object(&bucket, new)).await?;
    s3.announce(&input.bucket, &object, "PutObject");
    let version_id = shown_version(&object);
    let Some(content) = object.content else { return Ok(PutObjectOutput::default()) };
    Ok(PutObjectOutput {
        e_tag: Some(ETag::Strong(content.etag)),
        version_id,
        checksum_type: content.checksums.checksum_type(),
        checksum_crc32: content.checksums.crc32,
        checksum_crc32c: content.checksums.crc32c,
        checksum_crc64nvme: content.checksums.crc64nvme,
        checksum_sha1: content.checksums.sha1,
        checksum_sha256: content.checksums.sha256,
        server_side_encryption: content.properties.server_side_encryption.map(Into::into),
        ssekms_key_id: content.properties.kms_key_id,
        bucket_key_enabled: content.properties.bucket_key_enabled,
        ..Default::default()
    })
}
