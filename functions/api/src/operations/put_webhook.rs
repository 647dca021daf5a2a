//! PutWebhook: a URL that starts a pipeline, for those who can prove that they may.

use engine::declaration::schema::{Member, Shape, TextRule, list_of, optional, required, text};
use engine::tags::tagged;
use engine::webhook::WebhookDefinition;
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};
use crate::output::webhook;
use crate::pipelines::pipeline;
use crate::tags::{TAGS, Tag};

pub(super) static MEMBERS: &[Member] =
    &[required("webhook", Shape::Structure(DEFINITION)), optional("tags", TAGS)];
static DEFINITION: &[Member] = &[
    required("name", NAME),
    required("targetPipeline", NAME),
    required("targetAction", NAME),
    required("filters", list_of(0, 5, &FILTER)),
    required("authentication", Shape::Word(&["GITHUB_HMAC", "IP", "UNAUTHENTICATED"])),
    required(
        "authenticationConfiguration",
        Shape::Structure(&[
            optional("AllowedIPRange", Shape::Text(&OF_AUTHENTICATION)),
            optional("SecretToken", Shape::Text(&OF_AUTHENTICATION)),
        ]),
    ),
];
static FILTER: Shape = Shape::Structure(&[
    required("jsonPath", Shape::Text(&OF_FILTER)),
    optional("matchEquals", Shape::Text(&OF_FILTER)),
]);
static OF_FILTER: TextRule = text(1, 150);
static OF_AUTHENTICATION: TextRule = text(1, 100);

#[derive(Deserialize)]
struct Input {
    webhook: WebhookDefinition,
    tags: Option<Vec<Tag>>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { webhook: definition, tags } = parse(MEMBERS, &request.input)?;
    definition.check(platform.config.unauthenticated_webhooks)?;
    let name = &definition.target_pipeline;
    let head = pipeline(platform, name).await?;
    let version = platform.store.pipeline_version(name, head.version).await?;
    let version = version.ok_or_else(|| Fault::corrupt(format!("the pipeline '{name}' has no version")))?;
    definition.check_target(&version.declaration)?;
    let change = |before: &_| tagged(before, tags.iter().flatten().cloned().map(Into::into));
    let kept = platform.store.put_webhook(&definition, change).await?;
    Ok(json!({ "webhook": webhook(&platform.config, &kept)? }))
}
