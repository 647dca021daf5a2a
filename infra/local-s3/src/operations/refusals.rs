//! Settings that would be ignored here are refused: nobody finds out on AWS what they do.

use s3s::dto::{ObjectCannedACL, ServerSideEncryption, StorageClass};
use s3s::{S3Result, s3_error};

/// `given` pairs a header with whether it was sent.
pub(super) fn refuse(given: &[(&str, bool)]) -> S3Result<()> {
    match given.iter().find(|(_, sent)| *sent) {
        Some((header, _)) => {
            Err(s3_error!(NotImplemented, "{header} is not supported by the local S3; leave it out"))
        }
        None => Ok(()),
    }
}

/// As a bucket whose owner is enforced (the default since April 2023) answers.
pub(super) fn check_acl(acl: Option<&ObjectCannedACL>, any_grant: bool) -> S3Result<()> {
    let acceptable = [ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL, ObjectCannedACL::PRIVATE];
    if any_grant || acl.is_some_and(|acl| !acceptable.contains(&acl.as_str())) {
        return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
    }
    Ok(())
}

pub(super) fn check_storage_class(class: Option<&StorageClass>) -> S3Result<()> {
    match class.map(StorageClass::as_str) {
        None | Some(StorageClass::STANDARD) => Ok(()),
        Some(other) => Err(s3_error!(
            NotImplemented,
            "x-amz-storage-class {other} is not supported by the local S3; use STANDARD"
        )),
    }
}

pub(super) fn check_encryption(
    encryption: Option<&ServerSideEncryption>,
    kms_key_id: Option<&String>,
) -> S3Result<()> {
    match encryption.map(ServerSideEncryption::as_str) {
        Some("aws:kms" | "aws:kms:dsse") => Ok(()),
        None | Some("AES256") if kms_key_id.is_none() => Ok(()),
        None | Some("AES256") => Err(s3_error!(
            InvalidArgument,
            "Server Side Encryption with AWS KMS managed key requires HTTP header \
             x-amz-server-side-encryption : aws:kms"
        )),
        Some(other) => {
            Err(s3_error!(InvalidArgument, "The encryption method specified is not supported: {other}"))
        }
    }
}

/// The headers that PutObject, CopyObject and CreateMultipartUpload have in common.
macro_rules! refuse_unsupported {
    ($input:expr) => {{
        let input = &$input;
        let any_grant = input.grant_full_control.is_some()
            || input.grant_read.is_some()
            || input.grant_read_acp.is_some()
            || input.grant_write_acp.is_some();
        $crate::operations::refusals::check_acl(input.acl.as_ref(), any_grant)?;
        $crate::operations::refusals::check_storage_class(input.storage_class.as_ref())?;
        $crate::operations::refusals::check_encryption(
            input.server_side_encryption.as_ref(),
            input.ssekms_key_id.as_ref(),
        )?;
        $crate::operations::refusals::refuse(&[
            ("x-amz-tagging", input.tagging.is_some()),
            ("x-amz-object-lock-legal-hold", input.object_lock_legal_hold_status.is_some()),
            ("x-amz-object-lock-mode", input.object_lock_mode.is_some()),
            ("x-amz-server-side-encryption-customer-algorithm", input.sse_customer_algorithm.is_some()),
            ("x-amz-server-side-encryption-context", input.ssekms_encryption_context.is_some()),
            ("x-amz-website-redirect-location", input.website_redirect_location.is_some()),
        ])
    }};
}
pub(super) use refuse_unsupported;

/// The same inputs' properties.
macro_rules! properties {
    ($input:expr) => {
        $crate::record::Properties {
            content_type: $input.content_type,
            cache_control: $input.cache_control,
            content_disposition: $input.content_disposition,
            content_encoding: $input.content_encoding,
            content_language: $input.content_language,
            expires: $input.expires,
            metadata: $input.metadata.unwrap_or_default(),
            server_side_encryption: $input.server_side_encryption.map(|method| method.as_str().into()),
            kms_key_id: $input.ssekms_key_id,
            bucket_key_enabled: $input.bucket_key_enabled,
        }
    };
}
pub(super) use properties;
