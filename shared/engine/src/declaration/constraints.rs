//! Reading a document against the service model: every broken constraint at once, and the declaration that
//! is left when broken parts are set aside, so that the other rules can be checked in the same pass.

use serde_json::{Map, Value};

use super::rules::MAXIMUM_VIOLATIONS;
use super::schema::{Member, PIPELINE, Shape, TextRule};
use super::violation::PointsAt;
use super::{Exception, Path, Violation, closest};

/// Reads the value of `pipeline`. What is unusable is left out of the answer and reported.
pub(super) fn read(document: &Value) -> (Value, Vec<Violation>) {
    read_as(Document::Declaration, PIPELINE, document)
}

/// Reads the input of an operation that has these members, besides a declaration. As the service does, members
/// that it does not know are passed over.
pub fn read_request(members: &[Member], input: &Value) -> (Value, Vec<Violation>) {
    read_as(Document::Request, members, input)
}

fn read_as(document: Document, members: &[Member], value: &Value) -> (Value, Vec<Violation>) {
    let mut reader = Reader { document, violations: Vec::new() };
    let usable = reader.structure(members, value, &Path::root());
    (usable.unwrap_or_else(|| Value::Object(Map::new())), reader.violations)
}

/// What paths begin at.
#[derive(PartialEq, Eq)]
enum Document {
    Declaration,
    Request,
}

struct Reader {
    document: Document,
    violations: Vec<Violation>,
}

impl Reader {
    fn value(&mut self, shape: &Shape, value: &Value, path: &Path) -> Option<Value> {
        match shape {
            Shape::Text(rule) => {
                let text = self.text_of(value, path)?;
                for (constraint, help) in rule.broken(&text) {
                    self.constraint(path, path, &constraint, help);
                }
                Some(Value::String(text))
            }
            Shape::Word(words) => self.word(words, value, path),
            Shape::Flag if value.is_boolean() => Some(value.clone()),
            Shape::Flag => {
                self.wrong_type(value, "a Boolean", path);
                None
            }
            Shape::Any => Some(value.clone()),
            Shape::Integer { minimum, maximum } => self.integer(*minimum, *maximum, value, path),
            Shape::List { item, minimum, maximum } => self.list(item, *minimum, *maximum, value, path),
            Shape::TextMap { key, value: rule, maximum } => self.text_map(key, rule, *maximum, value, path),
            Shape::StructureMap { key, value: members } => {
                let entries = self.object_of(value, path)?;
                let mut usable = Map::new();
                for (name, entry) in entries {
                    self.map_key(key, name, path);
                    let read = self.structure(members, entry, &path.member(name));
                    usable.extend(read.map(|read| (name.clone(), read)));
                }
                Some(Value::Object(usable))
            }
            Shape::Structure(members) => self.structure(members, value, path),
        }
    }

    fn structure(&mut self, members: &[Member], value: &Value, path: &Path) -> Option<Value> {
        let entries = self.object_of(value, path)?;
        if self.document == Document::Declaration {
            for name in entries.keys().filter(|name| members.iter().all(|member| member.name != **name)) {
                self.unknown_member(members, name, path);
            }
        }
        let mut usable = Map::new();
        for member in members {
            let path = path.member(member.name);
            match entries.get(member.name).filter(|value| !value.is_null()) {
                Some(value) => {
                    let read = self.value(&member.shape, value, &path);
                    // A wrong word in an optional place has no type to be read into.
                    let read = read.filter(|read| member.required || fits(&member.shape, read));
                    usable.extend(read.map(|read| (member.name.to_string(), read)));
                }
                None if member.required => {
                    let help = format!("add `{}`", member.name);
                    self.constraint(&path, &path, "Member must not be null", help);
                }
                None => {}
            }
        }
        Some(Value::Object(usable))
    }

    fn word(&mut self, words: &[&str], value: &Value, path: &Path) -> Option<Value> {
        let text = self.text_of(value, path)?;
        if !words.contains(&text.as_str()) {
            let (constraint, help) = wrong_word(words, &text);
            self.constraint(path, path, &constraint, help);
        }
        Some(Value::String(text))
    }

    fn integer(&mut self, minimum: i64, maximum: Option<i64>, value: &Value, path: &Path) -> Option<Value> {
        let Some(number) = value.as_i64().filter(|number| i32::try_from(*number).is_ok()) else {
            self.wrong_type(value, "an Integer", path);
            return None;
        };
        if number < minimum {
            let constraint = format!("Member must have value greater than or equal to {minimum}");
            self.constraint(path, path, &constraint, format!("use {minimum} or more"));
            return None;
        }
        if let Some(maximum) = maximum.filter(|maximum| number > *maximum) {
            let constraint = format!("Member must have value less than or equal to {maximum}");
            self.constraint(path, path, &constraint, format!("use {maximum} or less"));
            return None;
        }
        Some(value.clone())
    }

    fn list(
        &mut self,
        item: &Shape,
        minimum: usize,
        maximum: Option<usize>,
        value: &Value,
        path: &Path,
    ) -> Option<Value> {
        let Value::Array(items) = value else {
            self.wrong_type(value, "a list", path);
            return None;
        };
        for (constraint, help) in length_broken(items.len(), minimum, maximum, "items") {
            self.constraint(path, path, &constraint, help);
        }
        let mut usable = Vec::new();
        for (index, value) in items.iter().enumerate() {
            let path_of_item = path.item(index);
            let read = match item {
                // Items that are plain text are reported in the name of their list.
                Shape::Text(rule) => self.text_in(rule, value, &path_of_item, path, "Member must satisfy"),
                Shape::Word(words) => self.word_in(words, value, &path_of_item, path),
                _ => self.value(item, value, &path_of_item),
            };
            // A structure that is no structure keeps its place, so that the paths of the others stay true.
            let placeholder = || match item {
                Shape::Structure(_) => Some(Value::Object(Map::new())),
                _ => None,
            };
            usable.extend(read.or_else(placeholder));
        }
        Some(Value::Array(usable))
    }

    fn text_map(
        &mut self,
        key: &TextRule,
        rule: &TextRule,
        maximum: Option<usize>,
        value: &Value,
        path: &Path,
    ) -> Option<Value> {
        let entries = self.object_of(value, path)?;
        for (constraint, help) in length_broken(entries.len(), 0, maximum, "entries") {
            self.constraint(path, path, &constraint, help);
        }
        let mut usable = Map::new();
        for (name, entry) in entries {
            self.map_key(key, name, path);
            let read = self.text_in(rule, entry, &path.member(name), path, "Map value must satisfy");
            usable.extend(read.map(|text| (name.clone(), text)));
        }
        Some(Value::Object(usable))
    }

    fn map_key(&mut self, rule: &TextRule, name: &str, path: &Path) {
        if let Some((_, help)) = rule.broken(name).into_iter().next() {
            let constraint = format!("Map keys must satisfy constraint: [{}]", rule.all().join(", "));
            self.constraint(&path.member(name), path, &constraint, help);
            self.point_at_name();
        }
    }

    /// A text inside a list or a map: the message names the container and lists all constraints.
    fn text_in(
        &mut self,
        rule: &TextRule,
        value: &Value,
        path: &Path,
        container: &Path,
        what: &str,
    ) -> Option<Value> {
        let text = self.text_of(value, path)?;
        if let Some((_, help)) = rule.broken(&text).into_iter().next() {
            let constraint = format!("{what} constraint: [{}]", rule.all().join(", "));
            self.constraint(path, container, &constraint, help);
        }
        Some(Value::String(text))
    }

    fn word_in(&mut self, words: &[&str], value: &Value, path: &Path, container: &Path) -> Option<Value> {
        let text = self.text_of(value, path)?;
        if words.contains(&text.as_str()) {
            return Some(Value::String(text));
        }
        let (constraint, help) = wrong_word(words, &text);
        let constraint = format!("Member must satisfy constraint: [{constraint}]");
        self.constraint(path, container, &constraint, help);
        None
    }

    /// A text, or what a number or a truth value would be as text, which is reported.
    fn text_of(&mut self, value: &Value, path: &Path) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => {
                self.wrong_type(value, "a String", path);
                Some(value.to_string())
            }
            Value::Null | Value::Array(_) | Value::Object(_) => {
                self.wrong_type(value, "a String", path);
                None
            }
        }
    }

    fn object_of<'a>(&mut self, value: &'a Value, path: &Path) -> Option<&'a Map<String, Value>> {
        if !value.is_object() {
            self.wrong_type(value, "a structure or map", path);
        }
        value.as_object()
    }

    fn constraint(&mut self, path: &Path, named: &Path, constraint: &str, help: String) {
        let named = match self.document {
            Document::Declaration => named.as_constraint(),
            Document::Request => named.as_constraint_of_request(),
        };
        let message = format!("Value at '{named}' failed to satisfy constraint: {constraint}");
        self.push(Violation::new(Exception::Validation, path.clone(), message, help));
    }

    fn push(&mut self, violation: Violation) {
        if self.violations.len() < MAXIMUM_VIOLATIONS {
            self.violations.push(violation);
        }
    }

    fn point_at_name(&mut self) {
        if let Some(last) = self.violations.last_mut() {
            last.points_at = PointsAt::Name;
        }
    }

    /// The service ignores members that it does not know and the AWS CLI refuses them, in these words. Here
    /// they are refused: an ignored misspelling is a setting that silently does nothing.
    fn unknown_member(&mut self, members: &[Member], name: &str, path: &Path) {
        let names: Vec<&str> = members.iter().map(|member| member.name).collect();
        let help = match closest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it, or check its spelling".to_string(),
        };
        let parent =
            if path.segments().is_empty() { String::from("pipeline") } else { format!("pipeline.{path}") };
        let message =
            format!("Unknown parameter in {parent}: \"{name}\", must be one of: {}", names.join(", "));
        self.push(Violation::new(Exception::Validation, path.member(name), message, help).at_name());
    }

    fn wrong_type(&mut self, value: &Value, wanted: &str, path: &Path) {
        let (given, help) = match value {
            Value::Null => ("null", format!("write {wanted}")),
            Value::Bool(given) => ("a Boolean", format!("put it in quotes: \"{given}\"")),
            Value::Number(given) if wanted == "a String" => {
                ("a Number", format!("put it in quotes: \"{given}\""))
            }
            Value::Number(_) => ("a Number", format!("write {wanted}")),
            Value::String(given) if wanted == "an Integer" => ("a String", without_quotes(given)),
            Value::String(_) => ("a String", format!("write {wanted}")),
            Value::Array(_) => ("a list", format!("write {wanted}")),
            Value::Object(_) => ("a structure or map", format!("write {wanted}")),
        };
        let help = if matches!(value, Value::Bool(_)) && wanted != "a String" {
            format!("write {wanted}")
        } else {
            help
        };
        let message = format!("{path}: {given} can not be converted to {wanted}");
        self.push(Violation::new(Exception::Serialization, path.clone(), message, help));
    }
}

fn without_quotes(given: &str) -> String {
    match given.parse::<i32>() {
        Ok(number) => format!("write it without quotes: {number}"),
        Err(_) => "write a whole number".to_string(),
    }
}

/// Whether an optional value can be read into its type.
fn fits(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Word(words), Value::String(text)) => words.contains(&text.as_str()),
        _ => true,
    }
}

fn wrong_word(words: &[&str], text: &str) -> (String, String) {
    let help = match closest(text, words.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use {}", words.join(", ")),
    };
    (format!("Member must satisfy enum value set: [{}]", words.join(", ")), help)
}

fn length_broken(length: usize, minimum: usize, maximum: Option<usize>, unit: &str) -> Vec<(String, String)> {
    let mut broken = Vec::new();
    if let Some(maximum) = maximum.filter(|maximum| length > *maximum) {
        let constraint = format!("Member must have length less than or equal to {maximum}");
        broken.push((constraint, format!("it has {length} {unit}; {maximum} are allowed")));
    }
    if length < minimum {
        let constraint = format!("Member must have length greater than or equal to {minimum}");
        broken.push((constraint, format!("it has {length} {unit}; it needs {minimum} or more")));
    }
    broken
}

impl TextRule {
    /// The constraints that a text breaks, each with what to do.
    fn broken(&self, text: &str) -> Vec<(String, String)> {
        // The service counts as Java does: in UTF-16 units.
        let length = text.encode_utf16().count();
        let mut broken = length_broken(length, self.minimum, self.maximum, "characters");
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !(pattern.matches)(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.text);
            broken.push((constraint, format!("allowed: {}", pattern.allows)));
        }
        broken
    }

    /// All constraints of the rule, as the service lists them.
    fn all(&self) -> Vec<String> {
        let maximum =
            self.maximum.map(|maximum| format!("Member must have length less than or equal to {maximum}"));
        let minimum = format!("Member must have length greater than or equal to {}", self.minimum);
        let pattern = self
            .pattern
            .as_ref()
            .map(|pattern| format!("Member must satisfy regular expression pattern: {}", pattern.text));
        maximum.into_iter().chain([minimum]).chain(pattern).collect()
    }
}
