//! The store as a Rust value and as an `s3s::S3`: one line per operation.

use std::path::Path;
use std::sync::Arc;

use local_service::Clock;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::operations::{buckets, copy, delete, get, list, multipart, put};
use crate::record::Versioning;
use crate::store::Store;
use crate::{BucketSettings, OpenError, Settings};

/// A cheap handle; clones share one store.
#[derive(Clone)]
pub struct LocalS3 {
    pub(crate) store: Arc<Store>,
    pub(crate) settings: Arc<Settings>,
}

impl LocalS3 {
    /// Opens the store in `directory`, which is made when it does not exist, with default settings.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it open.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_with(directory, clock, Settings::default())
    }

    pub fn open_with(directory: &Path, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, OpenError> {
        let store = Arc::new(Store::open(directory, settings.disk.clone(), clock)?);
        Ok(Self { store, settings: Arc::new(settings) })
    }

    /// Makes the bucket, or brings an existing one to these settings. A bucket that was versioned
    /// is suspended rather than unversioned, as on AWS.
    ///
    /// # Errors
    /// `InvalidBucketName`, or `InternalError` when the files cannot be written.
    pub fn ensure_bucket(&self, name: &str, settings: BucketSettings) -> S3Result<()> {
        let current = self.store.state().buckets.get(name).map(|bucket| bucket.record.clone());
        let Some(current) = current else { return self.store.create_bucket(name, settings) };
        let versioning = match (settings.versioned, current.versioning) {
            (true, _) => Versioning::Enabled,
            (false, Versioning::Never) => Versioning::Never,
            (false, Versioning::Enabled | Versioning::Suspended) => Versioning::Suspended,
        };
        if versioning == current.versioning && settings.event_bridge == current.event_bridge {
            return Ok(());
        }
        self.store.change_bucket(name, |record| {
            record.versioning = versioning;
            record.event_bridge = settings.event_bridge;
        })
    }
}

/// Each operation `Name` is `module::name(&self, input)`.
macro_rules! operations {
    ($($module:ident :: $name:ident ($input:ident) -> $output:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for LocalS3 {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                $module::$name(self, request.input).await.map(S3Response::new)
            })*
        }
    };
}

operations! {
    buckets::create_bucket(CreateBucketInput) -> CreateBucketOutput;
    buckets::head_bucket(HeadBucketInput) -> HeadBucketOutput;
    buckets::list_buckets(ListBucketsInput) -> ListBucketsOutput;
    buckets::delete_bucket(DeleteBucketInput) -> DeleteBucketOutput;
    buckets::put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput;
    buckets::get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
    buckets::put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
        -> PutBucketNotificationConfigurationOutput;
    buckets::get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput;
    put::put_object(PutObjectInput) -> PutObjectOutput;
    get::get_object(GetObjectInput) -> GetObjectOutput;
    get::head_object(HeadObjectInput) -> HeadObjectOutput;
    delete::delete_object(DeleteObjectInput) -> DeleteObjectOutput;
    delete::delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
    copy::copy_object(CopyObjectInput) -> CopyObjectOutput;
    list::list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
    list::list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
    multipart::create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
    multipart::upload_part(UploadPartInput) -> UploadPartOutput;
    multipart::complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    multipart::abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
}
