//! Source/AWS/S3/1: an object of a bucket is the source.
//!
//! | configuration | |
//! | --- | --- |
//! | `S3Bucket` | required |
//! | `S3ObjectKey` | required |
//!
//! One artifact out: the object's bytes as they are. The revision is the object's version, or its ETag in
//! a bucket without versions; its summary is the metadata `codepipeline-artifact-revision-summary`.
//! Output variables: BucketName, ETag, ObjectKey, VersionId.
//!
//! Failures: RevisionUnavailable (no such object or version), PermissionError.
//! Permissions: s3:GetObject and s3:GetObjectVersion on the source, s3:PutObject on the artifact bucket.

use std::collections::BTreeMap;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use engine::decide::{ActionOutput, FailureType};
use engine::execution::{SourceRevision, SourceRevisionType};
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

/// The largest source that CodePipeline takes from S3 is 7 GB; a function holds it in memory.
const SOURCE_BYTES_MAX: i64 = 1024 * 1024 * 1024;

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let (bucket, key) = match (job.required("S3Bucket"), job.required("S3ObjectKey")) {
        (Ok(bucket), Ok(key)) => (bucket, key),
        (Err(refusal), _) | (_, Err(refusal)) => return Ok(refusal),
    };
    let key = job.revision_override(SourceRevisionType::S3ObjectKey).unwrap_or(key);
    let version = job.revision_override(SourceRevisionType::S3ObjectVersionId).map(str::to_owned);
    let request = platform.s3.get_object().bucket(bucket).key(key).set_version_id(version);
    let object = match request.send().await {
        Ok(object) => object,
        Err(error) => return unavailable(bucket, key, error),
    };
    if object.content_length.unwrap_or_default() > SOURCE_BYTES_MAX {
        let message = format!("s3://{bucket}/{key} is larger than {SOURCE_BYTES_MAX} bytes.");
        return Ok(ActionResult::failed(FailureType::ConfigurationError, message));
    }
    let (revision, variables) = (revision(&job, &object), variables(bucket, key, &object));
    let body = object.body.collect().await;
    let body = body.map_err(|error| Fault::unavailable(format!("reading s3://{bucket}/{key}: {error}")))?;
    let mut artifacts = Vec::new();
    if let Some(output) = job.declaration.output_artifacts().first() {
        artifacts.push(platform.artifacts.put(job.pipeline_name(), &output.name, body.to_vec()).await?);
    }
    Ok(ActionResult::succeeded(ActionOutput {
        variables,
        artifacts,
        summary: revision.revision_summary.clone(),
        external_execution_id: revision.revision_id.clone(),
        source_revision: Some(revision),
        ..ActionOutput::default()
    }))
}

fn e_tag(object: &GetObjectOutput) -> String {
    object.e_tag.as_deref().unwrap_or_default().trim_matches('"').to_owned()
}

fn revision(job: &ActionJob, object: &GetObjectOutput) -> SourceRevision {
    let metadata = object.metadata.as_ref();
    let summary = metadata.and_then(|metadata| metadata.get("codepipeline-artifact-revision-summary"));
    SourceRevision {
        action_name: job.declaration.name.clone(),
        revision_id: object.version_id.clone().or_else(|| Some(e_tag(object))),
        revision_summary: summary.cloned(),
        revision_url: None,
    }
}

fn variables(bucket: &str, key: &str, object: &GetObjectOutput) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("BucketName".to_owned(), bucket.to_owned()),
        ("ETag".to_owned(), e_tag(object)),
        ("ObjectKey".to_owned(), key.to_owned()),
        ("VersionId".to_owned(), object.version_id.clone().unwrap_or_else(|| "null".to_owned())),
    ])
}

fn unavailable(bucket: &str, key: &str, error: SdkError<GetObjectError>) -> Result<ActionResult, Fault> {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    let failure_type = match code {
        "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" => FailureType::RevisionUnavailable,
        "AccessDenied" => FailureType::PermissionError,
        _ => return Err(Fault::of_call(&format!("reading s3://{bucket}/{key}"), error)),
    };
    Ok(ActionResult::failed(failure_type, Fault::of_call(&format!("s3://{bucket}/{key}"), error).to_string()))
}
