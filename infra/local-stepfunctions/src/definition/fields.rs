//! Reading a JSON object field by field, collecting every problem with its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::machine::{ResultPath, Seconds, Selector, Text};
use crate::intrinsic::Call;
use crate::path::{JsonPath, ReferencePath};
use crate::payload_template::PayloadTemplate;

#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(crate) fn add(&mut self, place: &str, message: impl Into<String>) {
        self.0.push((place.to_owned(), message.into()));
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_messages(self) -> Vec<String> {
        self.0.into_iter().map(|(place, message)| format!("{place}: {message}")).collect()
    }

    #[cfg(test)]
    pub(crate) fn first_place(&self) -> Option<&str> {
        self.0.first().map(|(place, _)| place.as_str())
    }
}

pub(crate) struct Fields<'a> {
    at: String,
    object: &'a Map<String, Value>,
    read: BTreeSet<String>,
}

/// Fields of Step Functions that this interpreter does not have.
const UNSUPPORTED: [(&str, &str); 11] = [
    ("Assign", "workflow variables are not supported; carry the value in the state's data with ResultPath"),
    ("Arguments", "JSONata is not supported; use Parameters"),
    ("Output", "JSONata is not supported; use ResultSelector and OutputPath"),
    ("Items", "JSONata is not supported; use ItemsPath"),
    ("Condition", "JSONata is not supported; use Variable and a comparison"),
    ("Credentials", "roles per task are not supported; remove the field"),
    ("ItemReader", "Distributed Map is not supported; pass the items in the state's input"),
    ("ItemBatcher", "Distributed Map is not supported; let the function take one item"),
    ("ResultWriter", "Distributed Map is not supported; let the function write its result"),
    ("ToleratedFailureCount", "Distributed Map is not supported; catch the error inside the item processor"),
    (
        "ToleratedFailurePercentage",
        "Distributed Map is not supported; catch the error inside the item processor",
    ),
];

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, at: &str, problems: &mut Problems) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self { at: at.to_owned(), object, read: BTreeSet::new() }),
            _ => {
                problems.add(at, "must be an object");
                None
            }
        }
    }

    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    /// The JSON path of a field; names that are not plain words stand in brackets.
    pub(crate) fn place(&self, name: &str) -> String {
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            format!("{}.{name}", self.at)
        } else {
            format!("{}['{name}']", self.at)
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Value> {
        let (name, value) = self.object.get_key_value(name)?;
        self.read.insert(name.clone());
        Some(value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(crate) fn unread(&self) -> impl Iterator<Item = &'a str> {
        self.object.keys().map(String::as_str).filter(|name| !self.read.contains(*name))
    }

    /// Everything that nobody took is a problem.
    pub(crate) fn finish(self, what: &str, problems: &mut Problems) {
        for name in self.unread() {
            let known = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name);
            match known {
                Some((_, message)) => problems.add(&self.place(name), *message),
                None => problems.add(&self.place(name), format!("is no field of {what}; remove it")),
            }
        }
    }

    pub(crate) fn query_language(&mut self, problems: &mut Problems) {
        if self.take("QueryLanguage").is_some_and(|language| language != "JSONPath") {
            problems.add(
                &self.place("QueryLanguage"),
                "only JSONPath is supported; rewrite the state with paths",
            );
        }
    }

    pub(crate) fn string(&mut self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.take(name)?;
        if value.as_str().is_none() {
            problems.add(&self.place(name), "must be a string");
        }
        value.as_str()
    }

    pub(crate) fn required_string(&mut self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        if !self.has(name) {
            problems.add(&self.at, format!("the field {name} is missing"));
        }
        self.string(name, problems)
    }

    /// An integer of at least `least`.
    pub(crate) fn count(&mut self, name: &str, least: u64, problems: &mut Problems) -> Option<u64> {
        /// The largest number of seconds and attempts that AWS takes.
        const MOST: u64 = 99_999_999;
        let value = self.take(name)?;
        let count = value.as_u64().filter(|count| (least..=MOST).contains(count));
        if count.is_none() {
            problems.add(&self.place(name), format!("must be an integer from {least} to {MOST}"));
        }
        count
    }

    pub(crate) fn path(&mut self, name: &str, problems: &mut Problems) -> Option<JsonPath> {
        let source = self.string(name, problems)?;
        match JsonPath::parse(source) {
            Ok(path) => Some(path),
            Err(error) => {
                problems.add(&self.place(name), error.to_string());
                None
            }
        }
    }

    pub(crate) fn required_path(&mut self, name: &str, problems: &mut Problems) -> Option<JsonPath> {
        if !self.has(name) {
            problems.add(&self.at, format!("the field {name} is missing"));
        }
        self.path(name, problems)
    }

    /// `InputPath`, `OutputPath`.
    pub(crate) fn selector(&mut self, name: &str, problems: &mut Problems) -> Selector {
        match self.object.get(name) {
            Some(Value::Null) => {
                self.take(name);
                Selector::Nothing
            }
            _ => match self.path(name, problems) {
                Some(path) if path.source != "$" => Selector::Path(path),
                _ => Selector::Whole,
            },
        }
    }

    pub(crate) fn result_path(&mut self, problems: &mut Problems) -> ResultPath {
        let source = match self.object.get("ResultPath") {
            Some(Value::Null) => {
                self.take("ResultPath");
                return ResultPath::Discard;
            }
            _ => self.string("ResultPath", problems).unwrap_or("$"),
        };
        match ReferencePath::parse(source) {
            Ok(path) => ResultPath::Into(path),
            Err(error) => {
                problems.add(&self.place("ResultPath"), error.to_string());
                ResultPath::Discard
            }
        }
    }

    pub(crate) fn template(&mut self, name: &str, problems: &mut Problems) -> Option<PayloadTemplate> {
        let value = self.take(name)?;
        match PayloadTemplate::parse(value) {
            Ok(template) => Some(template),
            Err(problem) => {
                problems.add(&format!("{}{}", self.place(name), problem.path), problem.message);
                None
            }
        }
    }

    /// `name` as a number or `namePath` as a path to one, not both.
    pub(crate) fn seconds(&mut self, name: &str, least: u64, problems: &mut Problems) -> Option<Seconds> {
        let path_name = format!("{name}Path");
        if self.has(name) && self.has(&path_name) {
            problems.add(&self.place(&path_name), format!("cannot stand beside {name}; remove one of them"));
        }
        let fixed = self.count(name, least, problems).map(Seconds::Fixed);
        fixed.or(self.path(&path_name, problems).map(Seconds::Path))
    }

    /// `Error` or `ErrorPath`, `Cause` or `CausePath`.
    pub(crate) fn text(&mut self, name: &str, problems: &mut Problems) -> Option<Text> {
        let path_name = format!("{name}Path");
        if self.has(name) && self.has(&path_name) {
            problems.add(&self.place(&path_name), format!("cannot stand beside {name}; remove one of them"));
        }
        if let Some(text) = self.string(name, problems) {
            return Some(Text::Fixed(text.to_owned()));
        }
        let source = self.string(&path_name, problems)?;
        let text = if source.starts_with('$') {
            JsonPath::parse(source).map(Text::Path)
        } else {
            Call::parse(source).map(Text::Call)
        };
        text.map_err(|error| problems.add(&self.place(&path_name), error.to_string())).ok()
    }
}
