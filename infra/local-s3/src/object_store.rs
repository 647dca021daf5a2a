//! The store as builds and deployments see it.

use bytes::Bytes;
use local_service::{ApiError, BoxFuture, ObjectStore};
use s3s::dto::StreamingBlob;
use s3s::{Body, S3Error};

use crate::LocalS3;
use crate::conditions::WriteConditions;
use crate::receive::{Promise, receive};
use crate::record::Properties;
use crate::store::NewObject;

impl LocalS3 {
    /// The bytes and the ETag (without quotes) of a version, or of the latest one.
    ///
    /// # Errors
    /// `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, or `InvalidObjectState` when the bytes are damaged.
    pub async fn read_version(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<(Bytes, String), ApiError> {
        let (object, content) = self.store.find_object(bucket, key, version_id).map_err(api_error)?;
        let from = bucket.to_string();
        let etag = content.etag.clone();
        let read = self.on_files(move |store| store.read_object(&from, &object, &content)).await;
        Ok((read.map_err(api_error)?, etag))
    }
}

impl ObjectStore for LocalS3 {
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        Box::pin(async move {
            let (bytes, _) = self.read_version(bucket, key, None).await?;
            Ok(bytes.into())
        })
    }

    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), ApiError>> {
        Box::pin(async move {
            self.store.state().bucket(bucket).map_err(api_error)?;
            let body = StreamingBlob::from(Body::from(body));
            let received = receive(&self.store, Some(body), Promise::default()).await.map_err(api_error)?;
            let new = NewObject {
                key: key.into(),
                received,
                etag: None,
                properties: Properties::default(),
                conditions: WriteConditions::default(),
            };
            let to = bucket.to_string();
            let object = self.on_files(move |store| store.put_object(&to, new)).await.map_err(api_error)?;
            self.announce(bucket, &object, "PutObject");
            Ok(())
        })
    }
}

fn api_error(error: S3Error) -> ApiError {
    let status = error.status_code().or_else(|| error.code().status_code());
    ApiError {
        code: error.code().as_str().into(),
        message: error.message().unwrap_or_default().into(),
        status: status.map_or(500, |status| status.as_u16()),
    }
}
