//! ListActionTypes: the action types that a declaration may name: those that the account created, those of providers
//! that allow it to use them, and CodePipeline's own, whether Pipewright runs them or refuses them with what to do
//! instead.

use engine::catalog::{self, ActionOwner, ActionType};
use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, Shape, TextRule, optional, text};
use platform::{Fault, Platform, StoreError};
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
    let list = List::new(platform, request, &json!([owner, region]));
    let after: Option<Id> = list.begin(next_token.as_deref()).await?;
    // Nothing runs in another Region than the stack's own.
    let rows = match region.is_none_or(|region| region == platform.config.region) {
        true => of_owner(platform, owner.as_deref()).await?,
        false => Vec::new(),
    };
    let (rows, next) = page(rows, after.as_ref(), RESULTS_MAX);
    Ok(without_nulls(json!({ "actionTypes": rows, "nextToken": list.token(next).await? })))
}

/// Owner, category, provider and version.
type Id = [String; 4];

/// What the account and providers made, and CodePipeline's own. Those of the catalog that are Custom are known as what
/// accounts often create: they are there when they were.
async fn of_owner(platform: &Platform, owner: Option<&str>) -> Result<Vec<(Id, Value)>, Fault> {
    let is_wanted = |of: &str| owner.is_none_or(|owner| owner == of);
    let of_codepipeline = catalog::action_types()
        .filter(|entry| entry.owner != ActionOwner::Custom && is_wanted(entry.owner.as_str()))
        .map(|entry| (id(entry), action_type(entry)));
    let made = platform.store.action_types_of_account().await?.into_iter();
    let made = made.filter(|made| is_wanted(&made.id.owner)).map(|made| {
        let ActionTypeId { category, owner, provider, version } = made.id.clone();
        ([owner, category, provider, version], json!(made))
    });
    Ok(of_codepipeline.chain(made).collect())
}

fn id(entry: &ActionType) -> Id {
    [entry.owner.as_str(), entry.category.as_str(), entry.provider, entry.version].map(str::to_owned)
}

/// Those behind `after` by their ids, and the last one's id if more follow.
fn page(mut rows: Vec<(Id, Value)>, after: Option<&Id>, rows_max: usize) -> (Vec<Value>, Option<Id>) {
    rows.retain(|(id, _)| after.is_none_or(|after| id > after));
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let is_more = rows.len() > rows_max;
    rows.truncate(rows_max);
    let next = rows.last().filter(|_| is_more).map(|(last, _)| last.clone());
    (rows.into_iter().map(|(_, shown)| shown).collect(), next)
}
