//! CreateCustomActionType: an action type of the account's own, for workers that poll for jobs.

use engine::catalog::{ActionTypeSettings, ArtifactDetails, ConfigurationProperty, CustomActionType};
use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, Shape, TextRule, list_of, optional, required, text};
use engine::tags::{Tags, tagged};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{CATEGORY, PROVIDER, TYPE_VERSION, parse};
use crate::tags::{TAGS, Tag};

pub(super) static MEMBERS: &[Member] = &[
    required("category", CATEGORY),
    required("provider", PROVIDER),
    required("version", TYPE_VERSION),
    optional(
        "settings",
        Shape::Structure(&[
            optional("thirdPartyConfigurationUrl", Shape::Text(&URL)),
            optional("entityUrlTemplate", Shape::Text(&URL)),
            optional("executionUrlTemplate", Shape::Text(&URL)),
            optional("revisionUrlTemplate", Shape::Text(&URL)),
        ]),
    ),
    optional("configurationProperties", list_of(0, 10, &PROPERTY)),
    required("inputArtifactDetails", ARTIFACTS),
    required("outputArtifactDetails", ARTIFACTS),
    optional("tags", TAGS),
];
static URL: TextRule = text(1, 2048);
static PROPERTY: Shape = Shape::Structure(&[
    required("name", Shape::Text(&PROPERTY_NAME)),
    required("required", Shape::Flag),
    required("key", Shape::Flag),
    required("secret", Shape::Flag),
    optional("queryable", Shape::Flag),
    optional("description", Shape::Text(&DESCRIPTION)),
    optional("type", Shape::Word(&["String", "Number", "Boolean"])),
]);
static PROPERTY_NAME: TextRule = text(1, 50);
static DESCRIPTION: TextRule = text(1, 160);
const ARTIFACTS: Shape =
    Shape::Structure(&[required("minimumCount", COUNT), required("maximumCount", COUNT)]);
const COUNT: Shape = Shape::Integer { minimum: 0, maximum: Some(5) };

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    category: String,
    provider: String,
    version: String,
    settings: Option<ActionTypeSettings>,
    #[serde(default)]
    configuration_properties: Vec<ConfigurationProperty>,
    input_artifact_details: ArtifactDetails,
    output_artifact_details: ArtifactDetails,
    tags: Option<Vec<Tag>>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let action_type = CustomActionType {
        id: ActionTypeId {
            category: input.category,
            owner: "Custom".to_owned(),
            provider: input.provider,
            version: input.version,
        },
        settings: input.settings,
        action_configuration_properties: input.configuration_properties,
        input_artifact_details: input.input_artifact_details,
        output_artifact_details: input.output_artifact_details,
    };
    action_type.check()?;
    let tags = tagged(&Tags::new(), input.tags.iter().flatten().cloned().map(Into::into))?;
    platform.store.create_custom_action_type(&action_type, tags).await?;
    let mut output = json!({ "actionType": action_type });
    if let Some(tags) = input.tags {
        output["tags"] = json!(tags);
    }
    Ok(output)
}
