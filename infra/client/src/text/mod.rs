//! Making text: what cannot harm a terminal, times, statuses, tables.

mod harmless;
mod moment;
mod status;
mod table;

pub use harmless::{harmless, told};
pub(crate) use moment::{ago, duration, moment, rfc3339, seconds_between, stamp};
pub(crate) use status::Mark;
pub(crate) use table::{Cell, Column, Table};

/// `1 stage`, `2 stages`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The first line, which is all there is room for.
pub(crate) fn first_line(text: &str) -> String {
    harmless(text.lines().next().unwrap_or_default(), false)
}
