//! AWS, answered in process: what stands behind the SDK's `HttpClient` on one machine.
//!
//! The functions use the official SDK and do not know where they run. Here each of their requests is
//! told by its signature (who calls) and its target (what is called), checked against the caller's
//! policies, and answered by an embedded service, without a socket. Signatures themselves are not
//! verified: caller and service are in one process.

mod addressing;
mod answer;
mod client;
mod cloudwatch;
mod credential;
mod dynamodb;
mod endpoint;
mod fault;
mod lambda;
mod query;
mod sts;
mod tables;

#[cfg(test)]
mod tests;

pub(crate) use answer::Form;
pub use client::LocalHttpClient;
pub(crate) use cloudwatch::{
    TARGET as CLOUDWATCH, input as cloudwatch_input, operation as cloudwatch_operation,
};
pub(crate) use endpoint::OWNER;
pub use endpoint::{HttpService, LocalAws, WriteObserver};
pub use fault::{Call, Fault, FaultInjection, Lost};
pub(crate) use lambda::function_name;
pub(crate) use query::{fields as form_fields, is_query};
pub use sts::Identities;
pub use tables::{TableError, ensure_tables};
