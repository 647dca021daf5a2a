//! UntagResource: takes tags from a pipeline, a webhook or a custom action type. Those that it does not have are
//! passed over.

use engine::declaration::schema::{Member, required};
use engine::tags::untagged;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::parse;
use crate::tags::{RESOURCE_ARN, TAG_KEYS, not_found, resource};

pub(super) static MEMBERS: &[Member] =
    &[required("resourceArn", RESOURCE_ARN), required("tagKeys", TAG_KEYS)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { resource_arn, tag_keys } = parse(MEMBERS, &request.input)?;
    let resource = resource(&platform.config, &resource_arn)?;
    match platform.store.change_tags(&resource, |before| untagged(before, &tag_keys)).await? {
        true => Ok(json!({})),
        false => Err(not_found(&resource_arn).into()),
    }
}
