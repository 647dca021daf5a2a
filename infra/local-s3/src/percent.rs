//! `encoding-type=url`: names in listings that XML could not carry.

/// Percent-encodes everything but unreserved characters and `/`, as S3 does in listings.
pub(crate) fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_survive_xml_and_urls() {
        assert_eq!(super::encode("a/b c+ü\u{1}"), "a/b%20c%2B%C3%BC%01");
    }
}
