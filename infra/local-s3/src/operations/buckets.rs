//! Buckets and their settings.

use s3s::dto::*;
use s3s::{S3Result, s3_error};

use super::refusals::refuse;
use crate::record::Versioning;
use crate::store::to_dto_time;
use crate::{BucketSettings, LocalS3};

pub(crate) async fn create_bucket(s3: &LocalS3, input: CreateBucketInput) -> S3Result<CreateBucketOutput> {
    refuse(&[
        ("x-amz-bucket-object-lock-enabled", input.object_lock_enabled_for_bucket == Some(true)),
        ("x-amz-acl", input.acl.is_some_and(|acl| acl.as_str() != BucketCannedACL::PRIVATE)),
    ])?;
    let location = format!("/{}", input.bucket);
    s3.on_files(move |store| store.create_bucket(&input.bucket, BucketSettings::default())).await?;
    Ok(CreateBucketOutput { location: Some(location) })
}

pub(crate) async fn head_bucket(s3: &LocalS3, input: HeadBucketInput) -> S3Result<HeadBucketOutput> {
    s3.store.state().bucket(&input.bucket)?;
    Ok(HeadBucketOutput { bucket_region: Some(s3.settings.region.clone()), ..Default::default() })
}

pub(crate) async fn list_buckets(s3: &LocalS3, input: ListBucketsInput) -> S3Result<ListBucketsOutput> {
    refuse(&[("continuation-token", input.continuation_token.is_some())])?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let state = s3.store.state();
    let buckets = state
        .buckets
        .values()
        .filter(|bucket| bucket.record.name.starts_with(&prefix))
        .map(|bucket| Bucket {
            name: Some(bucket.record.name.clone()),
            creation_date: Some(to_dto_time(bucket.record.created)),
            bucket_region: Some(s3.settings.region.clone()),
        })
        .collect();
    Ok(ListBucketsOutput { buckets: Some(buckets), prefix: input.prefix, ..Default::default() })
}

pub(crate) async fn delete_bucket(s3: &LocalS3, input: DeleteBucketInput) -> S3Result<DeleteBucketOutput> {
    s3.on_files(move |store| store.delete_bucket(&input.bucket)).await?;
    Ok(DeleteBucketOutput::default())
}

pub(crate) async fn put_bucket_versioning(
    s3: &LocalS3,
    input: PutBucketVersioningInput,
) -> S3Result<PutBucketVersioningOutput> {
    let configuration = input.versioning_configuration;
    refuse(&[("MfaDelete", configuration.mfa_delete.is_some_and(|mfa| mfa.as_str() == MFADelete::ENABLED))])?;
    let versioning = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => {
            return Err(s3_error!(
                MalformedXML,
                "Status of a VersioningConfiguration is Enabled or Suspended"
            ));
        }
    };
    s3.on_files(move |store| store.change_bucket(&input.bucket, |record| record.versioning = versioning))
        .await?;
    Ok(PutBucketVersioningOutput::default())
}

pub(crate) async fn get_bucket_versioning(
    s3: &LocalS3,
    input: GetBucketVersioningInput,
) -> S3Result<GetBucketVersioningOutput> {
    let versioning = s3.store.state().bucket(&input.bucket)?.record.versioning;
    let status = match versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    Ok(GetBucketVersioningOutput {
        status: status.map(BucketVersioningStatus::from_static),
        ..Default::default()
    })
}

pub(crate) async fn put_bucket_notification_configuration(
    s3: &LocalS3,
    input: PutBucketNotificationConfigurationInput,
) -> S3Result<PutBucketNotificationConfigurationOutput> {
    let wanted = input.notification_configuration;
    refuse(&[
        ("CloudFunctionConfiguration", wanted.lambda_function_configurations.is_some_and(|l| !l.is_empty())),
        ("QueueConfiguration", wanted.queue_configurations.is_some_and(|list| !list.is_empty())),
        ("TopicConfiguration", wanted.topic_configurations.is_some_and(|list| !list.is_empty())),
    ])?;
    let event_bridge = wanted.event_bridge_configuration.is_some();
    s3.on_files(move |store| store.change_bucket(&input.bucket, |record| record.event_bridge = event_bridge))
        .await?;
    Ok(PutBucketNotificationConfigurationOutput::default())
}

pub(crate) async fn get_bucket_notification_configuration(
    s3: &LocalS3,
    input: GetBucketNotificationConfigurationInput,
) -> S3Result<GetBucketNotificationConfigurationOutput> {
    let event_bridge = s3.store.state().bucket(&input.bucket)?.record.event_bridge;
    Ok(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: event_bridge.then(EventBridgeConfiguration::default),
        ..Default::default()
    })
}
