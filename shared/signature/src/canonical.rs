//! The one text that a request is to whoever signs it, however it was written.
//!
//! Source: "Create a signed AWS API request" in the IAM user guide.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::SignatureError;
use crate::authorization::Authorization;
use crate::headers::Headers;
use crate::verify::SignedRequest;

/// The canonical request. `payload_hash` is what was signed for the body.
pub(crate) fn request(
    request: &SignedRequest<'_>,
    headers: &Headers<'_>,
    authorization: &Authorization<'_>,
    payload_hash: &str,
) -> Result<String, SignatureError> {
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method,
        path(request.path, authorization.service),
        query(request.query)
    );
    for name in &authorization.signed_headers {
        let line = headers.canonical(name);
        text += &line.ok_or_else(|| SignatureError::MissingSignedHeader((*name).to_owned()))?;
        text.push('\n');
    }
    text.push('\n');
    text += &authorization.signed_headers.join(";");
    text.push('\n');
    text += payload_hash;
    Ok(text)
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// S3 takes a path as it is, since `a//b` is the key of an object. Every other service takes `.`, `..` and
/// repeated slashes out, and encodes what is encoded already once more.
fn path(path: &str, service: &str) -> String {
    if service == "s3" {
        return if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(encoded(segment.as_bytes())),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !segments.is_empty();
    format!("/{}{}", segments.join("/"), if is_folder { "/" } else { "" })
}

/// Names and values, encoded and then in order.
pub(crate) fn query(query: &str) -> String {
    let mut pairs: Vec<_> =
        parameters(query).map(|(name, value)| (encoded(&name), encoded(&value))).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The parameters of a query as its sender meant them.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// In a query `+` is a blank. A `%` that two hexadecimal digits do not follow stands for itself.
fn decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        let escape = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escape.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escape.is_some() { &rest[3..] } else { after };
    }
    bytes
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_normalised_and_encoded_once_more_for_all_but_s3() {
        for (sent, json, s3) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("//", "/", "//"),
            ("/prod/", "/prod/", "/prod/"),
            ("/a//b/./c/../d", "/a/b/d", "/a//b/./c/../d"),
            ("/..", "/", "/.."),
            ("/a/..", "/", "/a/.."),
            ("/a/b/..", "/a/", "/a/b/.."),
            ("/a%20b", "/a%2520b", "/a%20b"),
            ("/a:b@c", "/a%3Ab%40c", "/a:b@c"),
            ("/\u{e4}", "/%C3%A4", "/\u{e4}"),
        ] {
            assert_eq!(path(sent, "codepipeline"), json, "{sent}");
            assert_eq!(path(sent, "s3"), s3, "{sent}");
        }
    }

    #[test]
    fn a_query_is_sorted_by_what_it_is_encoded_to() {
        for (sent, expected) in [
            ("", ""),
            ("&", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a", "a="),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a=b=c", "a=b%3Dc"),
            ("x=a+b%20c", "x=a%20b%20c"),
            ("x=%c3%A4&x=%", "x=%25&x=%C3%A4"),
            ("x=%4&y=%zz&z=%41", "x=%254&y=%25zz&z=A"),
            ("x=%ff", "x=%FF"),
            ("a-b=1&a=1&aA=1", "a=1&a-b=1&aA=1"),
        ] {
            assert_eq!(query(sent), expected, "{sent}");
        }
    }
}
