//! Two declarations side by side, as a person reads a difference: the lines that changed, where they stand, and a
//! few around them.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::terminal::{BLUE, GREEN, Look, RED};
use crate::text::harmless;

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// The members that say most come first; the others by name.
const FIRST: &[&str] = &[
    "name",
    "pipelineType",
    "executionMode",
    "roleArn",
    "artifactStore",
    "artifactStores",
    "variables",
    "triggers",
    "stages",
    "actionTypeId",
    "category",
    "owner",
    "provider",
    "runOrder",
    "configuration",
];

/// A line of a declaration, and the stage and action that it is in.
struct Line {
    text: String,
    place: String,
}

/// The difference in the form that `diff -u` has made known; empty where there is none.
pub(crate) fn difference(from: &Value, to: &Value, names: (&str, &str), look: Look) -> String {
    let (before, after) = (lines(from), lines(to));
    let old: Vec<&str> = before.iter().map(|line| line.text.as_str()).collect();
    let new: Vec<&str> = after.iter().map(|line| line.text.as_str()).collect();
    if old == new {
        return String::new();
    }
    let diff = TextDiff::from_slices(&old, &new);
    let mut text =
        format!("{}\n{}\n", look.bold(&format!("--- {}", names.0)), look.bold(&format!("+++ {}", names.1)));
    for group in diff.grouped_ops(CONTEXT) {
        let changed = group.iter().find(|operation| !matches!(operation.tag(), similar::DiffTag::Equal));
        // The last line that changed: what comes before it may be the end of something else.
        let place = changed.map_or("", |operation| {
            let inserted = operation.new_range().last().and_then(|index| after.get(index));
            let removed = operation.old_range().last().and_then(|index| before.get(index));
            removed.or(inserted).map_or("", |line| line.place.as_str())
        });
        let place = if place.is_empty() { "the pipeline" } else { place };
        text.push_str(&format!("{}\n", look.paint(BLUE, &format!("@@ {} @@", harmless(place, false)))));
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", Some(RED)),
                ChangeTag::Insert => ("+", Some(GREEN)),
                ChangeTag::Equal => (" ", None),
            };
            let line = format!("{sign}{}", harmless(change.value(), false));
            let line = style.map_or(line.clone(), |style| look.paint(style, &line));
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

fn lines(value: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    // The name of the pipeline is no place in it.
    write(&mut lines, value, &Frame { member: "", begin: "", end: "", depth: 0 }, "");
    lines
}

/// What is around a value.
struct Frame<'a> {
    /// The member that it is, or that the list is which it is in.
    member: &'a str,
    /// Before it: its name, if it is a member.
    begin: &'a str,
    /// After it: a comma, if another follows.
    end: &'a str,
    depth: usize,
}

fn write(lines: &mut Vec<Line>, value: &Value, frame: &Frame<'_>, place: &str) {
    let Frame { member, begin, end, depth } = *frame;
    let indent = "  ".repeat(depth);
    let mut push =
        |text: String| lines.push(Line { text: format!("{indent}{text}"), place: place.to_owned() });
    match value {
        Value::Object(members) if !members.is_empty() => {
            push(format!("{begin}{{"));
            let mut names: Vec<&String> = members.keys().collect();
            let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
            names.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
            for (index, name) in names.iter().enumerate() {
                let end = if index + 1 < names.len() { "," } else { "" };
                let begin = format!("{}: ", Value::from(name.as_str()));
                write(
                    lines,
                    &members[*name],
                    &Frame { member: name, begin: &begin, end, depth: depth + 1 },
                    place,
                );
            }
        }
        Value::Array(items) if !items.is_empty() => {
            push(format!("{begin}["));
            for (index, item) in items.iter().enumerate() {
                let end = if index + 1 < items.len() { "," } else { "" };
                let inside = inside(place, member, item);
                write(lines, item, &Frame { member, begin: "", end, depth: depth + 1 }, &inside);
            }
        }
        scalar => {
            push(format!("{begin}{scalar}{end}"));
            return;
        }
    }
    let close = if value.is_object() { "}" } else { "]" };
    lines.push(Line { text: format!("{indent}{close}{end}"), place: place.to_owned() });
}

/// Where an item of a list is: `Build / Compile`, `variables / who`. Stages and actions go by their names alone.
fn inside(place: &str, member: &str, item: &Value) -> String {
    let member = if matches!(member, "stages" | "actions") { "" } else { member };
    let parts = [place, member, item["name"].as_str().unwrap_or_default()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" / ")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_shows_the_lines_and_where_they_stand() {
        let pipeline = |branch: &str, extra: bool| {
            let mut actions = vec![json!({ "name": "Compile", "configuration": { "ProjectName": "build" } })];
            if extra {
                actions.push(json!({ "name": "Lint", "runOrder": 2 }));
            }
            json!({ "name": "demo", "roleArn": "arn:aws:iam::1:role/p", "stages": [
                { "name": "Source", "actions": [{ "name": "Checkout", "configuration": { "Branch": branch } }] },
                { "name": "Build", "actions": actions },
            ]})
        };
        let (before, after) = (pipeline("main", false), pipeline("next", true));
        expect![[r#"
            --- demo version 1
            +++ demo version 2
            @@ Source / Checkout @@
                     {
                       "name": "Checkout",
                       "configuration": {
            -            "Branch": "main"
            +            "Branch": "next"
                       }
                     }
                   ]
            @@ Build / Lint @@
                       "configuration": {
                         "ProjectName": "build"
                       }
            +        },
            +        {
            +          "name": "Lint",
            +          "runOrder": 2
                     }
                   ]
                 }
        "#]]
        .assert_eq(&difference(&before, &after, ("demo version 1", "demo version 2"), Look::default()));
        assert_eq!(difference(&before, &before, ("a", "b"), Look::default()), "");
    }

    #[test]
    fn colours_come_with_signs() {
        let look = Look { colour: true, width: None };
        let text = difference(&json!({ "name": "a" }), &json!({ "name": "b" }), ("1", "2"), look);
        assert!(text.contains("\u{1b}[1m\u{1b}[31m-  \"name\": \"a\"\u{1b}[0m"), "{text:?}");
        assert!(text.contains("\u{1b}[32m+  \"name\": \"b\"\u{1b}[0m"), "{text:?}");
    }
}
