//! DeletePipeline: the pipeline, its versions and its history are gone, and what runs of it ends.
//!
//! CodePipeline declares no exception for a pipeline that is not there, so deleting it again is fine. Executions
//! that run are abandoned: what a provider has begun goes on there, and nothing comes of it here.

use engine::declaration::schema::{Member, required};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::Value;

use crate::Request;
use crate::input::{NAME, parse};

pub(super) static MEMBERS: &[Member] = &[required("name", NAME)];

#[derive(Deserialize)]
struct Input {
    name: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { name } = parse(MEMBERS, &request.input)?;
    platform.delete_pipeline(&name).await?;
    Ok(Value::Null)
}
