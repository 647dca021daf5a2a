//! `aws-chunked`: how the SDKs send a body with a checksum behind it.
//!
//! ```text
//! 5;chunk-signature=…\r\nhello\r\n0\r\nx-amz-checksum-crc32:…\r\n\r\n
//! ```
//!
//! `s3s` decodes this only together with a signature, and requests inside of this process have
//! none that could be checked.

use bytes::{Bytes, BytesMut};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) body: Bytes,
    /// Names in lower case.
    pub(crate) trailers: Vec<(String, String)>,
}

/// `None`: malformed or cut off.
pub(crate) fn decode(mut encoded: Bytes) -> Option<Decoded> {
    let mut body = BytesMut::new();
    loop {
        let header = take_line(&mut encoded)?;
        let size = header.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            break;
        }
        if encoded.len() < size {
            return None;
        }
        body.extend_from_slice(&encoded.split_to(size));
        if !take_line(&mut encoded)?.is_empty() {
            return None;
        }
    }
    let mut trailers = Vec::new();
    // The empty line at the end is missing when there are no trailers and a client is thrifty.
    while let Some(line) = take_line(&mut encoded).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_string()));
    }
    Some(Decoded { body: body.freeze(), trailers })
}

fn take_line(encoded: &mut Bytes) -> Option<String> {
    let end = encoded.windows(2).position(|pair| pair == b"\r\n")?;
    let line = encoded.split_to(end);
    let _line_end = encoded.split_to(2);
    String::from_utf8(line.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_kept() {
        let crc = || vec![("x-amz-checksum-crc32".to_string(), "NhCmhg==".to_string())];
        let cases = [
            ("5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32:NhCmhg==\r\n\r\n", "hello", crc()),
            (
                "5;chunk-signature=ab\r\nhello\r\n2\r\n\r\n\r\n0;chunk-signature=cd\r\n\r\n",
                "hello\r\n",
                vec![],
            ),
            ("0\r\nx-amz-checksum-crc32: NhCmhg== \r\n\r\n", "", crc()),
            ("0\r\n", "", vec![]),
        ];
        for (encoded, body, trailers) in cases {
            let decoded = decode(Bytes::from_static(encoded.as_bytes()));
            assert_eq!(decoded, Some(Decoded { body: body.into(), trailers }), "{encoded:?}");
        }
    }

    #[test]
    fn a_body_that_is_cut_off_is_not_taken_for_a_shorter_one() {
        let whole = "5\r\nhello\r\n0\r\n";
        for end in 0..whole.len() {
            assert_eq!(decode(Bytes::from_static(&whole.as_bytes()[..end])), None, "{end}");
        }
        for encoded in ["x\r\nhello\r\n0\r\n", "4\r\nhello\r\n0\r\n", "ffffffffffffffffff\r\n"] {
            assert_eq!(decode(Bytes::from_static(encoded.as_bytes())), None, "{encoded:?}");
        }
    }
}
