//! GetPipeline: the current version, or any earlier one.

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, optional, required};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};
use crate::output::metadata;
use crate::pipelines::pipeline;

pub(super) static MEMBERS: &[Member] =
    &[required("name", NAME), optional("version", Shape::Integer { minimum: 1, maximum: None })];

#[derive(Deserialize)]
struct Input {
    name: String,
    version: Option<u32>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { name, version } = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &name).await?;
    let number = version.unwrap_or(head.version);
    let version = match number <= head.version {
        true => platform.store.pipeline_version(&name, number).await?,
        // What may be there is of a deleted pipeline of the same name.
        false => None,
    };
    let version = version.ok_or_else(|| {
        Rejection::PipelineVersionNotFound(format!(
            "The pipeline '{name}' has no version {number}. Its versions are 1 to {}.",
            head.version
        ))
    })?;
    Ok(json!({ "pipeline": version.declaration, "metadata": metadata(&platform.config, &head) }))
}
