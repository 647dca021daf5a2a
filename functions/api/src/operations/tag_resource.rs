//! TagResource: gives tags to a pipeline, a webhook or a custom action type, or new values to those that it has.

use engine::declaration::schema::{Member, required};
use engine::tags::tagged;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::parse;
use crate::tags::{RESOURCE_ARN, TAGS, Tag, not_found, resource};

pub(super) static MEMBERS: &[Member] = &[required("resourceArn", RESOURCE_ARN), required("tags", TAGS)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: String,
    tags: Vec<Tag>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { resource_arn, tags } = parse(MEMBERS, &request.input)?;
    let resource = resource(&platform.config, &resource_arn)?;
    let add = |before: &_| tagged(before, tags.iter().cloned().map(Into::into));
    match platform.store.change_tags(&resource, add).await? {
        true => Ok(json!({})),
        false => Err(not_found(&resource_arn).into()),
    }
}
