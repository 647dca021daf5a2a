//! Git repositories as whoever does not work in them needs them: fetched from where they are, with who asks, and what
//! differs between two commits.
//!
//! Git reads no configuration of the host for it, runs no hook and asks nobody for a password.

mod changed_files;
mod codecommit;
mod credentials;
mod origin;

pub use changed_files::{Comparison, changed_files};
pub use codecommit::{AwsKeys, codecommit_credentials};
pub use credentials::Credentials;
pub use origin::{Head, Origin, told};

#[cfg(test)]
mod tests;
