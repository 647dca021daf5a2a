//! The services that are called with JSON, without the SDKs of each.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use local_service::{ApiError, BoxFuture, Service};
use serde_json::{Value, json};

use super::aws_in;
use crate::connector::LocalAws;

/// Answers with what it was asked, and refuses to stop.
struct Echo;

impl Service for Echo {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            match operation {
                "StopExecution" => Err(ApiError::client("ExecutionDoesNotExist", "no such execution")),
                _ => Ok(json!({"operation": operation, "input": input})),
            }
        })
    }
}

async fn answer(aws: &LocalAws, target: &str, body: &str) -> (u16, String, Value) {
    let request = Request::post("https://aws.test/")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=ApiFunction/20261122/us-east-1/states/aws4_request",
        )
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request");
    let response: Response<Bytes> = aws.answer(request).await.expect("no fault is injected");
    let content_type = response.headers()["content-type"].to_str().expect("a text").to_owned();
    (response.status().as_u16(), content_type, serde_json::from_slice(response.body()).expect("JSON"))
}

#[tokio::test]
async fn a_call_reaches_its_service_and_an_error_keeps_its_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let allow = json!({"Effect": "Allow", "Action": ["states:*", "codebuild:*"], "Resource": "*"});
    let aws = aws_in(directory.path(), &[allow]).with_service("AWSStepFunctions", Arc::new(Echo));
    let json_type = "application/x-amz-json-1.1".to_owned();
    for (target, body, expected) in [
        (
            "AWSStepFunctions.StartExecution",
            r#"{"name": "x"}"#,
            (200, json!({"operation": "StartExecution", "input": {"name": "x"}})),
        ),
        (
            "AWSStepFunctions.StopExecution",
            "{}",
            (400, json!({"__type": "ExecutionDoesNotExist", "message": "no such execution"})),
        ),
        (
            "CodeBuild_20161006.StartBuild",
            "{}",
            (
                400,
                json!({
                    "__type": "UnsupportedOperation",
                    "message": "CodeBuild_20161006 StartBuild is not supported by the local stack",
                }),
            ),
        ),
        (
            "AmazonSNS.Publish",
            "{}",
            (
                400,
                json!({
                    "__type": "UnsupportedOperation",
                    "message": "AmazonSNS.Publish is not supported by the local stack",
                }),
            ),
        ),
    ] {
        let (status, expected) = expected;
        let got = answer(&aws, target, body).await;
        assert_eq!(got, (status, json_type.clone(), expected), "{target}");
    }
    let (status, _, refused) = answer(&aws, "AWSStepFunctions.StartExecution", "{").await;
    assert_eq!((status, &refused["__type"]), (400, &json!("SerializationException")));
}
