//! Multipart uploads.
//!
//! Checksums of parts are verified; the finished object has none of its own.

use s3s::dto::*;
use s3s::{S3Error, S3Result, s3_error};

use super::refusals::{properties, refuse, refuse_unsupported};
use super::shown_version;
use crate::LocalS3;
use crate::checksums::{given_checksums, hexadecimal};
use crate::conditions::WriteConditions;
use crate::receive::{Promise, receive};
use crate::store::{NewObject, Part, Upload};

/// S3's limits of a part and of their number.
const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;
const MAX_PARTS: i32 = 10_000;

pub(crate) async fn create_multipart_upload(
    s3: &LocalS3,
    input: CreateMultipartUploadInput,
) -> S3Result<CreateMultipartUploadOutput> {
    refuse_unsupported!(input)?;
    let upload =
        Upload { bucket: input.bucket.clone(), key: input.key.clone(), properties: properties!(input) };
    let properties = upload.properties.clone();
    let upload_id = s3.on_files(move |store| store.create_upload(&upload)).await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(upload_id),
        server_side_encryption: properties.server_side_encryption.map(Into::into),
        ssekms_key_id: properties.kms_key_id,
        bucket_key_enabled: properties.bucket_key_enabled,
        ..Default::default()
    })
}

pub(crate) async fn upload_part(s3: &LocalS3, input: UploadPartInput) -> S3Result<UploadPartOutput> {
    let customer_key = input.sse_customer_algorithm.is_some();
    refuse(&[("x-amz-server-side-encryption-customer-algorithm", customer_key)])?;
    if !(1..=MAX_PARTS).contains(&input.part_number) {
        return Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and {MAX_PARTS}, inclusive"
        ));
    }
    s3.store.find_upload(&input.bucket, &input.key, &input.upload_id)?;
    let promise = Promise {
        length: input.content_length,
        md5: input.content_md5.clone(),
        checksums: given_checksums!(input),
    };
    let received = receive(&s3.store, input.body, promise).await?;
    let checksums = received.checksums.clone();
    let (upload_id, number) = (input.upload_id, input.part_number);
    let part = s3.on_files(move |store| store.put_part(&upload_id, number, received)).await?;
    Ok(UploadPartOutput {
        e_tag: Some(ETag::Strong(part.etag)),
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        ..Default::default()
    })
}

pub(crate) async fn complete_multipart_upload(
    s3: &LocalS3,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let whole = given_checksums!(input);
    refuse(&[("a checksum of a whole multipart upload", whole != Default::default())])?;
    let upload = s3.store.find_upload(&input.bucket, &input.key, &input.upload_id)?;
    let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let upload_id = input.upload_id.clone();
    let conditions = WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match };
    let expected_size = input.mpu_object_size;
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let object = s3
        .on_files(move |store| {
            let parts = chosen_parts(&named, |number| store.find_part(&upload_id, number))?;
            let received = store.join_parts(&upload_id, &parts)?;
            if expected_size.is_some_and(|size| u64::try_from(size) != Ok(received.size)) {
                return Err(s3_error!(
                    InvalidRequest,
                    "x-amz-mp-object-size differs from the size of the parts"
                ));
            }
            let etag = Some(etag_of_parts(&parts));
            let new = NewObject { key, received, etag, properties: upload.properties, conditions };
            let object = store.put_object(&bucket, new)?;
            store.remove_upload(&upload_id)?;
            Ok(object)
        })
        .await?;
    s3.announce(&input.bucket, &object, "CompleteMultipartUpload");
    let version_id = shown_version(&object);
    let Some(content) = object.content else { return Ok(CompleteMultipartUploadOutput::default()) };
    Ok(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(content.etag)),
        version_id,
        server_side_encryption: content.properties.server_side_encryption.map(Into::into),
        ssekms_key_id: content.properties.kms_key_id,
        bucket_key_enabled: content.properties.bucket_key_enabled,
        ..Default::default()
    })
}

pub(crate) async fn abort_multipart_upload(
    s3: &LocalS3,
    input: AbortMultipartUploadInput,
) -> S3Result<AbortMultipartUploadOutput> {
    s3.store.find_upload(&input.bucket, &input.key, &input.upload_id)?;
    s3.on_files(move |store| store.remove_upload(&input.upload_id)).await?;
    Ok(AbortMultipartUploadOutput::default())
}

/// The stored parts that the client names, when they are what it thinks they are.
fn chosen_parts(
    named: &[CompletedPart],
    find: impl Fn(i32) -> S3Result<Option<Part>>,
) -> S3Result<Vec<Part>> {
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    let mut parts: Vec<Part> = Vec::with_capacity(named.len());
    for completed in named {
        let number =
            completed.part_number.ok_or_else(|| s3_error!(MalformedXML, "a part has no PartNumber"))?;
        if parts.last().is_some_and(|before| before.number >= number) {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order. Parts must be ordered by part number."
            ));
        }
        let part = find(number)?.ok_or_else(invalid_part)?;
        if completed.e_tag.as_ref().is_none_or(|etag| etag.value() != part.etag) {
            return Err(invalid_part());
        }
        parts.push(part);
    }
    let (_, all_but_last) = parts.split_last().ok_or_else(invalid_part)?;
    if all_but_last.iter().any(|part| part.size < MIN_PART_BYTES) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed object size."
        ));
    }
    Ok(parts)
}

fn invalid_part() -> S3Error {
    s3_error!(
        InvalidPart,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or \
         the specified entity tag may not match the part's entity tag."
    )
}

/// The MD5 of the parts' MD5s and their number, as S3 has it.
fn etag_of_parts(parts: &[Part]) -> String {
    use s3s::crypto::{Checksum, Md5};
    let mut md5 = Md5::new();
    for part in parts {
        let digits = part.etag.as_bytes().chunks_exact(2);
        let bytes: Vec<u8> =
            digits.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        md5.update(&bytes);
    }
    format!("{}-{}", hexadecimal(&md5.finalize()), parts.len())
}
