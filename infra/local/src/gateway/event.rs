//! The event that API Gateway makes of a request for a function: payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// What the request itself does not say.
pub struct Occasion<'a> {
    pub account_id: &'a str,
    /// Of the route that takes it.
    pub route_key: String,
    /// The variables of that route's path, as the request writes them.
    pub path_parameters: BTreeMap<&'a str, &'a str>,
    pub request_id: String,
    pub source: IpAddr,
    /// Milliseconds since the epoch.
    pub now_ms: i64,
}

/// An HTTP API has an id; here there is one API.
const API_ID: &str = "local";

pub fn event(request: &Parts, body: &Bytes, occasion: &Occasion<'_>) -> Value {
    let text = |name: &HeaderName| {
        request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let path = request.uri.path();
    let query = request.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": occasion.route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&request.headers),
        "requestContext": {
            "accountId": occasion.account_id,
            "apiId": API_ID,
            "domainName": text(&HOST),
            "domainPrefix": API_ID,
            "http": {
                "method": request.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": occasion.source.to_string(),
                "userAgent": text(&USER_AGENT),
            },
            "requestId": occasion.request_id,
            "routeKey": occasion.route_key,
            "stage": "$default",
            "time": in_common_log_format(occasion.now_ms),
            "timeEpoch": occasion.now_ms,
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(&request.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !occasion.path_parameters.is_empty() {
        let parameters = occasion.path_parameters.iter();
        let parameters = parameters.map(|(name, value)| ((*name).to_owned(), json!(decoded_path(value))));
        event["pathParameters"] = parameters.collect::<Map<_, _>>().into();
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(parameters(query));
    }
    if !body.is_empty() {
        let as_text = is_text(text(&CONTENT_TYPE)).then(|| std::str::from_utf8(body).ok()).flatten();
        event["isBase64Encoded"] = json!(as_text.is_none());
        event["body"] = as_text.map_or_else(|| json!(STANDARD.encode(body)), |text| json!(text));
    }
    event
}

/// Names in small letters; the values of one that comes more than once are joined by commas. Cookies have a
/// field of their own.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let names = headers.keys().filter(|name| **name != COOKIE);
    let joined = names.map(|name| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (name.as_str().to_owned(), json!(values.join(",")))
    });
    joined.collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).map(|cookie| cookie.trim().to_owned()).collect()
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        parameters
            .entry(decoded(name))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// `+` is a blank, `%41` is `A`; what is neither stays.
fn decoded(text: &str) -> String {
    decoded_path(&text.replace('+', " "))
}

/// `%41` is `A`; what is not stays.
fn decoded_path(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// API Gateway hands these on as they are, and everything else in base 64.
fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_named =
        matches!(essence.as_str(), "application/json" | "application/xml" | "application/javascript");
    is_named || essence.starts_with("text/")
}

/// `22/Nov/2026:06:00:00 +0000`
fn in_common_log_format(now_ms: i64) -> String {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn made(request: http::Request<Bytes>) -> Value {
        made_by(request, BTreeMap::new())
    }

    fn made_by(request: http::Request<Bytes>, path_parameters: BTreeMap<&str, &str>) -> Value {
        let (parts, body) = request.into_parts();
        let occasion = Occasion {
            account_id: "123456789012",
            route_key: "POST /".to_owned(),
            path_parameters,
            request_id: "r-1".to_owned(),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            now_ms: 1_583_348_638_390,
        };
        event(&parts, &body, &occasion)
    }

    #[test]
    fn a_call_of_an_sdk_becomes_the_event_that_api_gateway_makes_of_it() {
        let request = http::Request::post("/")
            .header("host", "127.0.0.1:8787")
            .header("user-agent", "aws-cli")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "CodePipeline_20150709.ListPipelines")
            .body(Bytes::from_static(b"{}"));
        let event = made(request.expect("a request"));
        assert_eq!(
            event,
            json!({
                "version": "2.0",
                "routeKey": "POST /",
                "rawPath": "/",
                "rawQueryString": "",
                "headers": {
                    "host": "127.0.0.1:8787",
                    "user-agent": "aws-cli",
                    "content-type": "application/x-amz-json-1.1",
                    "x-amz-target": "CodePipeline_20150709.ListPipelines",
                },
                "requestContext": {
                    "accountId": "123456789012",
                    "apiId": "local",
                    "domainName": "127.0.0.1:8787",
                    "domainPrefix": "local",
                    "http": {
                        "method": "POST",
                        "path": "/",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "127.0.0.1",
                        "userAgent": "aws-cli",
                    },
                    "requestId": "r-1",
                    "routeKey": "POST /",
                    "stage": "$default",
                    "time": "04/Mar/2020:19:03:58 +0000",
                    "timeEpoch": 1_583_348_638_390_i64,
                },
                "body": "e30=",
                "isBase64Encoded": true,
            })
        );
    }

    #[test]
    fn variables_of_the_path_are_decoded_and_only_there_if_the_route_has_some() {
        let request = http::Request::post("/webhooks/push%40main.a+b").body(Bytes::new()).expect("a request");
        let event = made_by(request, BTreeMap::from([("id", "push%40main.a+b")]));
        assert_eq!(event["pathParameters"], json!({ "id": "push@main.a+b" }));
        let request = http::Request::post("/").body(Bytes::new()).expect("a request");
        assert_eq!(made(request).get("pathParameters"), None);
    }

    #[test]
    fn what_comes_several_times_is_joined_and_what_is_text_stays_text() {
        let request = http::Request::get("/a%20b?p=1&p=2+3&q=%C3%A4&empty")
            .header("x-many", "a")
            .header("x-many", "b")
            .header("cookie", "one=1; two=2")
            .header("content-type", "application/json; charset=utf-8")
            .body(Bytes::from_static(b"{\"a\":1}"));
        let event = made(request.expect("a request"));
        assert_eq!(event["rawPath"], "/a%20b");
        assert_eq!(event["rawQueryString"], "p=1&p=2+3&q=%C3%A4&empty");
        assert_eq!(event["queryStringParameters"], json!({ "p": "1,2 3", "q": "ä", "empty": "" }));
        assert_eq!(event["headers"]["x-many"], "a,b");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["cookies"], json!(["one=1", "two=2"]));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{\"a\":1}"), &json!(false)));
    }
}
