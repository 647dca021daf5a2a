//! CBOR as the protocol RPC v2 has it, from and to the JSON that operations take and give.
//!
//! The two differ in one point: a time has the tag 1 in CBOR and is a plain number in JSON.

use std::fmt;

use minicbor::data::{Tag, Type};
use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value};

/// A declaration is some ten levels deep. Deeper data is nobody's input, and each level takes room on the stack.
const DEPTH_MAX: usize = 64;

/// The members of outputs that are times.
const TIMES: &[&str] =
    &["approvedAt", "created", "lastChangedAt", "lastStatusChange", "lastUpdateTime", "startTime", "updated"];

/// Seconds since the epoch (RFC 8949, 3.4.2).
fn epoch_time() -> Tag {
    Tag::new(1)
}

/// Why bytes are no input.
#[derive(Debug)]
pub(super) struct NoCbor(String);

impl fmt::Display for NoCbor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for NoCbor {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Value, NoCbor> {
    let mut decoder = Decoder::new(bytes);
    let value = value(&mut decoder, 0)?;
    match decoder.position() == bytes.len() {
        true => Ok(value),
        false => Err(NoCbor(format!("something follows behind the byte {}", decoder.position()))),
    }
}

fn value(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, NoCbor> {
    if depth > DEPTH_MAX {
        return Err(NoCbor(format!("it is more than {DEPTH_MAX} levels deep")));
    }
    Ok(match decoder.datatype()? {
        Type::Null => {
            decoder.null()?;
            Value::Null
        }
        Type::Undefined => {
            decoder.undefined()?;
            Value::Null
        }
        Type::Bool => Value::Bool(decoder.bool()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Value::from(decoder.u64()?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => Value::from(decoder.i64()?),
        Type::F32 | Type::F64 => Number::from_f64(decoder.f64()?).map_or(Value::Null, Value::Number),
        Type::String | Type::StringIndef => Value::String(text(decoder)?),
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array()?;
            let mut items = Vec::new();
            while goes_on(decoder, length, items.len())? {
                items.push(value(decoder, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let (length, mut read, mut entries) = (decoder.map()?, 0, Map::new());
            while goes_on(decoder, length, read)? {
                let key = text(decoder)?;
                entries.insert(key, value(decoder, depth + 1)?);
                read += 1;
            }
            Value::Object(entries)
        }
        // Of a time; what it stands before is the number.
        Type::Tag => {
            decoder.tag()?;
            value(decoder, depth + 1)?
        }
        other => return Err(NoCbor(format!("{other} at the byte {} is of no input", decoder.position()))),
    })
}

/// Text may come in pieces.
fn text(decoder: &mut Decoder<'_>) -> Result<String, NoCbor> {
    let mut text = String::new();
    for piece in decoder.str_iter()? {
        text.push_str(piece?);
    }
    Ok(text)
}

/// Whether another item follows: the length says so, or there is no length and no end yet.
fn goes_on(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> Result<bool, NoCbor> {
    match length {
        Some(length) => Ok(u64::try_from(read).is_ok_and(|read| read < length)),
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

/// # Errors
/// None that a vector could give; the writer is general.
pub(super) fn encode(value: &Value) -> Result<Vec<u8>, Unwritable> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, value)?;
    Ok(encoder.into_writer())
}

type Unwritable = minicbor::encode::Error<std::convert::Infallible>;

fn write(encoder: &mut Encoder<Vec<u8>>, value: &Value) -> Result<(), Unwritable> {
    match value {
        Value::Null => drop(encoder.null()?),
        Value::Bool(flag) => drop(encoder.bool(*flag)?),
        Value::Number(number) => write_number(encoder, number)?,
        Value::String(text) => drop(encoder.str(text)?),
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| write(encoder, item))?;
        }
        Value::Object(entries) => {
            encoder.map(entries.len() as u64)?;
            for (name, entry) in entries {
                encoder.str(name)?;
                if entry.is_number() && TIMES.contains(&name.as_str()) {
                    encoder.tag(epoch_time())?;
                }
                write(encoder, entry)?;
            }
        }
    }
    Ok(())
}

fn write_number(encoder: &mut Encoder<Vec<u8>>, number: &Number) -> Result<(), Unwritable> {
    match (number.as_i64(), number.as_u64()) {
        (Some(number), _) => encoder.i64(number)?,
        (None, Some(number)) => encoder.u64(number)?,
        (None, None) => encoder.f64(number.as_f64().unwrap_or(f64::NAN))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            json!({}),
            json!({ "name": "shop", "version": 3, "none": null, "flag": true, "far": -70_000, "list": [1, "a", []] }),
            json!({ "pipeline": { "stages": [{ "actions": [{ "configuration": { "created": "text" } }] }] } }),
            json!({ "created": 1_795_323_600.125, "updated": 5, "maxResults": u64::MAX }),
        ] {
            let bytes = encode(&value).expect("it is written");
            assert_eq!(decode(&bytes).expect("it is read"), value);
        }
    }

    #[test]
    fn times_have_their_tag_and_nothing_else_has() {
        let time = [0xa1, 0x67, b'c', b'r', b'e', b'a', b't', b'e', b'd', 0xc1, 0xfb];
        assert!(encode(&json!({ "created": 0.5 })).expect("it is written").starts_with(&time));
        assert_eq!(encode(&json!({ "created": "x" })).expect("it is written")[9], 0x61, "a text of one byte");
        assert_eq!(encode(&json!({ "version": 1 })).expect("it is written").last(), Some(&1));
    }

    #[test]
    fn items_without_a_length_texts_in_pieces_and_short_floats_are_read() {
        // {_ "a": (_ "b", "c"), "d": [_ 1, undefined], "e": 1.5 in four bytes, "f": 1(7)}
        let bytes = [
            0xbf, 0x61, b'a', 0x7f, 0x61, b'b', 0x61, b'c', 0xff, 0x61, b'd', 0x9f, 0x01, 0xf7, 0xff, 0x61,
            b'e', 0xfa, 0x3f, 0xc0, 0x00, 0x00, 0x61, b'f', 0xc1, 0x07, 0xff,
        ];
        assert_eq!(
            decode(&bytes).expect("it is read"),
            json!({ "a": "bc", "d": [1, null], "e": 1.5, "f": 7 })
        );
    }

    #[test]
    fn what_is_no_input_is_refused_and_nothing_breaks() {
        let deep = vec![0x81; 10_000];
        let tagged = vec![0xc1; 10_000];
        let claims = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for bytes in
            [&b""[..], &[0x42, 1, 2], &[0xff], &[0xa1, 0x01, 0x01], &[0xa0, 0xa0], &deep, &tagged, &claims]
        {
            decode(bytes).expect_err("it is no input");
        }
    }
}
