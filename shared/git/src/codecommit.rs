//! The name and password that CodeCommit takes over HTTPS, made of keys of AWS: what its credential helper makes of
//! them. They are good for a quarter of an hour, for one repository.
//!
//! Source: `git-remote-codecommit` of AWS, and Signature Version 4 with the method `GIT` and no payload.

use std::fmt::Write;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::Credentials;

/// Keys of AWS.
pub struct AwsKeys<'a> {
    pub access_key_id: &'a str,
    pub secret_access_key: &'a str,
    pub session_token: Option<&'a str>,
}

/// `time` is now in UTC: `20261122T140509`. `host` and `path` are those of the repository's URL.
pub fn codecommit_credentials(
    keys: &AwsKeys<'_>,
    region: &str,
    host: &str,
    path: &str,
    time: &str,
) -> Credentials {
    let (date, _) = time.split_once('T').unwrap_or((time, ""));
    let scope = format!("{date}/{region}/codecommit/aws4_request");
    let request = format!("GIT\n{path}\n\nhost:{host}\n\nhost\n");
    let request = hexadecimal(&Sha256::digest(request.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{request}");
    let key = format!("AWS4{}", keys.secret_access_key).into_bytes();
    let key = [date, region, "codecommit", "aws4_request"].iter().fold(key, |key, part| sign(&key, part));
    let signature = hexadecimal(&sign(&key, &to_sign));
    let username = match keys.session_token {
        Some(token) => format!("{}%{token}", keys.access_key_id),
        None => keys.access_key_id.to_owned(),
    };
    Credentials { username, password: format!("{time}Z{signature}") }
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
