//! ListActionExecutions: what each action was given and what came of it, newest first.

use engine::declaration::schema::Member;
use platform::{Platform, StoreError};
use serde_json::Value;

use crate::Request;
use crate::listed_executions::{self, Kind};

pub(super) static MEMBERS: &[Member] = listed_executions::MEMBERS;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    listed_executions::list(platform, request, Kind::Actions).await
}
