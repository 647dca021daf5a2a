//! DeleteObject and DeleteObjects.

use s3s::dto::*;
use s3s::{S3Error, S3Result, s3_error};

use super::refusals::refuse;
use crate::LocalS3;
use crate::conditions::WriteConditions;

pub(crate) async fn delete_object(s3: &LocalS3, input: DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
    refuse(&[
        ("x-amz-if-match-last-modified-time", input.if_match_last_modified_time.is_some()),
        ("x-amz-if-match-size", input.if_match_size.is_some()),
    ])?;
    let (bucket, key) = (input.bucket, input.key);
    let version_id = input.version_id;
    let conditions = WriteConditions { if_match: input.if_match, if_none_match: None };
    let deleted = s3
        .on_files(move |store| store.delete_object(&bucket, &key, version_id.as_deref(), &conditions))
        .await?;
    Ok(DeleteObjectOutput {
        delete_marker: deleted.delete_marker.then_some(true),
        version_id: deleted.version_id,
        ..Default::default()
    })
}

/// Each key by itself: one that fails does not keep the others.
pub(crate) async fn delete_objects(s3: &LocalS3, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
    if input.delete.objects.len() > 1000 {
        return Err(s3_error!(MalformedXML, "DeleteObjects takes at most 1000 keys"));
    }
    s3.store.state().bucket(&input.bucket)?;
    let quiet = input.delete.quiet == Some(true);
    let mut deleted = Vec::new();
    let mut errors = Vec::new();
    for object in input.delete.objects {
        let request = DeleteObjectInput {
            bucket: input.bucket.clone(),
            key: object.key.clone(),
            version_id: object.version_id.clone(),
            if_match: object.e_tag.map(ETagCondition::ETag),
            ..Default::default()
        };
        match delete_object(s3, request).await {
            Ok(output) => deleted.push(DeletedObject {
                key: Some(object.key),
                delete_marker: output.delete_marker,
                delete_marker_version_id: output.version_id.filter(|_| output.delete_marker == Some(true)),
                version_id: object.version_id,
            }),
            Err(error) => errors.push(describe(error, object.key, object.version_id)),
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..Default::default()
    })
}

fn describe(error: S3Error, key: String, version_id: Option<String>) -> Error {
    Error {
        code: Some(error.code().as_str().into()),
        message: error.message().map(Into::into),
        key: Some(key),
        version_id,
    }
}
