//! UpdateActionType: an action type of a provider, as it is from now on. One of the owner ThirdParty comes to be with
//! its first update.

use engine::catalog::ProvidedActionType;
use engine::declaration::is_function_arn;
use engine::declaration::schema::{
    Member, Pattern, Shape, TextRule, list_of, optional, patterned, required, text,
};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::Value;

use super::get_action_type::OWNER;
use crate::Request;
use crate::input::{CATEGORY, PROVIDER, TYPE_VERSION, parse};

pub(super) static MEMBERS: &[Member] = &[required(
    "actionType",
    Shape::Structure(&[
        optional("description", Shape::Text(&DESCRIPTION)),
        required("executor", EXECUTOR),
        required(
            "id",
            Shape::Structure(&[
                required("category", CATEGORY),
                required("owner", OWNER),
                required("provider", PROVIDER),
                required("version", TYPE_VERSION),
            ]),
        ),
        required("inputArtifactDetails", ARTIFACTS),
        required("outputArtifactDetails", ARTIFACTS),
        optional("permissions", Shape::Structure(&[required("allowedAccounts", list_of(1, 1000, &ALLOWED))])),
        optional("properties", list_of(0, 10, &PROPERTY)),
        optional(
            "urls",
            Shape::Structure(&[
                optional("configurationUrl", Shape::Text(&URL)),
                optional("entityUrlTemplate", Shape::Text(&URL)),
                optional("executionUrlTemplate", Shape::Text(&URL)),
                optional("revisionUrlTemplate", Shape::Text(&URL)),
            ]),
        ),
    ]),
)];
static DESCRIPTION: TextRule = text(1, 1024);
static URL: TextRule = text(1, 2048);
const EXECUTOR: Shape = Shape::Structure(&[
    required("configuration", EXECUTOR_CONFIGURATION),
    required("type", Shape::Word(&["JobWorker", "Lambda"])),
    optional("policyStatementsTemplate", Shape::Text(&POLICY)),
    optional("jobTimeout", Shape::Integer { minimum: 60, maximum: Some(43_200) }),
]);
const EXECUTOR_CONFIGURATION: Shape = Shape::Structure(&[
    optional("lambdaExecutorConfiguration", LAMBDA_EXECUTOR),
    optional("jobWorkerExecutorConfiguration", JOB_WORKER_EXECUTOR),
]);
const LAMBDA_EXECUTOR: Shape = Shape::Structure(&[required("lambdaFunctionArn", Shape::Text(&FUNCTION_ARN))]);
const JOB_WORKER_EXECUTOR: Shape = Shape::Structure(&[
    optional("pollingAccounts", list_of(1, 1000, &ACCOUNT)),
    optional("pollingServicePrincipals", list_of(1, 10, &PRINCIPAL)),
]);
static FUNCTION_ARN: TextRule = patterned(
    1,
    140,
    Pattern {
        text: "arn:aws(-[\\w]+)*:lambda:.+:[0-9]{12}:function:.+",
        allows: "the ARN of a function, as arn:aws:lambda:eu-west-1:123456789012:function:name",
        matches: is_function_arn,
    },
);
static ACCOUNT: Shape = Shape::Text(&TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern { text: "[0-9]{12}", allows: "12 digits", matches: is_account }),
});
static ALLOWED: Shape = Shape::Text(&TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern {
        text: "[0-9]{12}|\\*",
        allows: "12 digits, or * for every account",
        matches: |text| text == "*" || is_account(text),
    }),
});
static PRINCIPAL: Shape = Shape::Text(&PRINCIPAL_TEXT);
static PRINCIPAL_TEXT: TextRule = text(1, 128);
static POLICY: TextRule = text(1, 2048);
const ARTIFACTS: Shape =
    Shape::Structure(&[required("minimumCount", COUNT), required("maximumCount", COUNT)]);
const COUNT: Shape = Shape::Integer { minimum: 0, maximum: Some(10) };
static PROPERTY: Shape = Shape::Structure(&[
    required("name", Shape::Text(&PROPERTY_NAME)),
    required("optional", Shape::Flag),
    required("key", Shape::Flag),
    required("noEcho", Shape::Flag),
    optional("queryable", Shape::Flag),
    optional("description", Shape::Text(&PROPERTY_DESCRIPTION)),
]);
static PROPERTY_NAME: TextRule = text(1, 50);
static PROPERTY_DESCRIPTION: TextRule = text(1, 250);

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    action_type: ProvidedActionType,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { action_type } = parse(MEMBERS, &request.input)?;
    platform.store.update_provided_action_type(&action_type).await?;
    Ok(Value::Null)
}
