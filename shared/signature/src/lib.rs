//! Signature Version 4 on our own endpoint: who asks, by keys that the service issues itself.
//!
//! Nobody but AWS can verify the signature of an AWS key, because nobody else has its secret. So the service
//! issues short-lived keys of its own, which every AWS client takes through a `credential_process`. Nothing
//! about a key is stored: its session token says whose it is and until when, under a seal that only the
//! [`MasterKey`] makes, and its secret is derived from the same key.
//!
//! Pure: the time, the master key and the request are arguments; nothing is read and nothing is drawn.

mod authorization;
mod canonical;
mod credentials;
mod error;
mod headers;
mod master_key;
mod seal;
mod session_token;
mod timestamp;
mod verify;

pub use credentials::{Credentials, Validity, issue, issue_as};
pub use error::{Protocol, SignatureError};
pub use master_key::{InvalidMasterKey, MasterKey};
pub use seal::{open, seal};
pub use verify::{CLOCK_SKEW_MAX_MINUTES, Principal, Scope, SignedRequest, verify};

#[cfg(test)]
mod tests;
