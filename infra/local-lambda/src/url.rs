//! A function that answers at a URL.

use std::time::Duration;

use serde_json::Value;

use crate::FunctionError;

/// Lambda's runtime interface emulator and the functions behind a URL answer with JSON of this size at most.
const ANSWER_BYTES_MAX: usize = 6 * 1024 * 1024;

pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Somebody else in this process may have done so already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A function is where it is said to be, not where it points to.
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()
}

pub(crate) async fn answer(
    client: &reqwest::Client,
    url: &str,
    event: &Value,
    timeout: Duration,
) -> Result<Value, FunctionError> {
    let request = client.post(url).header("content-type", "application/json").timeout(timeout);
    let unreachable = |error: reqwest::Error| {
        if error.is_timeout() {
            let message = format!("Task timed out after {}.00 seconds", timeout.as_secs());
            return FunctionError::new("Sandbox.Timedout", message);
        }
        FunctionError::new("Runtime.Unreachable", format!("{url} cannot be reached: {}", chain(&error)))
    };
    let response = request.body(event.to_string()).send().await.map_err(unreachable)?;
    let status = response.status();
    let is_error = response.headers().contains_key("x-amz-function-error");
    let body = response.bytes().await.map_err(unreachable)?;
    if body.len() > ANSWER_BYTES_MAX {
        let message =
            format!("the answer of {url} has {} bytes; Lambda takes {ANSWER_BYTES_MAX}", body.len());
        return Err(FunctionError::new("Function.ResponseSizeTooLarge", message));
    }
    answer_of(url, status.as_u16(), is_error, &String::from_utf8_lossy(&body))
}

fn answer_of(url: &str, status: u16, is_error: bool, body: &str) -> Result<Value, FunctionError> {
    let answer: Option<Value> = serde_json::from_str(body).ok();
    let told: Option<FunctionError> = answer.clone().and_then(|answer| serde_json::from_value(answer).ok());
    if let Some(told) = told {
        return Err(told);
    }
    if is_error || !(200..300).contains(&status) {
        let start: String = body.chars().take(1000).collect();
        return Err(FunctionError::new("Unhandled", format!("{url} answered with status {status}: {start}")));
    }
    Ok(answer.unwrap_or_default())
}

/// `reqwest` says why only in the sources of its errors.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_headers_and_bodies_tell_an_error() {
        let answer = |status, is_error, body: &str| answer_of("http://f", status, is_error, body);
        assert_eq!(answer(200, false, "{\"a\":1}"), Ok(json!({ "a": 1 })));
        assert_eq!(answer(202, false, ""), Ok(json!(null)));
        let told = r#"{"errorMessage":"no such key","errorType":"KeyError","stackTrace":[]}"#;
        for (status, is_error, body, expected) in [
            (200, false, told, "KeyError: no such key"),
            (200, true, "{}", "Unhandled: http://f answered with status 200: {}"),
            (500, false, "oh", "Unhandled: http://f answered with status 500: oh"),
        ] {
            assert_eq!(answer(status, is_error, body).expect_err(body).to_string(), expected);
        }
    }
}
