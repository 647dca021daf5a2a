//! What a function answered, as the HTTP response that API Gateway makes of it: payload format 2.0.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// `None` for an answer that is malformed, which API Gateway makes an error of the server.
pub fn response(answer: &Value) -> Option<Response<Bytes>> {
    let Some(status) = answer.get("statusCode") else { return Some(inferred(answer)) };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let body = match (&answer["body"], answer["isBase64Encoded"].as_bool().unwrap_or(false)) {
        (Value::Null, _) => Bytes::new(),
        (Value::String(text), false) => Bytes::from(text.clone()),
        (Value::String(text), true) => Bytes::from(STANDARD.decode(text).ok()?),
        _ => return None,
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name: HeaderName = name.parse().ok()?;
        response.headers_mut().append(name, HeaderValue::from_str(&value).ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

/// What says no status is itself the body of a success.
fn inferred(answer: &Value) -> Response<Bytes> {
    let body = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_become_responses() {
        let table = [
            (json!({ "statusCode": 400, "body": "no" }), Some((400, "no"))),
            (json!({ "statusCode": 200, "body": "bm8=", "isBase64Encoded": true }), Some((200, "no"))),
            (json!({ "statusCode": 204 }), Some((204, ""))),
            (json!({ "message": "hello" }), Some((200, r#"{"message":"hello"}"#))),
            (json!("hello"), Some((200, "hello"))),
            (json!({ "statusCode": "many" }), None),
            (json!({ "statusCode": 9 }), None),
            (json!({ "statusCode": 200, "body": { "no": "text" } }), None),
            (json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true }), None),
            (json!({ "statusCode": 200, "headers": { "x": "line\nbreak" } }), None),
        ];
        for (answer, expected) in table {
            let made = response(&answer);
            let made = made.as_ref().map(|made| (made.status().as_u16(), made.body().as_ref()));
            assert_eq!(
                made,
                expected.map(|(status, body): (u16, &str)| (status, body.as_bytes())),
                "{answer}"
            );
        }
    }

    #[test]
    fn headers_and_cookies_are_kept() {
        let made = response(&json!({
            "statusCode": 200,
            "headers": { "Content-Type": "text/html", "x-number": 3 },
            "cookies": ["a=1", "b=2"],
        }));
        let made = made.expect("a response");
        assert_eq!(made.headers()[CONTENT_TYPE], "text/html");
        assert_eq!(made.headers()["x-number"], "3");
        assert_eq!(made.headers().get_all(SET_COOKIE).iter().count(), 2);
    }
}
