//! UpdatePipeline: the next version. What runs goes on under the version that it started with.
//!
//! CodePipeline cancels it. A pipeline with the tag `pipewright:running-executions-on-update` = `cancel`
//! has it so here too.

use engine::Rejection;
use engine::decide::{DeclarationUpdated, Event, EventKind, OnUpdate};
use engine::declaration::Former;
use engine::declaration::schema::{Member, Shape, required};
use engine::execution::StateKey;
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Fault, Platform, StoreError};
use serde_json::{Value, json};

use super::declared::{self, Declared, keeps_secrets};
use crate::Request;
use crate::input::read;
use crate::pipelines::pipeline;

const ON_UPDATE_TAG: &str = "pipewright:running-executions-on-update";

pub(super) static MEMBERS: &[Member] = &[required("pipeline", Shape::Any)];

/// So many others may update the pipeline between our look at it and our write.
const ATTEMPTS_MAX: u32 = 12;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let document = &request.input["pipeline"];
    // The model has no exception for two updates at once: each becomes a version, one after the other.
    for _ in 0..ATTEMPTS_MAX {
        let (_, violations) = read(MEMBERS, &request.input);
        let name = document["name"].as_str().unwrap_or_default();
        // What is wrong with the declaration is told first.
        let head = pipeline(platform, name).await;
        let former = former(platform, document, head.as_ref().ok()).await?;
        let declared = declared::read(platform, document, violations, former).await?;
        let Declared { mut declaration, secrets, plan } = declared;
        let head = head?;
        let now = platform.clock.now();
        let on_update = on_update(&head);
        let head = PipelineHead { version: head.version + 1, updated_at: now, ..head };
        let key = StateKey::pipeline(name);
        let mode = declaration.execution_mode();
        declaration.version = Some(head.version);
        let version = PipelineVersion { declaration, secrets, created_at: now };
        let updated = DeclarationUpdated { version: head.version, mode, plan, on_update };
        let event = Event { key, kind: EventKind::DeclarationUpdated(updated) };
        match platform.update_pipeline(&head, &version, &event).await {
            Ok(_) => return Ok(json!({ "pipeline": version.declaration })),
            Err(StoreError::Rejected(Rejection::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Fault::conflict("others kept updating the pipeline").into())
}

/// The current version, if something of it is to be kept that the request does not tell.
async fn former(
    platform: &Platform,
    document: &Value,
    head: Option<&PipelineHead>,
) -> Result<Option<Former>, Fault> {
    let Some(head) = head.filter(|_| keeps_secrets(document)) else { return Ok(None) };
    let version = platform.store.pipeline_version(&head.name, head.version).await?;
    Ok(version.map(|version| Former { declaration: version.declaration, secrets: version.secrets }))
}

fn on_update(head: &PipelineHead) -> OnUpdate {
    match head.tags.get(ON_UPDATE_TAG).map(String::as_str) {
        Some("cancel") => OnUpdate::Cancel,
        _ => OnUpdate::Continue,
    }
}
