use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::to_http;
use super::*;

/// As API Gateway sends it (developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"), for a call of
/// the AWS CLI: the content type is no text that API Gateway knows, so the body is in base64.
fn sample() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /",
        "rawPath": "/",
        "rawQueryString": "",
        "cookies": ["cookie1", "cookie2"],
        "headers": {
            "authorization": "AWS4-HMAC-SHA256 Credential=PWEXAMPLE/20261122/eu-west-1/codepipeline/aws4_request, \
                SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=8d9b5998",
            "content-type": "application/x-amz-json-1.1",
            "host": "id.execute-api.eu-west-1.amazonaws.com",
            "x-amz-date": "20261122T050000Z",
            "x-amz-target": "CodePipeline_20150709.GetPipeline",
            "x-forwarded-for": "192.0.2.1",
        },
        "queryStringParameters": { "parameter1": "value1,value2" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authentication": { "clientCert": { "subjectDN": "www.example.com" } },
            "domainName": "id.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "aws-cli/2.31.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /",
            "stage": "$default",
            "time": "22/Nov/2026:05:00:00 +0000",
            "timeEpoch": 1_795_323_600_000_u64,
        },
        "body": "eyJuYW1lIjogInNob3AifQ==",
        "pathParameters": null,
        "isBase64Encoded": true,
        "stageVariables": {},
    })
}

fn event() -> HttpEvent {
    serde_json::from_value(sample()).expect("API Gateway's event is read")
}

#[test]
fn api_gateways_event_is_read_to_the_operation_and_its_input() {
    let event = event();
    assert_eq!(event.request_context.request_id, "JKJaXmPLvHcESHA=");
    let protocol = Protocol::of(&event).expect("it is a call");
    assert_eq!((protocol, protocol.operation(&event)), (Protocol::AwsJson, Ok("GetPipeline")));
    let body = request::body(&event).expect("it is base64");
    assert_eq!(protocol.input(&body), Ok(json!({ "name": "shop" })));
    let plain = HttpEvent { body: Some("{}".into()), is_base64_encoded: false, ..event.clone() };
    assert_eq!(request::body(&plain), Ok(b"{}".to_vec()));
    let without = HttpEvent { body: None, is_base64_encoded: false, ..event };
    assert_eq!(request::body(&without).and_then(|body| protocol.input(&body)), Ok(Value::Null));
}

#[test]
fn what_is_no_call_is_refused_in_the_form_of_aws() {
    let at = |method: &str, path: &str| {
        let mut event = HttpEvent { raw_path: path.to_owned(), ..event() };
        event.request_context.http.method = method.to_owned();
        Protocol::of(&event).expect_err("there is nothing")
    };
    let with_target = |target: &str| {
        let mut event = event();
        event.headers.insert("x-amz-target".into(), target.to_owned());
        Protocol::AwsJson.operation(&event).expect_err("no operation").clone()
    };
    let with_body = |body: &str| {
        let event = HttpEvent { body: Some(body.to_owned()), ..event() };
        request::body(&event).expect_err("no body")
    };
    let large = STANDARD.encode(vec![0; BODY_BYTES_MAX + 1]);
    for (response, status, code, said) in [
        (at("GET", "/"), 404, "UnknownOperationException", "nothing at GET /"),
        (at("POST", "/prod/"), 404, "UnknownOperationException", "nothing at POST /prod/"),
        (at("OPTIONS", "/"), 404, "UnknownOperationException", "nothing at OPTIONS /"),
        (
            at("POST", "/service/CodePipeline_20150709/operation/ListPipelines"),
            404,
            "UnknownOperationException",
            "Smithy-Protocol: rpc-v2-cbor",
        ),
        (with_target("ListPipelines"), 404, "UnknownOperationException", "'ListPipelines'"),
        (
            with_target("CodeBuild_20161006.ListBuilds"),
            404,
            "UnknownOperationException",
            "CodePipeline_20150709.",
        ),
        (with_body("{}"), 400, "MalformedHttpRequestException", "base64"),
        (with_body(&large), 413, "RequestEntityTooLargeException", "4194304 are allowed"),
        (Protocol::AwsJson.input(b"{'a'}").expect_err("no JSON"), 400, "SerializationException", "not JSON"),
    ] {
        assert_eq!((response.status, &response.body["__type"]), (status, &json!(code)), "{said}");
        let message = response.body["message"].as_str().expect("a message");
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn a_call_in_cbor_is_read_to_its_operation_and_input() {
    let mut event = event();
    event.raw_path = "/service/CodePipeline_20150709/operation/ListPipelines".into();
    event.headers.remove("x-amz-target");
    event.headers.insert("smithy-protocol".into(), "rpc-v2-cbor".into());
    let input = json!({ "maxResults": 7 });
    event.body = Some(STANDARD.encode(cbor::encode(&input, &[]).expect("it is written")));
    let protocol = Protocol::of(&event).expect("it is a call");
    assert_eq!((protocol, protocol.operation(&event)), (Protocol::RpcV2Cbor, Ok("ListPipelines")));
    assert_eq!(protocol.input(&request::body(&event).expect("it is base64")), Ok(input));
    let refused = protocol.input(b"{}").expect_err("it is JSON");
    assert_eq!((refused.status, &refused.body["__type"]), (400, &json!("SerializationException")));
    event.headers.remove("smithy-protocol");
    assert_eq!(Protocol::of(&event).expect_err("nobody says how to read it").status, 404);
}

#[test]
fn an_answer_has_the_protocols_headers_and_an_operation_without_output_no_body() {
    let nothing = Response { status: 200, body: Value::Null };
    assert_eq!(
        json!(to_http(Protocol::AwsJson, &nothing, "id-1")),
        json!({
            "statusCode": 200,
            "headers": { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "id-1" },
            "body": "",
            "isBase64Encoded": false,
        })
    );
    assert_eq!(
        json!(to_http(Protocol::RpcV2Cbor, &nothing, "id-1")),
        json!({
            "statusCode": 200,
            "headers": { "smithy-protocol": "rpc-v2-cbor", "x-amzn-requestid": "id-1" },
            "body": "",
            "isBase64Encoded": false,
        })
    );
}

#[test]
fn an_exception_is_named_as_the_protocol_names_it() {
    let refused = Response::error(400, "ValidationException", "no");
    let answer = to_http(Protocol::AwsJson, &refused, "id-2");
    assert_eq!(
        (answer.status_code, answer.body.as_str()),
        (400, r#"{"__type":"ValidationException","message":"no"}"#)
    );
    let answer = to_http(Protocol::RpcV2Cbor, &refused, "id-2");
    assert_eq!((answer.status_code, answer.is_base64_encoded), (400, true));
    assert_eq!(answer.headers["content-type"], "application/cbor");
    let body = cbor::decode(&STANDARD.decode(&answer.body).expect("base64")).expect("CBOR");
    assert_eq!(body, json!({ "__type": "com.amazonaws.codepipeline#ValidationException", "message": "no" }));
}
