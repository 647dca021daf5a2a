//! The SDK's types as JSON and back, in the words of the API: what `--json` prints and what a declaration is made of.
//!
//! The SDK describes its types by schemas; the codec that reads and writes the wire reads and writes them here. Only
//! times differ: they are RFC 3339 strings, as the AWS CLI prints them, and both forms are read.

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings, JsonDeserializer};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use aws_smithy_types::date_time::Format;
use serde_json::Value;

fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::builder().default_timestamp_format(Format::DateTime).build())
}

/// A structure of the SDK as the API writes it.
pub(crate) fn to_json(value: &dyn SerializableStruct) -> Value {
    let mut serializer = codec().create_serializer();
    // A structure that the SDK has made has a form on the wire; what cannot be written is left out.
    match serializer.write_struct(value.schema(), value) {
        Ok(()) => serde_json::from_slice(&serializer.finish()).unwrap_or_default(),
        Err(_) => Value::Null,
    }
}

/// A list of structures.
pub(crate) fn list_to_json<'a, T: SerializableStruct + 'a>(items: impl IntoIterator<Item = &'a T>) -> Value {
    items.into_iter().map(|item| to_json(item)).collect()
}

/// Reads a structure of the SDK; `read` is its `deserialize`.
pub(crate) fn from_json<T>(
    value: &Value,
    read: impl FnOnce(&mut dyn ShapeDeserializer) -> Result<T, SerdeError>,
) -> Result<T, SerdeError> {
    let text = value.to_string();
    let codec = codec();
    let mut deserializer: JsonDeserializer<'_> = codec.create_deserializer(text.as_bytes());
    read(&mut deserializer)
}
