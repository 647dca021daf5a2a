//! CreatePipeline: version 1 of a declaration, and the pipeline's first execution.

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, optional, required};
use engine::execution::PipelineState;
use engine::tags::{Tags, tagged};
use platform::start::first_execution;
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Platform, StoreError};
use serde_json::{Value, json};

use super::declared::{self, Declared};
use crate::Request;
use crate::input::read;
use crate::tags::{TAGS, Tag};

pub(super) static MEMBERS: &[Member] = &[required("pipeline", Shape::Any), optional("tags", TAGS)];

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let (mut usable, violations) = read(MEMBERS, &request.input);
    let pipeline = &request.input["pipeline"];
    let Declared { mut declaration, secrets, plan } =
        declared::read(platform, pipeline, violations, None).await?;
    let tags: Option<Vec<Tag>> = serde_json::from_value(usable["tags"].take())
        .map_err(|error| Rejection::Serialization(error.to_string()))?;
    let named = tagged(&Tags::new(), tags.iter().flatten().cloned().map(Into::into))?;

    declaration.version = Some(1);
    let now = platform.clock.now();
    let head = PipelineHead {
        name: declaration.name.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        tags: named,
        history_after: 0,
    };
    let state = PipelineState::new(&head.name, 1, declaration.execution_mode(), plan);
    let first = request
        .create_starts_execution
        .then(|| first_execution(&declaration, &request.caller))
        .transpose()?;
    let version = PipelineVersion { declaration, secrets, created_at: now };
    platform.create_pipeline(&head, &version, &state, first.as_ref()).await?;
    let mut output = json!({ "pipeline": version.declaration });
    if let Some(tags) = tags {
        output["tags"] = json!(tags);
    }
    Ok(output)
}
