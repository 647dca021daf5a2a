//! The SDK's HTTP client, answered by the store.

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region, RuntimeComponents};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use local_s3::LocalS3;

#[derive(Clone)]
struct InProcess(LocalS3);

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let s3 = self.0.clone();
        HttpConnectorFuture::new(async move {
            let failed = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
            let mut request = request.try_into_http1x().map_err(|error| failed(error.into()))?;
            let host = request.uri().host().unwrap_or_default().parse();
            request.headers_mut().insert(
                "host",
                host.map_err(|error: http::header::InvalidHeaderValue| failed(error.into()))?,
            );
            let (parts, body) = request.into_parts();
            let body = ByteStream::new(body).collect().await.map_err(|error| failed(error.into()))?;
            let response = s3.serve(http::Request::from_parts(parts, body.into_bytes())).await;
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| failed(error.into()))
        })
    }
}

/// Configured as the deployed functions are: virtual-hosted names, default checksums, signed.
pub fn client(s3: &LocalS3) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .http_client(InProcess(s3.clone()))
        .build();
    Client::from_conf(config)
}
