//! Signature Version 4 on our own endpoint: who asks, by keys that the service issues itself.
//!
//! Nobody but AWS can verify the signature of an AWS key, because nobody else has its secret. So the service
//! issues short-lived keys of its own, which every AWS client takes through a `credential_process`. Nothing
//! about a key is stored: its session token says whose it is and until when, under a seal that only the
//! [`MasterKey`] makes, and its secret is derived from the same key.
//!
//! Who somebody is on AWS they can prove all the same, to whoever asks AWS: [`identity_call`] checks such a proof, for
//! which the service issues a key of its own.
//!
//! Pure: the time, the master key and the request are arguments; nothing is read and nothing is drawn.

mod authorization;
mod canonical;
mod credentials;
mod error;
mod headers;
mod identity_proof;
mod master_key;
mod presigned;
mod seal;
mod session_token;
mod timestamp;
mod verify;

pub use credentials::{Credentials, Validity, issue, issue_as};
pub use error::{Protocol, SignatureError};
pub use identity_proof::{
    CALLER_IDENTITY_QUERY, ENDPOINT_HEADER, PROOF_SECONDS_MAX, ProofError, identity_call, sts_host,
};
pub use master_key::{InvalidMasterKey, MasterKey};
pub use presigned::{is_presigned, verify_presigned};
pub use seal::{open, seal};
pub use verify::{CLOCK_SKEW_MAX_MINUTES, Principal, Scope, SignedRequest, verify};

#[cfg(test)]
mod tests;
