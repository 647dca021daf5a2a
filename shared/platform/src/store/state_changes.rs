//! What the stream of the pipelines table says: the changes that came with each write of a state.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::events::StateChange;
use serde::Deserialize;

use super::document::decode;
use crate::Fault;

/// The attribute beside a state; template.yaml filters the stream for it.
pub(super) const CHANGES: &str = "changes";

/// A batch of the stream, as Lambda gives it to a function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    records: Vec<Written>,
}

#[derive(Debug, Deserialize)]
struct Written {
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    sequence_number: String,
    #[serde(default)]
    new_image: Image,
}

#[derive(Debug, Default, Deserialize)]
struct Image {
    #[serde(default)]
    changes: Option<Document>,
}

/// An attribute as JSON: text, or bytes in base64.
#[derive(Debug, Deserialize)]
enum Document {
    S(String),
    B(String),
}

/// An item of the batch: what to name it by if it has to come again, and its changes.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedItem {
    pub sequence_number: String,
    pub changes: Result<Vec<StateChange>, String>,
}

/// The items of a batch, in the order of their writes. One that cannot be read says why.
///
/// # Errors
/// `Misconfigured` for what is no batch of a stream.
pub fn changed_items(batch: serde_json::Value) -> Result<Vec<ChangedItem>, Fault> {
    let batch: Batch = serde_json::from_value(batch)
        .map_err(|error| Fault::misconfigured(format!("not a batch of the table's stream: {error}")))?;
    let items = batch.records.into_iter().map(|written| {
        let Images { sequence_number, new_image } = written.dynamodb;
        let changes = match new_image.changes {
            None => Ok(Vec::new()),
            Some(document) => changes_of(document).map_err(|fault| fault.to_string()),
        };
        ChangedItem { sequence_number, changes }
    });
    Ok(items.collect())
}

fn changes_of(document: Document) -> Result<Vec<StateChange>, Fault> {
    let attribute = match document {
        Document::S(text) => AttributeValue::S(text),
        Document::B(base64) => {
            let bytes = aws_smithy_types::base64::decode(base64);
            let bytes = bytes.map_err(|error| Fault::corrupt(format!("state changes: {error}")))?;
            AttributeValue::B(Blob::new(bytes))
        }
    };
    decode("state changes", &attribute)
}

#[cfg(test)]
mod tests {
    use engine::events::{StageEventState, Subject};
    use engine::execution::Timestamp;
    use serde_json::{Value, json};

    use super::super::document::encode;
    use super::*;

    fn change(stage_name: String) -> StateChange {
        StateChange {
            pipeline_name: "shop".into(),
            execution_id: "a".into(),
            version: 1,
            at: Timestamp(1),
            attempt: 1,
            subject: Subject::Stage {
                stage_name,
                state: StageEventState::Started,
                started_at: Timestamp(1),
                last_retry_at: None,
            },
        }
    }

    fn record(number: &str, image: &Value) -> Value {
        json!({ "eventName": "MODIFY", "dynamodb": { "SequenceNumber": number, "NewImage": image } })
    }

    #[test]
    fn changes_are_read_whatever_their_size_and_one_that_cannot_be_read_holds_up_no_other() {
        let short = vec![change("Build".into())];
        let long: Vec<_> = (0..300).map(|n| change(format!("Build{n}"))).collect();
        let attribute = |changes: &Vec<StateChange>| match encode("changes", changes).expect("it fits") {
            AttributeValue::S(text) => json!({ "changes": { "S": text } }),
            AttributeValue::B(bytes) => {
                json!({ "changes": { "B": aws_smithy_types::base64::encode(bytes.as_ref()) } })
            }
            _ => panic!("neither text nor bytes"),
        };
        assert!(attribute(&long)["changes"]["B"].is_string(), "it is compressed");
        let batch = json!({ "Records": [
            record("1", &attribute(&short)),
            record("2", &json!({ "changes": { "S": "[{}]" } })),
            record("3", &attribute(&long)),
            record("4", &json!({ "state": { "S": "{}" } })),
        ] });
        let items = changed_items(batch).expect("a batch");
        assert_eq!(items.iter().map(|item| item.sequence_number.as_str()).collect::<String>(), "1234");
        let [first, unreadable, third, nothing] = &items[..] else { panic!("{items:?}") };
        assert_eq!(first.changes, Ok(short));
        assert!(unreadable.changes.as_ref().is_err_and(|why| why.contains("state changes")));
        assert_eq!(third.changes, Ok(long));
        assert_eq!(nothing.changes, Ok(vec![]));
    }
}
