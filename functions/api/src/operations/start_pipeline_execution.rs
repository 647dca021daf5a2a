//! StartPipelineExecution: a new execution of the current version.

use engine::declaration::schema::{
    self, Member, Pattern, Shape, TextRule, list_of, optional, patterned, required, text,
};
use engine::execution::{SourceRevisionOverride, Trigger};
use platform::start::Start;
use platform::{Platform, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};

pub(super) static MEMBERS: &[Member] = &[
    required("name", NAME),
    optional("variables", list_of(1, 50, &VARIABLE)),
    optional("clientRequestToken", Shape::Text(&CLIENT_REQUEST_TOKEN)),
    optional("sourceRevisions", list_of(0, 50, &SOURCE_REVISION)),
];
static VARIABLE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&schema::VARIABLE_NAME)),
    required("value", Shape::Text(&schema::VARIABLE_VALUE)),
]);
static SOURCE_REVISION: Shape = Shape::Structure(&[
    required("actionName", NAME),
    required(
        "revisionType",
        Shape::Word(&["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"]),
    ),
    required("revisionValue", Shape::Text(&REVISION)),
]);
static REVISION: TextRule = text(1, 1500);
static CLIENT_REQUEST_TOKEN: TextRule = patterned(
    1,
    128,
    Pattern {
        text: "^[a-zA-Z0-9-]+$",
        allows: "letters, digits and -",
        matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
    },
);

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    name: String,
    #[serde(default)]
    variables: Vec<Variable>,
    #[serde(default)]
    source_revisions: Vec<SourceRevisionOverride>,
    #[serde(default)]
    client_request_token: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Variable {
    name: String,
    value: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let start = Start {
        pipeline_name: input.name,
        variables: input.variables.into_iter().map(|variable| (variable.name, variable.value)).collect(),
        source_revisions: input.source_revisions,
        client_request_token: input.client_request_token,
        trigger: Trigger {
            trigger_type: "StartPipelineExecution".to_owned(),
            trigger_detail: request.caller.clone(),
        },
    };
    let id = platform.start_pipeline_execution(&start).await?;
    Ok(json!({ "pipelineExecutionId": id }))
}
