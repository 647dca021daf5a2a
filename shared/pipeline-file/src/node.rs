//! A document with the place of everything in it.

use std::ops::Range;

use engine::declaration::{Path, PointsAt, Segment};
use serde_json::{Map, Value};

/// More values than any pipeline has; what is larger is not read.
pub(crate) const MAXIMUM_NODES: usize = 250_000;

/// More nesting than any pipeline has (a rule of a condition is the deepest, at 12); reading is recursive, so this
/// also bounds the stack.
pub(crate) const MAXIMUM_DEPTH: usize = 24;

/// A value and the bytes where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One `name: value` of a map.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub name: String,
    pub name_span: Range<usize>,
    pub value: Node,
}

impl Node {
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(Self::to_value).collect(),
            Kind::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.name.clone(), entry.value.to_value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().rev().find(|entry| entry.name == name),
            Kind::Scalar(_) | Kind::List(_) => None,
        }
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|entry| &entry.value)
    }

    fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Scalar(_))
    }

    /// What to point at for a path below this node: the value, if it is one word or text; else the name before
    /// it; and where the path leads into nothing, the nearest thing around it.
    pub fn locate(&self, path: &Path, points_at: PointsAt) -> Range<usize> {
        let mut here = self;
        let mut pointed = self.span.start..self.span.start;
        let mut found = true;
        for segment in path.segments() {
            let next = match (segment, &here.kind) {
                (Segment::Member(name), Kind::Map(_)) => {
                    here.entry(name).map(|entry| (entry.name_span.clone(), &entry.value))
                }
                (Segment::Item(index), Kind::List(items)) => {
                    items.get(*index).map(|item| (item.span.clone(), item))
                }
                (Segment::Member(_) | Segment::Item(_), _) => None,
            };
            match next {
                Some((span, value)) => (pointed, here) = (span, value),
                None => {
                    found = false;
                    break;
                }
            }
        }
        if found && points_at == PointsAt::Value && here.is_scalar() { here.span.clone() } else { pointed }
    }
}
