//! Reference paths: where `ResultPath` puts a result.

use serde_json::{Map, Value};

use super::{JsonPath, PathError, Root, Segment};

/// A path that names exactly one place, so that something can be put there.
#[derive(Debug, Clone)]
pub(crate) struct ReferencePath(pub(crate) JsonPath);

impl ReferencePath {
    pub(crate) fn parse(source: &str) -> Result<Self, PathError> {
        let path = JsonPath::parse(source)?;
        if path.root == Root::Context {
            return Err(PathError(format!(
                "'{source}' would write into the context object; begin with '$.'"
            )));
        }
        if !path.is_definite() {
            return Err(PathError(format!(
                "'{source}' can name several places; a reference path has only names and indexes"
            )));
        }
        Ok(Self(path))
    }

    /// Puts `result` into `document`, making the objects on the way. `None`: something on the way
    /// is no object, or an array is too short.
    pub(crate) fn insert(&self, mut document: Value, result: Value) -> Option<Value> {
        let mut place = &mut document;
        for segment in &self.0.segments {
            place = match segment {
                Segment::Field(name) => {
                    let fields = place.as_object_mut()?;
                    fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()))
                }
                Segment::Index(index) => place.as_array_mut()?.get_mut(usize::try_from(*index).ok()?)?,
                _ => return None,
            };
        }
        *place = result;
        Some(document)
    }
}
