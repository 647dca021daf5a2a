//! What a client sent, as JSON. It may be anything, so nothing in it is believed.

use std::fmt;

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;
use serde_json::{Map, Number, Value};

/// A declaration is some ten levels deep. Deeper data is nobody's input, and each level takes room on the stack.
const DEPTH_MAX: usize = 64;

/// Why bytes are no input.
#[derive(Debug)]
pub struct NoCbor(String);

impl fmt::Display for NoCbor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoCbor {}

impl From<Error> for NoCbor {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// The one item that the bytes are.
///
/// # Errors
/// They are something else, or deeper than anybody's input.
pub fn decode(bytes: &[u8]) -> Result<Value, NoCbor> {
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
