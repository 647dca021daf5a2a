//! Commands as a person runs them, against a service over HTTP.

mod acts;
mod answers;
mod approvals;
mod conditions;
mod explain;
pub(crate) mod fixtures;
mod following;
mod lists;
mod reasons;
mod rules;
mod run;
mod service;
mod states;
mod versions;
