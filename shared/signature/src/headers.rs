//! A request's headers by name, as a signature sees them.

use std::collections::BTreeMap;

use crate::SignatureError;

/// Names in lower case; the values of a repeated header in the order of the request.
pub(crate) struct Headers<'a>(BTreeMap<String, Vec<&'a str>>);

impl<'a> Headers<'a> {
    pub fn new(headers: &[(&'a str, &'a str)]) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, value) in headers {
            by_name.entry(name.to_ascii_lowercase()).or_default().push(*value);
        }
        Self(by_name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of a header that says one thing. Blanks around it do not belong to it.
    ///
    /// # Errors
    /// When it is repeated: who reads the first and who reads the last would read different requests.
    pub fn single(&self, name: &'static str) -> Result<Option<&'a str>, SignatureError> {
        match self.0.get(name).map(Vec::as_slice) {
            None => Ok(None),
            Some([value]) => Ok(Some(value.trim_matches(' '))),
            Some(_) => Err(SignatureError::RepeatedHeader(name)),
        }
    }

    /// `name:value,value`, each value without blanks around it and with single ones inside.
    pub fn canonical(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.0.get(name)?.iter().map(|value| with_single_blanks(value)).collect();
        Some(format!("{name}:{}", values.join(",")))
    }
}

fn with_single_blanks(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
