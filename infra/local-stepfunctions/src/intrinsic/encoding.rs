//! Base64, hashes and the merge of objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::evaluate::Refusal;

/// AWS: the encoding and hash functions take at most this many characters.
const CHARACTER_LIMIT: usize = 10_000;

pub(super) fn base64_encode(text: &str) -> Result<Value, Refusal> {
    limited(text).map(|text| STANDARD.encode(text).into())
}

pub(super) fn base64_decode(text: &str) -> Result<Value, Refusal> {
    let bytes =
        STANDARD.decode(limited(text)?).map_err(|error| format!("the string is not Base64: {error}"))?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| "the decoded bytes are not UTF-8".to_owned())
}

/// Data that is no string is hashed as JSON.
pub(super) fn hash(data: &Value, algorithm: &str) -> Result<Value, Refusal> {
    let text = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
    let text = limited(&text)?;
    let digest = match algorithm {
        "MD5" => Md5::digest(text).to_vec(),
        "SHA-1" => Sha1::digest(text).to_vec(),
        "SHA-256" => Sha256::digest(text).to_vec(),
        "SHA-384" => Sha384::digest(text).to_vec(),
        "SHA-512" => Sha512::digest(text).to_vec(),
        _ => return Err(format!("'{algorithm}' is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512")),
    };
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

/// Step Functions has the shallow merge only: fields of the second object win.
pub(super) fn json_merge(first: &Value, second: &Value, deep: &Value) -> Result<Value, Refusal> {
    let (Value::Object(first), Value::Object(second)) = (first, second) else {
        return Err("both values must be objects".to_owned());
    };
    if *deep != Value::Bool(false) {
        return Err("the third argument must be false: a deep merge is not supported".to_owned());
    }
    let mut merged = first.clone();
    merged.extend(second.clone());
    Ok(Value::Object(merged))
}

fn limited(text: &str) -> Result<&str, Refusal> {
    if text.chars().count() <= CHARACTER_LIMIT {
        Ok(text)
    } else {
        Err(format!("the string is longer than {CHARACTER_LIMIT} characters"))
    }
}
