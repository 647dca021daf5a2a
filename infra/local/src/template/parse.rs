//! YAML text to a JSON value, CloudFormation's short tags written out.
//!
//! `!Sub x` becomes `{"Fn::Sub": "x"}`, as CloudFormation itself documents the short form, so that
//! everything after this step knows one form only.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Tagged;

use super::TemplateError;

/// Reads one YAML document; duplicate keys and unknown tags are errors with their line.
pub fn parse(text: &str) -> Result<Value, TemplateError> {
    // `AttributeType: N` is a text to CloudFormation, as it is in YAML 1.2.
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Node>(text, options) {
        Ok(Node(value)) => Ok(value),
        Err(error) => Err(TemplateError::new("", error.to_string())),
    }
}

/// Any YAML node, with its tag if it has one.
struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::deserialize(deserializer)?;
        match tag {
            None => Ok(Self(value)),
            Some(tag) if tag.starts_with("tag:yaml.org,2002:") => Ok(Self(value)),
            Some(tag) => long_form(&tag, value).map(Self).map_err(de::Error::custom),
        }
    }
}

fn long_form(tag: &str, value: Value) -> Result<Value, String> {
    let (name, value) = match (tag.trim_start_matches('!'), value) {
        (name @ ("Ref" | "Condition"), value) => (name.to_owned(), value),
        ("GetAtt", Value::String(dotted)) => {
            let (resource, attribute) = dotted
                .split_once('.')
                .ok_or_else(|| format!("!GetAtt {dotted}: write it as !GetAtt Resource.Attribute"))?;
            ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
        }
        (name @ ("GetAtt" | "Sub" | "Join" | "If" | "Equals" | "And" | "Or" | "Not"), value) => {
            (format!("Fn::{name}"), value)
        }
        (name, _) => return Err(format!("the tag !{name} is not supported locally")),
    };
    Ok(Value::Object(Map::from_iter([(name, value)])))
}

struct Untagged(Value);

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor).map(Self)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Node(value))) = entries.next_entry::<String, Node>()? {
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_tags_are_written_out() {
        for (yaml, expected) in [
            ("a: !Ref Table", json!({"a": {"Ref": "Table"}})),
            ("a: !GetAtt Table.Arn", json!({"a": {"Fn::GetAtt": ["Table", "Arn"]}})),
            ("a: !Sub '${X}-y'", json!({"a": {"Fn::Sub": "${X}-y"}})),
            ("a: !Sub arn:${X}:y", json!({"a": {"Fn::Sub": "arn:${X}:y"}})),
            ("a: !Join ['-', [b, !Ref C]]", json!({"a": {"Fn::Join": ["-", ["b", {"Ref": "C"}]]}})),
            (
                "a: !If [IsX, !Sub 1, { b: !Ref C }]",
                json!({"a": {"Fn::If": ["IsX", {"Fn::Sub": 1}, {"b": {"Ref": "C"}}]}}),
            ),
            ("a: !Sub\n  - ${B}\n  - B: !Ref C", json!({"a": {"Fn::Sub": ["${B}", {"B": {"Ref": "C"}}]}})),
            ("a: [N, yes, true]", json!({"a": ["N", "yes", true]})),
            ("a: {Fn::Sub: x}", json!({"a": {"Fn::Sub": "x"}})),
            (
                "a: '2010-09-09'\nb: 10\nc: true\nd: ~",
                json!({"a": "2010-09-09", "b": 10, "c": true, "d": null}),
            ),
        ] {
            assert_eq!(parse(yaml), Ok(expected), "{yaml}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (yaml, expected) in [
            ("a: !Cidr [x]", "the tag !Cidr is not supported locally"),
            ("a: !GetAtt Table", "!GetAtt Resource.Attribute"),
            ("a: 1\na: 2", "duplicate"),
        ] {
            let error = parse(yaml).expect_err(yaml);
            assert!(error.to_string().contains(expected), "{yaml}: {error}");
            assert!(error.to_string().contains("line"), "{yaml}: {error}");
        }
    }
}
