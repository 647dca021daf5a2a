//! Reading an object of the template so that nothing in it is ignored.
//!
//! Each reader takes the fields that it understands, names those that mean nothing locally, and
//! refuses what is left.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::TemplateError;
use super::intrinsics::scalar_text;

/// An object whose fields are taken one by one.
#[derive(Debug)]
pub(super) struct Properties {
    path: String,
    fields: Map<String, Value>,
}

impl Properties {
    pub fn new(path: impl Into<String>, value: Value) -> Result<Self, TemplateError> {
        let path = path.into();
        match value {
            Value::Object(fields) => Ok(Self { path, fields }),
            Value::Null => Ok(Self { path, fields: Map::new() }),
            _ => Err(TemplateError::new(path, "must be an object")),
        }
    }

    pub fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub fn error(&self, field: &str, problem: impl Into<String>) -> TemplateError {
        TemplateError::new(self.path_of(field), problem)
    }

    pub fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field)
    }

    pub fn require(&mut self, field: &str) -> Result<Value, TemplateError> {
        self.take(field).ok_or_else(|| self.error(field, "is missing"))
    }

    pub fn text(&mut self, field: &str) -> Result<String, TemplateError> {
        let value = self.require(field)?;
        scalar_text(&value, &self.path_of(field))
    }

    pub fn optional_text(&mut self, field: &str) -> Result<Option<String>, TemplateError> {
        self.take(field).map(|value| scalar_text(&value, &self.path_of(field))).transpose()
    }

    pub fn flag(&mut self, field: &str) -> Result<Option<bool>, TemplateError> {
        match self.optional_text(field)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.error(field, "must be true or false")),
        }
    }

    pub fn number_or(&mut self, field: &str, default: u64) -> Result<u64, TemplateError> {
        match self.optional_text(field)? {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| self.error(field, "must be a whole number")),
        }
    }

    /// An absent object reads as an empty one.
    pub fn object(&mut self, field: &str) -> Result<Self, TemplateError> {
        let value = self.take(field).unwrap_or_default();
        Self::new(self.path_of(field), value)
    }

    pub fn objects(&mut self, field: &str) -> Result<Vec<Self>, TemplateError> {
        let path = self.path_of(field);
        match self.take(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| Self::new(format!("{path}[{index}]"), item))
                .collect(),
            Some(_) => Err(TemplateError::new(path, "must be a list")),
        }
    }

    /// All fields, in the order of their names, as named objects.
    pub fn into_objects(self) -> Result<Vec<(String, Self)>, TemplateError> {
        let path = self.path;
        self.fields
            .into_iter()
            .map(|(name, value)| Ok((name.clone(), Self::new(format!("{path}.{name}"), value)?)))
            .collect()
    }

    pub fn into_texts(self) -> Result<BTreeMap<String, String>, TemplateError> {
        let path = self.path;
        self.fields
            .into_iter()
            .map(|(name, value)| {
                let text = scalar_text(&value, &format!("{path}.{name}"))?;
                Ok((name, text))
            })
            .collect()
    }

    /// What only matters on AWS.
    pub fn without_effect(&mut self, fields: &[&str]) {
        for field in fields {
            self.take(field);
        }
    }

    /// Exactly this value, because another would behave differently here.
    pub fn only(&mut self, field: &str, supported: &str) -> Result<(), TemplateError> {
        match self.optional_text(field)? {
            Some(text) if text != supported => {
                Err(TemplateError::unsupported(self.path_of(field), format!("{text} (only {supported})")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), TemplateError> {
        match self.fields.keys().next() {
            Some(field) => Err(TemplateError::unsupported(self.path_of(field), "this property")),
            None => Ok(()),
        }
    }
}
