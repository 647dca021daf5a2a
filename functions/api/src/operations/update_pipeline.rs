//! UpdatePipeline: the next version. What runs goes on under the version that it started with.
//!
//! CodePipeline cancels it. A pipeline with the tag `pipewright:running-executions-on-update` = `cancel`
//! has it so here too.

use engine::Rejection;
use engine::decide::{DeclarationUpdated, Event, EventKind, OnUpdate};
use engine::declaration::schema::{Member, Shape, required};
use engine::execution::StateKey;
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Fault, Platform, StoreError};
use serde_json::{Value, json};

use super::declared;
use crate::Request;
use crate::input::read;
use crate::pipelines::pipeline;

const ON_UPDATE_TAG: &str = "pipewright:running-executions-on-update";

pub(super) static MEMBERS: &[Member] = &[required("pipeline", Shape::Any)];

/// So many others may update the pipeline between our look at it and our write.
const ATTEMPTS_MAX: u32 = 12;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let (_, violations) = read(MEMBERS, &request.input);
    let (mut declaration, plan) = declared::read(platform, &request.input["pipeline"], violations).await?;
    let name = declaration.name.clone();
    // The model has no exception for two updates at once: each becomes a version, one after the other.
    for _ in 0..ATTEMPTS_MAX {
        let head = pipeline(platform, &name).await?;
        let now = platform.clock.now();
        let on_update = on_update(&head);
        let head = PipelineHead { version: head.version + 1, updated_at: now, ..head };
        declaration.version = Some(head.version);
        let mode = declaration.execution_mode();
        let version = PipelineVersion { declaration: declaration.clone(), created_at: now };
        let updated = DeclarationUpdated { version: head.version, mode, plan: plan.clone(), on_update };
        let event = Event { key: StateKey::pipeline(&name), kind: EventKind::DeclarationUpdated(updated) };
        match platform.update_pipeline(&head, &version, &event).await {
            Ok(_) => return Ok(json!({ "pipeline": version.declaration })),
            Err(StoreError::Rejected(Rejection::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Fault::conflict(format!("others kept updating the pipeline '{name}'")).into())
}

fn on_update(head: &PipelineHead) -> OnUpdate {
    match head.tags.get(ON_UPDATE_TAG).map(String::as_str) {
        Some("cancel") => OnUpdate::Cancel,
        _ => OnUpdate::Continue,
    }
}
