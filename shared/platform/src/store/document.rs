//! JSON in an attribute: as text while it is small, compressed when it is large. DynamoDB's ceiling is
//! 400 KB an item.

use std::collections::HashMap;
use std::io::{Read, Write};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::Key;
use crate::Fault;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Below this, compressing costs more time than the bytes do.
const PLAIN_BYTES_MAX: usize = 16 * 1024;
/// Leaves room for keys and the other attributes.
pub(super) const COMPRESSED_BYTES_MAX: usize = 380 * 1024;
/// What a compressed document may grow to: a limit for corrupt data, far above anything we write.
const INFLATED_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub(super) fn encode<T: Serialize>(what: &str, value: &T) -> Result<AttributeValue, Fault> {
    let json = serde_json::to_string(value).map_err(|error| Fault::corrupt(format!("{what}: {error}")))?;
    if json.len() <= PLAIN_BYTES_MAX {
        return Ok(AttributeValue::S(json));
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let compressed = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish());
    let compressed = compressed.map_err(|error| Fault::corrupt(format!("{what}: {error}")))?;
    if compressed.len() > COMPRESSED_BYTES_MAX {
        return Err(Fault::misconfigured(format!(
            "{what} takes {} bytes compressed; DynamoDB holds {COMPRESSED_BYTES_MAX}",
            compressed.len()
        )));
    }
    Ok(AttributeValue::B(Blob::new(compressed)))
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, attribute: &AttributeValue) -> Result<T, Fault> {
    let corrupt = |error: &dyn std::fmt::Display| Fault::corrupt(format!("{what} cannot be read: {error}"));
    match attribute {
        AttributeValue::S(json) => serde_json::from_str(json).map_err(|error| corrupt(&error)),
        AttributeValue::B(bytes) => {
            let mut json = String::new();
            let mut reader = DeflateDecoder::new(bytes.as_ref()).take(INFLATED_BYTES_MAX);
            reader.read_to_string(&mut json).map_err(|error| corrupt(&error))?;
            serde_json::from_str(&json).map_err(|error| corrupt(&error))
        }
        _ => Err(corrupt(&"it is neither text nor bytes")),
    }
}

/// The document in the attribute `name` of an item; `None` where there is no such attribute.
pub(super) fn read<T: DeserializeOwned>(item: &Item, name: &str) -> Result<Option<T>, Fault> {
    item.get(name).map(|attribute| decode(name, attribute)).transpose()
}

pub(super) fn read_required<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, Fault> {
    read(item, name)?.ok_or_else(|| Fault::corrupt(format!("an item has no attribute '{name}'")))
}

pub(super) fn key_of(key: Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk)),
        ("sk".to_owned(), AttributeValue::S(key.sk)),
    ])
}

pub(super) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_as_it_was_whatever_its_size() {
        for size in [0, 100, PLAIN_BYTES_MAX + 1, 1_000_000] {
            let text = "pipeline ".repeat(size / 9);
            let attribute = encode("a text", &text).expect("it fits");
            assert_eq!(decode::<String>("a text", &attribute).expect("it is readable"), text);
        }
    }

    #[test]
    fn what_cannot_be_held_is_refused_with_its_size() {
        let mut word = 88_172_645_463_325_252_u64;
        let noise: String = std::iter::repeat_with(|| {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            format!("{word:016x}")
        })
        .take(100_000)
        .collect();
        let fault = encode("the declaration", &noise).expect_err("it is too large");
        assert!(fault.to_string().starts_with("the declaration takes"), "{fault}");
    }
}
