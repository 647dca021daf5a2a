//! One state: its type, and the fields of that type.

use serde_json::Value;

use super::machine::{Choice, Kind, Next, Selector, State, Until};
use super::{Fields, Problems};
use crate::choice::parse_rule;
use crate::timestamp;

/// AWS: the name of a state has at most this many characters.
const NAME_LIMIT: usize = 80;

impl State {
    pub(super) fn read(name: &str, value: &Value, at: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(value, at, problems)?;
        if name.is_empty() || name.chars().count() > NAME_LIMIT {
            problems.add(at, format!("the name of a state has 1 to {NAME_LIMIT} characters"));
        }
        fields.take("Comment");
        fields.query_language(problems);
        let type_name = fields.required_string("Type", problems)?;
        let has_paths = type_name != "Fail";
        let (input_path, output_path) = match has_paths {
            true => (fields.selector("InputPath", problems), fields.selector("OutputPath", problems)),
            false => (Selector::Whole, Selector::Whole),
        };
        let before = problems.count();
        let kind = read_kind(type_name, &mut fields, problems);
        let flows = !matches!(type_name, "Choice" | "Succeed" | "Fail");
        let next = if flows && kind.is_some() { read_next(&mut fields, problems) } else { None };
        if kind.is_none() && problems.count() == before {
            problems.add(at, "the state cannot be read");
        }
        if kind.is_some() {
            fields.finish(&format!("a {type_name} state"), problems);
        }
        if flows && next.is_none() {
            return None;
        }
        Some(Self { name: name.to_owned(), input_path, output_path, next, kind: kind? })
    }
}

fn read_kind(type_name: &str, fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    match type_name {
        "Pass" => Some(Kind::Pass {
            parameters: fields.template("Parameters", problems),
            result: fields.take("Result").cloned(),
            result_path: fields.result_path(problems),
        }),
        "Task" => super::work::read_task(fields, problems),
        "Choice" => read_choice(fields, problems),
        "Wait" => read_until(fields, problems).map(Kind::Wait),
        "Succeed" => Some(Kind::Succeed),
        "Fail" => {
            Some(Kind::Fail { error: fields.text("Error", problems), cause: fields.text("Cause", problems) })
        }
        "Parallel" => super::work::read_parallel(fields, problems),
        "Map" => super::work::read_map(fields, problems),
        _ => {
            let known = "Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map";
            problems.add(&fields.place("Type"), format!("'{type_name}' is none of {known}"));
            None
        }
    }
}

fn read_next(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Next> {
    let next = fields.string("Next", problems).map(|next| Next::State(next.to_owned()));
    let end = match fields.take("End") {
        None | Some(Value::Bool(false)) => None,
        Some(Value::Bool(true)) => Some(Next::End),
        Some(_) => {
            problems.add(&fields.place("End"), "must be true or false");
            None
        }
    };
    match (next, end) {
        (Some(next), None) => Some(next),
        (None, Some(end)) => Some(end),
        _ => {
            problems.add(fields.at(), "needs exactly one of Next and \"End\": true");
            None
        }
    }
}

fn read_choice(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let default = fields.string("Default", problems).map(str::to_owned);
    let place = fields.place("Choices");
    let Some(rules) = fields.take("Choices").and_then(Value::as_array).filter(|rules| !rules.is_empty())
    else {
        problems.add(&place, "must be an array of at least one rule");
        return None;
    };
    let mut choices = Vec::with_capacity(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        let mut fields = Fields::of(rule, &format!("{place}[{index}]"), problems)?;
        fields.take("Comment");
        let next = fields.required_string("Next", problems).map(str::to_owned);
        let rule = parse_rule(&mut fields, problems);
        fields.finish("a choice rule", problems);
        choices.push(rule.zip(next).map(|(rule, next)| Choice { rule, next }));
    }
    let choices = choices.into_iter().collect::<Option<_>>()?;
    Some(Kind::Choice { choices, default })
}

fn read_until(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Until> {
    let named = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
    if named.into_iter().filter(|name| fields.has(name)).count() != 1 {
        problems.add(fields.at(), format!("a Wait state needs exactly one of {}", named.join(", ")));
        for name in named {
            fields.take(name);
        }
        return None;
    }
    if let Some(seconds) = fields.seconds("Seconds", 0, problems) {
        return Some(Until::Seconds(seconds));
    }
    if let Some(path) = fields.path("TimestampPath", problems) {
        return Some(Until::TimestampPath(path));
    }
    let text = fields.string("Timestamp", problems)?;
    let at = timestamp::parse_milliseconds(text);
    if at.is_none() {
        problems.add(&fields.place("Timestamp"), "must be RFC 3339, such as 2026-01-31T12:00:00Z");
    }
    at.map(Until::Timestamp)
}
