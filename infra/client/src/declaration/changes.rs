//! What differs between two declarations, member by member, for scripts and for a line in a list.

use serde_json::{Value, json};

/// A member that differs. A list's items with a name go by it: `stages[Build].actions[Compile].configuration.Ref`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub path: String,
    pub from: Option<Value>,
    pub to: Option<Value>,
}

pub(crate) fn changes(from: &Value, to: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", Some(from), Some(to), &mut found);
    found
}

pub(crate) fn changes_to_json(changes: &[Change]) -> Value {
    let changes = changes.iter().map(|change| {
        let mut value = json!({ "path": change.path });
        for (name, side) in [("from", &change.from), ("to", &change.to)] {
            if let Some(side) = side {
                value[name] = side.clone();
            }
        }
        value
    });
    changes.collect()
}

fn compare(path: &str, from: Option<&Value>, to: Option<&Value>, found: &mut Vec<Change>) {
    if from == to {
        return;
    }
    match (from, to) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, before.get(name), after.get(name), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => match (names(before), names(after)) {
            (Some(old), Some(new)) => {
                let added = new.iter().filter(|name| !old.contains(name));
                for name in old.iter().chain(added) {
                    let side = |names: &[&str], items: &'_ [Value]| {
                        names.iter().position(|one| one == name).map(|index| items[index].clone())
                    };
                    let (one, other) = (side(&old, before), side(&new, after));
                    compare(&format!("{path}[{name}]"), one.as_ref(), other.as_ref(), found);
                }
                reordered(path, &old, &new, found);
            }
            _ => push(path, from, to, found),
        },
        _ => push(path, from, to, found),
    }
}

/// The items that are in both lists, if they are in another order.
fn reordered(path: &str, old: &[&str], new: &[&str], found: &mut Vec<Change>) {
    let before: Vec<_> = old.iter().filter(|name| new.contains(name)).collect();
    let after: Vec<_> = new.iter().filter(|name| old.contains(name)).collect();
    if before != after {
        push(path, Some(&json!(old)), Some(&json!(new)), found);
    }
}

fn push(path: &str, from: Option<&Value>, to: Option<&Value>, found: &mut Vec<Change>) {
    found.push(Change { path: path.to_owned(), from: from.cloned(), to: to.cloned() });
}

/// The names of a list's items, if every one has its own.
fn names(items: &[Value]) -> Option<Vec<&str>> {
    let names: Vec<_> = items.iter().map(|item| item["name"].as_str()).collect::<Option<_>>()?;
    let is_own = |(index, name): (usize, &&str)| !names[..index].contains(name);
    names.iter().enumerate().all(is_own).then_some(names.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_compared_by_name_and_not_by_place() {
        let before = json!({ "name": "demo", "stages": [
            { "name": "Source", "actions": [{ "name": "Checkout", "configuration": { "Branch": "main" } }] },
            { "name": "Build", "actions": [{ "name": "Compile" }] },
        ], "variables": [{ "name": "who", "defaultValue": "world" }], "filters": ["a", "b"] });
        let after = json!({ "name": "demo", "stages": [
            { "name": "Source", "actions": [{ "name": "Checkout", "configuration": { "Branch": "next" } }] },
            { "name": "Test", "actions": [] },
            { "name": "Build", "actions": [{ "name": "Compile", "runOrder": 2 }] },
        ], "filters": ["a", "c"] });
        let found = changes(&before, &after);
        let paths: Vec<_> = found.iter().map(|change| change.path.as_str()).collect();
        let expected = [
            "filters",
            "stages[Source].actions[Checkout].configuration.Branch",
            "stages[Build].actions[Compile].runOrder",
            "stages[Test]",
            "variables",
        ];
        let mut sorted = paths.clone();
        sorted.sort_unstable();
        let mut wanted = expected.to_vec();
        wanted.sort_unstable();
        assert_eq!(sorted, wanted);
        let branch = found.iter().find(|change| change.path.ends_with("Branch")).unwrap();
        assert_eq!((branch.from.clone(), branch.to.clone()), (Some(json!("main")), Some(json!("next"))));
        assert!(changes(&before, &before).is_empty());
    }

    #[test]
    fn another_order_of_the_same_is_a_change() {
        let list = |names: [&str; 2]| json!({ "stages": [{ "name": names[0] }, { "name": names[1] }] });
        let found = changes(&list(["A", "B"]), &list(["B", "A"]));
        assert_eq!(
            changes_to_json(&found),
            json!([{ "path": "stages", "from": ["A", "B"], "to": ["B", "A"] }])
        );
    }
}
