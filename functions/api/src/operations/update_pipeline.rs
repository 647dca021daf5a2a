//! UpdatePipeline: the next version. What runs goes on under the version that it started with.
//!
//! CodePipeline cancels it. A pipeline with the tag `pipewright:running-executions-on-update` = `cancel`
//! has it so here too.

use engine::decide::{DeclarationUpdated, Event, EventKind, OnUpdate};
use engine::execution::StateKey;
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::create_pipeline::checked;
use crate::Request;
use crate::input::{no_such_pipeline, parse};

const ON_UPDATE_TAG: &str = "pipewright:running-executions-on-update";

#[derive(Deserialize)]
struct Input {
    pipeline: Value,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline } = parse(&request.input)?;
    let name = pipeline["name"].as_str().unwrap_or_default().to_owned();
    let head = platform.store.pipeline(&name).await?.ok_or_else(|| no_such_pipeline(&name))?;
    let (declaration, plan) = checked(&platform.config.region, &pipeline, head.version + 1)?;
    let now = platform.clock.now();
    let on_update = on_update(&head);
    let head = PipelineHead { version: head.version + 1, updated_at: now, ..head };
    let mode = declaration.execution_mode();
    let version = PipelineVersion { declaration, created_at: now };
    let updated = DeclarationUpdated { version: head.version, mode, plan, on_update };
    let event = Event { key: StateKey::pipeline(&name), kind: EventKind::DeclarationUpdated(updated) };
    platform.update_pipeline(&head, &version, &event).await?;
    Ok(json!({ "pipeline": version.declaration }))
}

fn on_update(head: &PipelineHead) -> OnUpdate {
    match head.tags.get(ON_UPDATE_TAG).map(String::as_str) {
        Some("cancel") => OnUpdate::Cancel,
        _ => OnUpdate::Continue,
    }
}
