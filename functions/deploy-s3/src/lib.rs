//! Deploy/AWS/S3/1: puts the input artifact into a bucket, as it is or unpacked.
//!
//! | configuration | |
//! | --- | --- |
//! | `BucketName` | required |
//! | `Extract` | required: `true` puts the artifact's files, anything else the zip itself |
//! | `ObjectKey` | the object's key; with `Extract` the prefix of every file's. `{datetime}` and `{uuid}` are filled in |
//! | `CacheControl`, `CannedACL`, `KMSEncryptionKeyARN` | passed to S3 |
//!
//! One artifact in, none out, no output variables.
//!
//! Failures: ConfigurationError (no such bucket, an archive that is refused), PermissionError.
//! Permissions: s3:GetObject on the artifact bucket, s3:PutObject (and PutObjectAcl) on the target.

mod files;
mod key;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption};
use engine::decide::{ActionOutput, FailureType};
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let bucket = match job.required("BucketName") {
        Ok(bucket) => bucket,
        Err(refusal) => return Ok(refusal),
    };
    let Some(artifact) = job.input_artifacts.first() else {
        return Ok(ActionResult::failed(FailureType::ConfigurationError, "S3 needs an input artifact."));
    };
    let target = key::filled_in(job.optional("ObjectKey").unwrap_or_default(), job.started_at, &job);
    let url = format!("s3://{bucket}/{target}");
    let body = match platform.artifacts.get(artifact).await? {
        Ok(body) => body,
        Err(lost) => return Ok(lost),
    };
    let objects = if job.is_set("Extract") {
        match files::under(&target, &body) {
            Ok(objects) => objects,
            Err(message) => return Ok(ActionResult::failed(FailureType::ConfigurationError, message)),
        }
    } else if target.is_empty() {
        let message = "ObjectKey is required when Extract is false: it names the object.";
        return Ok(ActionResult::failed(FailureType::ConfigurationError, message));
    } else {
        vec![(target, body)]
    };
    let count = objects.len();
    for (key, body) in objects {
        let request = with_options(platform.s3.put_object().bucket(bucket).key(&key), &job);
        if let Err(error) = request.body(ByteStream::from(body)).send().await {
            return refused(bucket, &key, error);
        }
    }
    Ok(ActionResult::succeeded(ActionOutput {
        summary: Some(format!("Put {count} object(s) into s3://{bucket}")),
        external_execution_url: Some(url),
        ..ActionOutput::default()
    }))
}

fn with_options(request: PutObjectFluentBuilder, job: &ActionJob) -> PutObjectFluentBuilder {
    let key = job.optional("KMSEncryptionKeyARN").map(str::to_owned);
    request
        .set_cache_control(job.optional("CacheControl").map(str::to_owned))
        .set_acl(job.optional("CannedACL").map(ObjectCannedAcl::from))
        .set_server_side_encryption(key.as_ref().map(|_| ServerSideEncryption::AwsKms))
        .set_ssekms_key_id(key)
}

fn refused(bucket: &str, key: &str, error: SdkError<PutObjectError>) -> Result<ActionResult, Fault> {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    let failure_type = match code {
        "NoSuchBucket" | "InvalidBucketName" | "KeyTooLongError" => FailureType::ConfigurationError,
        "AccessDenied" => FailureType::PermissionError,
        _ => return Err(Fault::of_call(&format!("putting s3://{bucket}/{key}"), error)),
    };
    Ok(ActionResult::failed(failure_type, Fault::of_call(&format!("s3://{bucket}/{key}"), error).to_string()))
}
