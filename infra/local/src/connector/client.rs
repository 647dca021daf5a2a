//! The SDK's side of it: an `HttpClient` whose network is [`LocalAws`].

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use super::LocalAws;
use super::fault::{HalfArrives, Lost};

/// Give it to `aws_config` as `http_client`; clones share one [`LocalAws`].
#[derive(Debug, Clone)]
pub struct LocalHttpClient {
    aws: Arc<LocalAws>,
}

impl LocalHttpClient {
    pub fn new(aws: Arc<LocalAws>) -> Self {
        Self { aws }
    }
}

impl HttpClient for LocalHttpClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for LocalHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.aws.clone();
        HttpConnectorFuture::new(async move {
            let request = received(request).await?;
            let response = aws.answer(request).await.map_err(|lost| ConnectorError::io(Box::new(lost)))?;
            let is_cut = response.extensions().get::<HalfArrives>().is_some();
            HttpResponse::try_from(response.map(if is_cut { first_half } else { SdkBody::from }))
                .map_err(|error| ConnectorError::user(Box::new(error)))
        })
    }
}

fn first_half(body: Bytes) -> SdkBody {
    let half = body.slice(..body.len() / 2);
    let frames = [Ok(Frame::data(half)), Err(Lost)];
    SdkBody::from_body_1_x(StreamBody::new(futures::stream::iter(frames)))
}

/// The whole request, its body in memory.
async fn received(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(Box::new(error)))?;
    let (parts, body) = request.into_parts();
    let body = match body.bytes() {
        Some(bytes) => Bytes::copy_from_slice(bytes),
        None => body.collect().await.map_err(ConnectorError::user)?.to_bytes(),
    };
    Ok(http::Request::from_parts(parts, body))
}
