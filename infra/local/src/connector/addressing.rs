//! S3's two ways to name a bucket, made one.

use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request};

/// The SDK sends `https://bucket.s3.<region>.amazonaws.com/key`; this makes it `/bucket/key`, with a host
/// that names no bucket. A request that has its bucket in the path keeps it there.
pub(super) fn to_path_style<B>(request: &mut Request<B>) {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(header).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let path = match bucket_of_host(host) {
        Some(bucket) => format!("/{bucket}{path}"),
        None => path.to_owned(),
    };
    // Made of two parts of a URI, so it is one.
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
        request.headers_mut().insert(HOST, HeaderValue::from_static("s3.amazonaws.com"));
    }
}

fn bucket_of_host(host: &str) -> Option<&str> {
    let endpoint = host.strip_suffix(".amazonaws.com")?;
    // A bucket's name may hold `.s3.` too: the last one belongs to the endpoint.
    let end = [".s3.", ".s3-"].iter().filter_map(|mark| endpoint.rfind(mark)).max();
    end.or_else(|| endpoint.strip_suffix(".s3").map(str::len)).map(|end| &endpoint[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_moves_into_the_path() {
        for (uri, expected) in [
            ("https://b.s3.us-east-1.amazonaws.com/k/l?x=1", "/b/k/l?x=1"),
            ("https://b.s3.us-east-1.amazonaws.com/", "/b/"),
            ("https://b.c.s3.us-east-1.amazonaws.com/k", "/b.c/k"),
            ("https://b.s3.amazonaws.com/k%20l", "/b/k%20l"),
            ("https://s3.us-east-1.amazonaws.com/b/k?x=1", "/b/k?x=1"),
            ("http://127.0.0.1:9000/b/k", "/b/k"),
            ("/b/k", "/b/k"),
        ] {
            let mut request = Request::get(uri).body(()).expect("a request");
            to_path_style(&mut request);
            assert_eq!(request.uri(), expected, "{uri}");
            assert_eq!(request.headers()[HOST], "s3.amazonaws.com");
        }
    }

    #[test]
    fn a_host_in_the_header_names_the_bucket_too() {
        let mut request =
            Request::get("/k").header(HOST, "b.s3.us-east-1.amazonaws.com").body(()).expect("a request");
        to_path_style(&mut request);
        assert_eq!(request.uri(), "/b/k");
    }
}
