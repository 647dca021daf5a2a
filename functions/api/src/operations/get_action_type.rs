//! GetActionType: an action type that a provider made with UpdateActionType.
//!
//! CodePipeline's own are not made with an integration model: there is no executor to tell of them, and
//! ListActionTypes shows what there is to know.

use engine::Rejection;
use engine::catalog;
use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, Pattern, Shape, TextRule, required};
use platform::{Platform, StoreError};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{CATEGORY, PROVIDER, TYPE_VERSION, parse};

pub(super) static MEMBERS: &[Member] = &[
    required("category", CATEGORY),
    required("owner", OWNER),
    required("provider", PROVIDER),
    required("version", TYPE_VERSION),
];
pub(super) const OWNER: Shape = Shape::Text(&OWNER_TEXT);
static OWNER_TEXT: TextRule = TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern {
        text: "AWS|ThirdParty",
        allows: "AWS or ThirdParty",
        matches: |text| text == "AWS" || text == "ThirdParty",
    }),
};

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let id: ActionTypeId = parse(MEMBERS, &request.input)?;
    match platform.store.provided_action_type(&id).await? {
        Some(found) => Ok(json!({ "actionType": found })),
        None => Err(not_found(&id).into()),
    }
}

fn not_found(id: &ActionTypeId) -> Rejection {
    let ActionTypeId { category, owner, provider, version } = id;
    let shown =
        format!("category '{category}', owner '{owner}', provider '{provider}' and version '{version}'");
    Rejection::ActionTypeNotFound(match catalog::find(id) {
        None => format!("There is no action type of {shown}."),
        Some(_) => format!(
            "The action type of {shown} is CodePipeline's own, which no provider has made: it has no executor to be \
             told of. ListActionTypes shows its configuration and its artifacts."
        ),
    })
}
