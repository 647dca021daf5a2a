//! Why the service does not run.

use std::fmt::Display;

use crate::cli::Exit;

/// In words for the person at the keyboard, and for scripts.
#[derive(Debug)]
pub struct UpFailure {
    pub exit: Exit,
    pub message: String,
}

/// Something here does not work.
pub(super) fn unavailable<E: Display>(error: E) -> UpFailure {
    UpFailure { exit: Exit::Unreachable, message: error.to_string() }
}

/// The command asks for what cannot be.
pub(super) fn usage<E: Display>(error: E) -> UpFailure {
    UpFailure { exit: Exit::Usage, message: error.to_string() }
}
