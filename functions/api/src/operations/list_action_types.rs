//! ListActionTypes: the action types of CodePipeline that a declaration may name, whether Pipewright runs them or
//! refuses them with what to do instead.

use engine::catalog::{self, ActionOwner, ActionType};
use engine::declaration::schema::{Member, Shape, TextRule, optional, text};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NEXT_TOKEN, parse};
use crate::next_token::List;
use crate::output::{action_type, without_nulls};

/// The model leaves the size of a page to the service.
const RESULTS_MAX: usize = 25;

pub(super) static MEMBERS: &[Member] = &[
    optional("actionOwnerFilter", Shape::Word(&["AWS", "ThirdParty", "Custom"])),
    optional("nextToken", NEXT_TOKEN),
    optional("regionFilter", REGION),
];

pub(super) const REGION: Shape = Shape::Text(&REGION_NAME);
static REGION_NAME: TextRule = text(4, 30);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    action_owner_filter: Option<String>,
    next_token: Option<String>,
    region_filter: Option<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { action_owner_filter: owner, next_token, region_filter: region } =
        parse(MEMBERS, &request.input)?;
    let list = List::new(platform, "ListActionTypes", &json!([owner, region]));
    let after: Option<Id> = list.begin(next_token.as_deref()).await?;
    // Nothing runs in another Region than the stack's own.
    let is_here = region.is_none_or(|region| region == platform.config.region);
    let of_region = catalog::action_types().filter(|_| is_here);
    let of_owner =
        of_region.filter(|entry| owner.as_deref().is_none_or(|owner| owner == entry.owner.as_str()));
    let (rows, next) = page(of_owner.collect(), after.as_ref(), RESULTS_MAX);
    Ok(without_nulls(json!({
        "actionTypes": rows.into_iter().map(action_type).collect::<Vec<_>>(),
        "nextToken": list.token(next).await?,
    })))
}

/// Owner, category, provider and version.
type Id = [String; 4];

fn id(entry: &ActionType) -> Id {
    [entry.owner.as_str(), entry.category.as_str(), entry.provider, entry.version].map(str::to_owned)
}

/// Those behind `after` by their ids, and the last one's id if more follow.
fn page(
    entries: Vec<&'static ActionType>,
    after: Option<&Id>,
    rows_max: usize,
) -> (Vec<&'static ActionType>, Option<Id>) {
    // A custom action type is the account's own: it is there when it was created, and Jenkins is one.
    let mut rows: Vec<_> = entries.into_iter().filter(|entry| entry.owner != ActionOwner::Custom).collect();
    rows.sort_by_key(|entry| id(entry));
    rows.retain(|entry| after.is_none_or(|after| id(entry) > *after));
    let is_more = rows.len() > rows_max;
    rows.truncate(rows_max);
    let next = rows.last().filter(|_| is_more).map(|last| id(last));
    (rows, next)
}
