//! The page about the service: JSON for programs, HTML for a browser.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::health::Health;
use super::refusal::text_response;

/// The page loads nothing, runs nothing and is framed by nobody.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// 200 while everything works, 503 else.
pub(super) fn answer(headers: &HeaderMap, health: &Health) -> Response<Bytes> {
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepted.contains("text/html") {
        return text_response(status, "application/json", json!(health).to_string() + "\n");
    }
    let mut response = text_response(status, "text/html; charset=utf-8", page(health));
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

fn page(health: &Health) -> String {
    let (mark, word) = if health.ready { ("✔", "works") } else { ("✖", "does not work") };
    let problems: String =
        health.problems.iter().map(|problem| format!("<li>{}</li>\n", escaped(problem))).collect();
    let problems = if problems.is_empty() { problems } else { format!("<ul>\n{problems}</ul>\n") };
    let rows = [
        ("Version", health.version.clone()),
        ("Process", health.pid.to_string()),
        ("Running for", format!("{} s", health.uptime_seconds)),
        ("Executions in progress", health.executions_in_progress.to_string()),
        ("Oldest undelivered effect", seconds(health.outbox_age_seconds, "none")),
        ("Last sweep", seconds(health.last_sweep_seconds_ago, "not yet")),
        (
            "Free on the disk",
            health.free_bytes.map_or("unknown".to_owned(), |free| format!("{} MiB", free >> 20)),
        ),
    ];
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", escaped(value)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{mark} Pipewright</title>\n</head>\n\
         <body>\n<main>\n<h1>Pipewright</h1>\n<p role=\"status\">{mark} The service {word}.</p>\n{problems}\
         <table>\n{rows}</table>\n</main>\n</body>\n</html>\n"
    )
}

fn seconds(value: Option<i64>, none: &str) -> String {
    value.map_or(none.to_owned(), |seconds| format!("{seconds} s ago"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::health::tests::healthy;
    use super::*;

    fn asked(accept: Option<&'static str>, health: &Health) -> (u16, String, String) {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        let response = answer(&headers, health);
        let content_type = response.headers()[http::header::CONTENT_TYPE].to_str().expect("text");
        let (status, content_type) = (response.status().as_u16(), content_type.to_owned());
        (status, content_type, String::from_utf8(response.into_body().to_vec()).expect("text"))
    }

    #[test]
    fn programs_get_json_and_browsers_a_page() {
        let (status, content_type, body) = asked(None, &healthy());
        assert_eq!((status, content_type.as_str()), (200, "application/json"));
        assert_eq!(serde_json::from_str::<Health>(&body).expect("JSON"), healthy());
        let browser = Some("text/html,application/xhtml+xml,*/*;q=0.8");
        let (status, content_type, body) = asked(browser, &healthy());
        assert_eq!((status, content_type.as_str()), (200, "text/html; charset=utf-8"));
        assert!(body.contains("✔ The service works."), "{body}");
    }

    #[test]
    fn a_problem_is_told_with_503_and_without_markup_of_its_own() {
        let problems = vec!["the outbox cannot be read: <script>".to_owned()];
        let failing = Health { ready: false, problems, ..healthy() };
        assert_eq!(asked(None, &failing).0, 503);
        let (status, _, body) = asked(Some("text/html"), &failing);
        assert_eq!(status, 503);
        assert!(body.contains("&lt;script&gt;") && !body.contains("<script"), "{body}");
    }
}
