//! `Retry` and `Catch`.

use serde_json::Value;

use super::machine::{Catcher, Retrier};
use super::{Fields, Problems};

/// AWS's defaults: three attempts, one second, doubling.
const DEFAULT_MAX_ATTEMPTS: u64 = 3;
const DEFAULT_INTERVAL_SECONDS: u64 = 1;
const DEFAULT_BACKOFF_RATE: f64 = 2.0;

/// AWS: a year of 366 days.
const MAX_DELAY_LIMIT_SECONDS: u64 = 31_622_400;

pub(super) fn read_retriers(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<Retrier> {
    let mut retriers = Vec::new();
    for mut entry in entries("Retry", fields, problems) {
        let retrier = Retrier {
            error_equals: read_errors(&mut entry.fields, entry.is_last, problems),
            interval_seconds: entry
                .fields
                .count("IntervalSeconds", 1, problems)
                .unwrap_or(DEFAULT_INTERVAL_SECONDS),
            max_attempts: entry.fields.count("MaxAttempts", 0, problems).unwrap_or(DEFAULT_MAX_ATTEMPTS),
            backoff_rate: read_backoff_rate(&mut entry.fields, problems),
            max_delay_seconds: entry.fields.count("MaxDelaySeconds", 1, problems),
            full_jitter: read_jitter(&mut entry.fields, problems),
        };
        entry.fields.take("Comment");
        if retrier.max_delay_seconds.is_some_and(|limit| limit >= MAX_DELAY_LIMIT_SECONDS) {
            let message = format!("must be less than {MAX_DELAY_LIMIT_SECONDS}");
            problems.add(&entry.fields.place("MaxDelaySeconds"), message);
        }
        entry.fields.finish("a retrier", problems);
        retriers.push(retrier);
    }
    retriers
}

pub(super) fn read_catchers(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<Catcher> {
    let mut catchers = Vec::new();
    for mut entry in entries("Catch", fields, problems) {
        let error_equals = read_errors(&mut entry.fields, entry.is_last, problems);
        let result_path = entry.fields.result_path(problems);
        let next = entry.fields.required_string("Next", problems).map(str::to_owned);
        entry.fields.take("Comment");
        entry.fields.finish("a catcher", problems);
        catchers.extend(next.map(|next| Catcher { error_equals, result_path, next }));
    }
    catchers
}

struct Entry<'a> {
    fields: Fields<'a>,
    is_last: bool,
}

fn entries<'a>(name: &str, fields: &mut Fields<'a>, problems: &mut Problems) -> Vec<Entry<'a>> {
    let place = fields.place(name);
    let Some(value) = fields.take(name) else { return Vec::new() };
    let Some(items) = value.as_array() else {
        problems.add(&place, "must be an array");
        return Vec::new();
    };
    let mut entries = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let fields = Fields::of(item, &format!("{place}[{index}]"), problems);
        entries.extend(fields.map(|fields| Entry { fields, is_last: index + 1 == items.len() }));
    }
    entries
}

fn read_errors(fields: &mut Fields<'_>, is_last: bool, problems: &mut Problems) -> Vec<String> {
    let place = fields.place("ErrorEquals");
    let names: Option<Vec<String>> = fields
        .take("ErrorEquals")
        .and_then(Value::as_array)
        .and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        problems.add(&place, "must be an array of at least one error name");
        return Vec::new();
    };
    if names.iter().any(|name| name == "States.ALL") && (names.len() > 1 || !is_last) {
        problems.add(&place, "States.ALL must stand alone and in the last entry");
    }
    names
}

fn read_backoff_rate(fields: &mut Fields<'_>, problems: &mut Problems) -> f64 {
    let Some(value) = fields.take("BackoffRate") else { return DEFAULT_BACKOFF_RATE };
    let rate = value.as_f64().filter(|rate| *rate >= 1.0);
    if rate.is_none() {
        problems.add(&fields.place("BackoffRate"), "must be a number of at least 1.0");
    }
    rate.unwrap_or(DEFAULT_BACKOFF_RATE)
}

fn read_jitter(fields: &mut Fields<'_>, problems: &mut Problems) -> bool {
    match fields.string("JitterStrategy", problems) {
        Some("FULL") => true,
        None | Some("NONE") => false,
        Some(_) => {
            problems.add(&fields.place("JitterStrategy"), "must be \"FULL\" or \"NONE\"");
            false
        }
    }
}
