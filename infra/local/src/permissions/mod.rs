//! IAM as far as the template's functions need it.
//!
//! A permission that is missing in `template.yaml` has to be found on the laptop, not in production.
//! So every call that a function makes is reduced to what IAM would be asked (an action on a resource)
//! and checked against that function's own policy statements. It deliberately knows no resource
//! policies, boundaries, sessions or conditions (but for the partitions of a table); a statement that uses them is
//! refused when it is read.

mod cloudwatch;
mod dynamodb;
mod json_services;
mod lambda;
mod query_services;
mod request;
mod s3;
mod sts;

pub(crate) use dynamodb::with_leading_keys;
pub(crate) use engine::permissions::wildcard_matches;
pub use engine::permissions::{Decision, Effect, Permission, Statement, evaluate};
pub use request::{UnknownRequest, request_of};
pub(crate) use s3::percent_decoded;
