//! The CodePipeline API: one file per operation, named after it.
//!
//! It is called in two ways. API Gateway hands an HTTP request to [`handle`], which finds out who asks
//! ([`http`]). Whoever is in the same process and has settled that by itself uses [`call`]. An operation takes
//! the API's JSON and answers with the API's JSON or with one of CodePipeline's exceptions; operations that
//! are not here are refused by name.
//!
//! Permissions: those of advance-execution; secretsmanager:GetSecretValue on the signing key. Asking STS who
//! somebody is needs none.

mod call;
pub mod http;
mod input;
mod listed_executions;
mod next_token;
mod operations;
mod output;
mod own;
mod pipelines;
mod signing_key;
mod tags;

#[cfg(test)]
mod coverage;

pub use call::{Request, Response, call};
pub use http::handle;
pub use operations::names;
