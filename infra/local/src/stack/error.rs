//! Why the stack does not start.

use std::fmt::Display;

/// Why the stack does not start, in words for the person at the keyboard.
#[derive(Debug)]
pub struct StartError(pub(super) String);

impl Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// An error of a part of the stack, with the part's name.
pub(super) fn part<E: Display>(name: &'static str) -> impl Fn(E) -> StartError {
    move |error| StartError(format!("{name}: {error}"))
}
