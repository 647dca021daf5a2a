//! Whether the action type of each action exists and runs, and its timeout.

use crate::catalog::{self, ActionCategory, ActionType, CUSTOM_ACTION_TIMEOUT_MINUTES};
use crate::declaration::{ActionTypeId, Circumstances, CustomActionTypes, PipelineDeclaration, Violation};

use super::features::is_v1;
use super::places::{Placed, actions};

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let v1 = is_v1(pipeline, circumstances);
    let mut violations = Vec::new();
    for placed in actions(pipeline) {
        let id = &placed.action.action_type_id;
        match catalog::find(id) {
            None => match circumstances.custom_action_types.find(id) {
                Some(_) => violations.extend(timeout(placed, &shown(placed), CUSTOM_ACTION_TIMEOUT_MINUTES)),
                None => violations.extend(unknown(placed, circumstances)),
            },
            Some(found) => {
                if v1 && found.v2_only {
                    violations.push(needs_v2(placed, found));
                }
                if !found.is_runnable() {
                    violations.push(not_run_yet(placed, found));
                }
                if !found.timeout_declarable {
                    violations.extend(timeout(placed, &found.to_string(), found.timeout_minutes));
                }
            }
        }
    }
    violations
}

/// None if a word of the id is missing or is no word of the model, which is reported already, and if who knows the
/// account's own action types looks at the declaration later.
fn unknown(placed: Placed, circumstances: &Circumstances) -> Option<Violation> {
    let id = &placed.action.action_type_id;
    let categories = ["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"];
    let owners = ["AWS", "ThirdParty", "Custom"];
    if !categories.contains(&id.category.as_str())
        || !owners.contains(&id.owner.as_str())
        || id.provider.is_empty()
        || id.version.is_empty()
        || (circumstances.custom_action_types == CustomActionTypes::Elsewhere && may_be_made(id))
    {
        return None;
    }
    // The service names the Region as its Java SDK does: US_EAST_1. Where there is none, nothing is named.
    let region = circumstances.region.as_deref().map(|region| region.to_uppercase().replace('-', "_"));
    let region = region.map(|region| format!(" in region '{region}'")).unwrap_or_default();
    let message = format!(
        "ActionType (Category: '{}', Provider: '{}', Owner: '{}', Version: '{}') in action '{}' is not \
         available{region}",
        id.category, id.provider, id.owner, id.version, placed.action.name
    );
    let help = match catalog::closest_action_type(id) {
        Some(meant) => format!(
            "did you mean category `{}`, owner `{}`, provider `{}`, version `{}`?",
            meant.category, meant.owner, meant.provider, meant.version
        ),
        None if id.owner == "Custom" => {
            "create the action type with CreateCustomActionType first; one that was deleted is not available"
                .to_owned()
        }
        None if id.owner == "ThirdParty" => {
            "the provider makes the action type with UpdateActionType first, and allows the account to use it"
                .to_owned()
        }
        None => format!("Pipewright runs: {}", runnable()),
    };
    Some(Violation::action(placed.path().member("actionTypeId"), message, help))
}

/// Whether there may be such a type that Pipewright does not bring along.
fn may_be_made(id: &ActionTypeId) -> bool {
    id.owner == "Custom" || (id.owner == "ThirdParty" && catalog::closest_action_type(id).is_none())
}

fn needs_v2(placed: Placed, found: &ActionType) -> Violation {
    Violation::action(
        placed.path().member("actionTypeId").member("provider"),
        format!("{} Action can only be used with V2 pipelines.", found.provider),
        "set `pipelineType` to `V2`",
    )
}

fn not_run_yet(placed: Placed, found: &ActionType) -> Violation {
    Violation::action(
        placed.path().member("actionTypeId").member("provider"),
        format!(
            "Action '{}': {} {} is a CodePipeline action type that Pipewright does not run yet. It runs: {}",
            placed.action.name,
            found.category,
            found.provider,
            runnable()
        ),
        match found.category {
            ActionCategory::Source => "use CodeStarSourceConnection, CodeCommit or S3 as the source",
            _ => "remove the action, or do its work in a CodeBuild or Commands action",
        },
    )
}

fn runnable() -> String {
    catalog::runnable_action_types().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A custom action type, as people are told of it.
pub(super) fn shown(placed: Placed) -> String {
    let id = &placed.action.action_type_id;
    format!("{} {}", id.category, id.provider)
}

fn timeout(placed: Placed, shown: &str, minutes: u32) -> Option<Violation> {
    placed.action.timeout_in_minutes.map(|_| {
        Violation::action(
            placed.path().member("timeoutInMinutes"),
            format!(
                "Action '{}' declares timeoutInMinutes, which is available only to the manual approval ActionType",
                placed.action.name
            ),
            format!("remove it: a {shown} action may run for {minutes} minutes"),
        )
        .at_name()
    })
}
