//! CreatePipeline: version 1 of a declaration, and the pipeline's first execution.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, TextRule, optional, required, text};
use engine::execution::PipelineState;
use platform::start::first_execution;
use platform::store::{PipelineHead, PipelineVersion};
use platform::{Platform, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::declared;
use crate::Request;
use crate::input::read;

pub(super) static MEMBERS: &[Member] = &[
    required("pipeline", Shape::Any),
    optional("tags", Shape::List { item: &TAG, minimum: 0, maximum: None }),
];
static TAG: Shape =
    Shape::Structure(&[required("key", Shape::Text(&TAG_KEY)), required("value", Shape::Text(&TAG_VALUE))]);
static TAG_KEY: TextRule = text(1, 128);
static TAG_VALUE: TextRule = text(0, 256);

/// CodePipeline's limit of tags on a resource (user guide, "Quotas").
const TAGS_MAX: usize = 50;

#[derive(Default, Deserialize, Serialize)]
struct Tag {
    key: String,
    value: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let (mut usable, violations) = read(MEMBERS, &request.input);
    let (mut declaration, plan) =
        declared::read(&platform.config.region, &request.input["pipeline"], violations)?;
    let tags: Option<Vec<Tag>> = serde_json::from_value(usable["tags"].take())
        .map_err(|error| Rejection::Serialization(error.to_string()))?;
    check_tags(tags.as_deref().unwrap_or_default())?;

    declaration.version = Some(1);
    let now = platform.clock.now();
    let named = tags.iter().flatten().map(|tag| (tag.key.clone(), tag.value.clone()));
    let head = PipelineHead {
        name: declaration.name.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        tags: named.collect::<BTreeMap<_, _>>(),
        history_after: 0,
    };
    let state = PipelineState::new(&head.name, 1, declaration.execution_mode(), plan);
    let first = request
        .create_starts_execution
        .then(|| first_execution(&declaration, &request.caller))
        .transpose()?;
    let version = PipelineVersion { declaration, created_at: now };
    platform.create_pipeline(&head, &version, &state, first.as_ref()).await?;
    let mut output = json!({ "pipeline": version.declaration });
    if let Some(tags) = tags {
        output["tags"] = json!(tags);
    }
    Ok(output)
}

fn check_tags(tags: &[Tag]) -> Result<(), Rejection> {
    if tags.len() > TAGS_MAX {
        return Err(Rejection::TooManyTags(format!(
            "The tags limit for a resource has been exceeded: {} tags were given, {TAGS_MAX} are allowed.",
            tags.len()
        )));
    }
    let mut keys: Vec<_> = tags.iter().map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    let wrong =
        |why: String| Err(Rejection::InvalidTags(format!("The specified resource tags are invalid: {why}")));
    if let Some(key) = keys.iter().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return wrong(format!("the key '{key}' begins with aws:, which AWS keeps for itself."));
    }
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => wrong(format!("the key '{}' is given twice.", pair[0])),
        None => Ok(()),
    }
}
