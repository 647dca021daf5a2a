//! The SDK's types as JSON and back, in the words of the API: what `--json` prints and what a declaration is made of.
//!
//! The SDK describes its types by schemas; the codec that reads and writes the wire reads and writes them here. Only
//! times differ: they are RFC 3339 strings, as the AWS CLI prints them, and both forms are read.

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings, JsonDeserializer};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use crate::text::rfc3339;

fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::builder().default_timestamp_format(Format::DateTime).build())
}

/// A structure of the SDK as the API writes it.
pub(crate) fn to_json(value: &dyn SerializableStruct) -> Value {
    let mut serializer = codec().create_serializer();
    // A structure that the SDK has made has a form on the wire; what cannot be written is left out.
    match serializer.write_struct(value.schema(), value) {
        Ok(()) => with_whole_milliseconds(serde_json::from_slice(&serializer.finish()).unwrap_or_default()),
        Err(_) => Value::Null,
    }
}

/// The members of the API's answers that are times.
const TIMES: &[&str] = &[
    "approvedAt",
    "created",
    "lastChangedAt",
    "lastStatusChange",
    "lastUpdateTime",
    "pollingDisabledAt",
    "startTime",
    "updated",
];

/// Times as the service has told them: see [`rfc3339`].
fn with_whole_milliseconds(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let time = value.as_str().filter(|_| TIMES.contains(&name.as_str()));
                let time = time.and_then(|time| DateTime::from_str(time, Format::DateTime).ok());
                let value = match time.and_then(|time| rfc3339(&time)) {
                    Some(time) => Value::from(time),
                    None => with_whole_milliseconds(value),
                };
                (name, value)
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(with_whole_milliseconds).collect(),
        scalar => scalar,
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

#[cfg(test)]
mod tests {
    use aws_sdk_codepipeline::types::PipelineExecutionSummary;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_read_is_written_again_with_times_that_people_can_read() {
        let told = json!({
            "pipelineExecutionId": "470c",
            "status": "Succeeded",
            "statusSummary": "2026-11-22T04:40:28.249999Z",
            "startTime": 1_795_322_428.573,
            "lastUpdateTime": "2026-11-22T04:40:29Z",
            "trigger": { "triggerType": "StartPipelineExecution", "triggerDetail": "anna" },
        });
        let read = from_json(&told, PipelineExecutionSummary::deserialize).unwrap();
        let mut expected = told.clone();
        expected["startTime"] = json!("2026-11-22T04:40:28.573Z");
        assert_eq!(to_json(&read), expected);
    }
}
