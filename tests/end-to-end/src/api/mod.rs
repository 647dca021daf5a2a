//! The API as the official client sees it: the AWS SDK for Rust calls the function `api` with API Gateway's
//! events, signs as it does, and reads the answers into its own types.

mod authentication;
mod changes;
mod custom_actions;
mod deletion;
mod deployment_targets;
mod keys;
mod official_client;
mod paging;
mod permissions;
mod reading;
mod refusals;
mod secrets;
mod source_revisions;
mod tags;
mod third_party;
mod types;
mod webhooks;
