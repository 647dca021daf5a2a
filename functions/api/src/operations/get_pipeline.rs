//! GetPipeline: the current version, or any earlier one.

use engine::Rejection;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_pipeline, parse};
use crate::output::metadata;

#[derive(Deserialize)]
struct Input {
    name: String,
    version: Option<u32>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { name, version } = parse(&request.input)?;
    let head = platform.store.pipeline(&name).await?.ok_or_else(|| no_such_pipeline(&name))?;
    let number = version.unwrap_or(head.version);
    let version = platform.store.pipeline_version(&name, number).await?;
    let version = version.ok_or_else(|| {
        Rejection::PipelineVersionNotFound(format!(
            "The pipeline '{name}' has no version {number}. Its versions are 1 to {}.",
            head.version
        ))
    })?;
    Ok(json!({ "pipeline": version.declaration, "metadata": metadata(&platform.config, &head) }))
}
