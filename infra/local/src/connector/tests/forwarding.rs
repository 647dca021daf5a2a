//! Calls that are sent on: what arrives at the other host, and what is never sent.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::aws_in;
use crate::connector::LocalAws;
use crate::forwarding::AwsEndpoint;

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n\
                      5\r\n<Ok/>\r\n0\r\n\r\n";

/// Answers one request, and gives it back as it came.
async fn emulator() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody calls");
        let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
        while !read.ends_with(b"StackName=shop") && !read.ends_with(b"}") {
            let count = stream.read(&mut buffer).await.expect("a request");
            assert!(count > 0, "the request ends early: {}", String::from_utf8_lossy(&read));
            read.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(ANSWER.as_bytes()).await.expect("an answer");
        String::from_utf8(read).expect("a text")
    });
    (port, asked)
}

fn with_endpoint(aws: LocalAws, service: &str, port: u16) -> LocalAws {
    let endpoint: AwsEndpoint = format!("{service}=http://127.0.0.1:{port}").parse().expect("an endpoint");
    aws.with_endpoints([endpoint].into_iter().collect(), vec!["own".into()])
}

fn create_stack() -> Request<Bytes> {
    Request::post("https://cloudformation.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-amz-date", "20200101T000000Z")
        .header("x-amz-security-token", "secret")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=ApiFunction/20200101/us-east-1/cloudformation/aws4_request",
        )
        .body("Action=CreateStack&StackName=shop".into())
        .expect("a request")
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

#[tokio::test]
async fn a_call_arrives_as_it_was_made_but_signed_for_the_other_host() {
    let directory = tempfile::tempdir().expect("a directory");
    let shop = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/*";
    let (port, asked) = emulator().await;
    let aws = aws_in(directory.path(), &[allow("cloudformation:CreateStack", shop)]);
    let aws = with_endpoint(aws, "cloudformation", port);
    let response = aws.answer(create_stack()).await.expect("no fault is injected");
    assert_eq!((response.status(), text(&response)), (StatusCode::OK, "<Ok/>".to_owned()));
    let asked = asked.await.expect("it was asked").to_lowercase();
    assert!(asked.starts_with("post / http/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("\r\nhost: 127.0.0.1:{port}\r\n")), "{asked}");
    assert!(asked.contains("credential=123456789012/"), "{asked}");
    assert!(asked.contains("/us-east-1/cloudformation/aws4_request"), "{asked}");
    assert!(
        !asked.contains("apifunction") && !asked.contains("secret") && !asked.contains("2020"),
        "{asked}"
    );
    assert!(asked.ends_with("action=createstack&stackname=shop"), "{asked}");
}

#[tokio::test]
async fn what_a_caller_may_not_do_is_not_sent() {
    let directory = tempfile::tempdir().expect("a directory");
    let aws = aws_in(directory.path(), &[allow("cloudformation:DescribeStacks", "*")]);
    // Nobody is at this port: a request would be an error of another kind.
    let aws = with_endpoint(aws, "cloudformation", 1);
    let denied = aws.answer(create_stack()).await.expect("no fault is injected");
    assert_eq!(denied.status(), StatusCode::FORBIDDEN);
    assert!(
        text(&denied).contains("not authorized to perform cloudformation:CreateStack"),
        "{}",
        text(&denied)
    );
}

#[tokio::test]
async fn a_service_that_nobody_answers_says_what_to_do_and_one_that_is_silent_can_be_asked_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let aws = || aws_in(directory.path(), &[allow("*", "*")]);
    let nobody = aws().answer(create_stack()).await.expect("no fault is injected");
    assert_eq!(nobody.status(), StatusCode::BAD_REQUEST);
    assert!(text(&nobody).contains(
        "<Code>UnsupportedOperation</Code><Message>CloudFormation is not answered locally; give --aws-endpoint \
         cloudformation=URL with the URL of an emulator"
    ));
    let silent = with_endpoint(aws(), "cloudformation", 1).answer(create_stack()).await;
    let silent = silent.expect("no fault is injected");
    assert_eq!(silent.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        text(&silent).contains("http://127.0.0.1:1, where cloudformation is answered"),
        "{}",
        text(&silent)
    );
}

#[tokio::test]
async fn what_an_embedded_service_does_not_know_is_asked_of_the_other_host() {
    let directory = tempfile::tempdir().expect("a directory");
    let (port, asked) = emulator().await;
    let aws = with_endpoint(aws_in(directory.path(), &[allow("*", "*")]), "ssm", port);
    let request = Request::post("https://ssm.us-east-1.amazonaws.com/")
        .header("x-amz-target", "AmazonSSM.SendCommand")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=ApiFunction/20200101/us-east-1/ssm/aws4_request",
        )
        .body("{\"DocumentName\": \"d\"}".into());
    // There is no Parameter Store in this stack, so that nothing here knows of it.
    let response = aws.answer(request.expect("a request")).await.expect("no fault is injected");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(asked.await.expect("it was asked").contains("AmazonSSM.SendCommand"));
}
