//! Whether a request is meant for this service, and not sent by a web page of somebody else.
//!
//! A page on the internet can make a browser send requests to 127.0.0.1. What it cannot do is to choose the
//! Host header (which is its own name when its name was made to point here) and to leave out Origin where
//! browsers send it. There are no CORS headers, so no page of another origin reads an answer.

use http::header::{HOST, ORIGIN};
use http::uri::Uri;
use http::{HeaderMap, HeaderName, StatusCode};

use super::refusal::Refusal;

/// The names under which the service is reached, with its port.
#[derive(Debug, Clone)]
pub struct Admission {
    authorities: Vec<String>,
    origins: Vec<String>,
}

/// Browsers leave the port of their scheme out.
const HTTP_PORT: u16 = 80;

impl Admission {
    pub fn for_port(port: u16) -> Self {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        let mut authorities: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == HTTP_PORT {
            authorities.extend(names.map(str::to_owned));
        }
        let origins = authorities.iter().map(|authority| format!("http://{authority}")).collect();
        Self { authorities, origins }
    }

    /// # Errors
    /// Why the request is not answered.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        if uri.authority().is_some() {
            let message = "This service is no proxy: the request line holds a path and no address.";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message));
        }
        match one(headers, &HOST) {
            Some(host) if self.authorities.contains(&host.to_ascii_lowercase()) => {}
            _ => {
                let message = format!("The header Host is not one of {}.", self.authorities.join(", "));
                return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message));
            }
        }
        if !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        match one(headers, &ORIGIN) {
            Some(origin) if self.origins.contains(&origin.to_ascii_lowercase()) => Ok(()),
            _ => {
                let message = "The request comes from a web page of another origin.";
                Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDeniedException", message))
            }
        }
    }
}

/// The header's value, if there is exactly one.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_requests_that_name_this_machine_and_no_other_origin_are_let_in() {
        type Row = (&'static str, &'static [(&'static str, &'static str)], u16);
        let table: &[Row] = &[
            ("/", &[("host", "localhost:8787")], 200),
            ("/", &[("host", "LocalHost:8787")], 200),
            ("/", &[("host", "127.0.0.1:8787")], 200),
            ("/", &[("host", "[::1]:8787")], 200),
            ("/", &[], 421),
            ("/", &[("host", "")], 421),
            ("/", &[("host", "localhost")], 421),
            ("/", &[("host", "localhost:80")], 421),
            ("/", &[("host", "localhost.:8787")], 421),
            ("/", &[("host", "rebound.example:8787")], 421),
            ("/", &[("host", "127.0.0.1:8787@rebound.example")], 421),
            ("/", &[("host", "127.0.0.1:8787"), ("host", "rebound.example")], 421),
            ("http://rebound.example/", &[("host", "127.0.0.1:8787")], 400),
            ("http://127.0.0.1:8787/", &[("host", "127.0.0.1:8787")], 400),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "http://127.0.0.1:8787")], 200),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "http://localhost:8787")], 200),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "https://127.0.0.1:8787")], 403),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "http://127.0.0.1:9999")], 403),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "http://rebound.example")], 403),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "null")], 403),
            ("/", &[("host", "127.0.0.1:8787"), ("origin", "")], 403),
        ];
        let admission = Admission::for_port(8787);
        for (uri, headers, expected) in table {
            let uri: Uri = uri.parse().expect("a URI");
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.append(*name, HeaderValue::from_static(value));
            }
            let status = admission.check(&uri, &map).err().map_or(200, |refusal| refusal.status.as_u16());
            assert_eq!(status, *expected, "{uri} {headers:?}");
        }
    }

    #[test]
    fn on_the_port_of_http_the_port_may_be_left_out() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        headers.insert(ORIGIN, HeaderValue::from_static("http://localhost"));
        assert!(Admission::for_port(80).check(&Uri::from_static("/"), &headers).is_ok());
    }
}
