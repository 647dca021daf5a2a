//! ListRuleExecutions: what each rule of a stage condition was given and what came of it, newest first.

use platform::{Platform, StoreError};
use serde_json::Value;

use crate::Request;
use crate::listed_executions::{self, Kind};

#[cfg(test)]
pub(super) use crate::listed_executions::MEMBERS;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    listed_executions::list(platform, request, Kind::Rules).await
}
