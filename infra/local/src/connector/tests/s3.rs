//! S3, with the bucket in the host name as the SDK sends it.

use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use http::{Request, Response};
use local_s3::{BucketSettings, LocalS3};
use local_service::{AdjustableClock, BoxFuture};
use serde_json::json;

use super::aws_in;
use crate::connector::{HttpService, LocalHttpClient};

struct InProcess(LocalS3);

impl HttpService for InProcess {
    fn serve(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(self.0.serve(request))
    }
}

#[tokio::test]
async fn objects_are_stored_and_read_as_far_as_the_policies_allow() {
    let directory = tempfile::tempdir().expect("a directory");
    let s3 =
        LocalS3::open(&directory.path().join("s3"), Arc::new(AdjustableClock::default())).expect("a store");
    let versioned = BucketSettings { versioned: true, event_bridge: false };
    s3.ensure_bucket("artifacts", versioned).expect("a bucket");
    let allow = json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::artifacts/*"});
    let aws = aws_in(directory.path(), &[allow]).with_s3(Arc::new(InProcess(s3)));
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("ApiFunction", "local", None))
        .http_client(LocalHttpClient::new(Arc::new(aws)))
        .build();
    let client = Client::from_conf(config);
    let put = client.put_object().bucket("artifacts").key("a b/ü.zip");
    let version = put.body(ByteStream::from_static(b"PK")).send().await.expect("stored").version_id;
    let read = client.get_object().bucket("artifacts").key("a b/ü.zip").send().await.expect("read");
    assert_eq!(read.version_id, version);
    assert_eq!(read.body.collect().await.expect("the body").to_vec(), b"PK");

    let by_version = client.get_object().bucket("artifacts").key("a b/ü.zip").set_version_id(version);
    let error = by_version.send().await.expect_err("denied").into_service_error();
    assert_eq!(error.code(), Some("AccessDenied"));
    assert_eq!(
        error.message(),
        Some(
            "ApiFunction is not authorized to perform s3:GetObjectVersion on arn:aws:s3:::artifacts/a b/ü.zip: \
             no statement allows it. If it should be, add it to Resources.ApiFunction.Properties.Policies in \
             template.yaml"
        )
    );
    let missing = client.get_object().bucket("artifacts").key("missing").send().await;
    let missing = missing.expect_err("there is none").into_service_error();
    assert!(missing.is_no_such_key(), "{missing:?}");
}
