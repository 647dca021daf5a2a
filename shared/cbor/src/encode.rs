//! An answer, for a client that reads CBOR.

use minicbor::Encoder;
use minicbor::data::Tag;
use serde_json::{Number, Value};

/// Seconds since the epoch (RFC 8949, 3.4.2).
fn epoch_time() -> Tag {
    Tag::new(1)
}

/// `times`: the members of outputs that are times, at whatever depth.
///
/// # Errors
/// None that a vector could give; the writer is general.
pub fn encode(value: &Value, times: &[&str]) -> Result<Vec<u8>, Unwritable> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, value, times)?;
    Ok(encoder.into_writer())
}

/// Why a value is not written.
pub type Unwritable = minicbor::encode::Error<std::convert::Infallible>;

fn write(encoder: &mut Encoder<Vec<u8>>, value: &Value, times: &[&str]) -> Result<(), Unwritable> {
    match value {
        Value::Null => drop(encoder.null()?),
        Value::Bool(flag) => drop(encoder.bool(*flag)?),
        Value::Number(number) => write_number(encoder, number)?,
        Value::String(text) => drop(encoder.str(text)?),
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| write(encoder, item, times))?;
        }
        Value::Object(entries) => {
            encoder.map(entries.len() as u64)?;
            for (name, entry) in entries {
                encoder.str(name)?;
                if entry.is_number() && times.contains(&name.as_str()) {
                    encoder.tag(epoch_time())?;
                }
                write(encoder, entry, times)?;
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
