//! ListRuleTypes: the rules of stage conditions. There are six and no pages, so no token is ever wrong.

use engine::catalog;
use engine::declaration::schema::{Member, Shape, optional};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::list_action_types::REGION;
use crate::Request;
use crate::input::parse;
use crate::output::rule_type;

/// All of them are AWS's, so the filter by owner, which knows no other, leaves them all.
pub(super) static MEMBERS: &[Member] =
    &[optional("ruleOwnerFilter", Shape::Word(&["AWS"])), optional("regionFilter", REGION)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    region_filter: Option<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { region_filter } = parse(MEMBERS, &request.input)?;
    // Nothing runs in another Region than the stack's own.
    let is_here = region_filter.is_none_or(|region| region == platform.config.region);
    let types = catalog::rule_types().iter().filter(|_| is_here);
    Ok(json!({ "ruleTypes": types.map(rule_type).collect::<Vec<_>>() }))
}
