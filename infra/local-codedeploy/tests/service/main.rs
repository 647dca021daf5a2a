//! Deployments through the API, to directories, with real zips and real scripts.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod api;
mod configurations;
mod deploying;
mod failing;
mod fixture;
mod interrupting;
mod rolling_back;
