//! CreatePipeline: version 1 of a declaration, after every rule of it was checked.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::declaration::{Circumstances, PipelineDeclaration, check, first_rejection};
use engine::execution::{PipelineState, Plan};
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::parse;

#[derive(Deserialize)]
struct Input {
    pipeline: Value,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    value: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline, tags } = parse(&request.input)?;
    let (declaration, plan) = checked(&platform.config.region, &pipeline, 1)?;
    let now = platform.clock.now();
    let head = PipelineHead {
        name: declaration.name.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>(),
    };
    let state = PipelineState::new(&head.name, 1, declaration.execution_mode(), plan);
    let version = PipelineVersion { declaration, created_at: now };
    platform.store.create_pipeline(&head, &version, &state).await?;
    Ok(json!({ "pipeline": version.declaration }))
}

/// The declaration as version `version`, with its plan.
///
/// # Errors
/// The exception that CodePipeline gives for the first thing that is wrong.
pub(super) fn checked(
    region: &str,
    document: &Value,
    version: u32,
) -> Result<(PipelineDeclaration, Plan), StoreError> {
    let circumstances = Circumstances { region: Some(region.to_owned()), ..Circumstances::default() };
    let checked = check(document, &circumstances);
    if let Some(rejection) = first_rejection(&checked.violations) {
        return Err(rejection.into());
    }
    let mut declaration = checked.declaration;
    let plan = Plan::of(&declaration).map_err(Rejection::InvalidActionDeclaration)?;
    declaration.version = Some(version);
    Ok((declaration, plan))
}
