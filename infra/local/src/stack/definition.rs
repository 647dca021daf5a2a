//! What this binary was built with: the template and the state machines that it names.

use std::collections::BTreeMap;

use super::StartError;
use crate::template::{self, Account, Stack, StateMachine, Surroundings, TemplateError};

const TEMPLATE: &str = include_str!("../../../../template.yaml");
const STAGE_EXECUTION: &str = include_str!("../../../statemachines/stage-execution.asl.json");
/// Definition files of the template's state machines, by their path in it.
const DEFINITIONS: [(&str, &str); 1] = [("infra/statemachines/stage-execution.asl.json", STAGE_EXECUTION)];

pub const ACCOUNT_ID: &str = "123456789012";
/// Who the commands on this machine are, as histories show it.
pub const PRINCIPAL: &str = "local-user";
/// Where nothing names a Region.
pub const DEFAULT_REGION: &str = "us-east-1";

/// What differs from one service to another.
#[derive(Debug, Default)]
pub struct Place<'a> {
    /// The Region that ARNs name.
    pub region: Option<&'a str>,
    /// Where the API is reached, if it is.
    pub api_endpoint: Option<&'a str>,
    pub allow_unauthenticated_webhooks: bool,
    /// Who gets which role for a proof of who they are on AWS.
    pub caller_roles: &'a str,
}

/// What template.yaml describes, there.
pub fn template(place: &Place<'_>) -> Result<Stack, TemplateError> {
    let region = place.region.unwrap_or(DEFAULT_REGION).to_owned();
    let allow = ("AllowUnauthenticatedWebhooks".to_owned(), place.allow_unauthenticated_webhooks.to_string());
    let roles = ("CallerRoles".to_owned(), place.caller_roles.to_owned());
    let surroundings = Surroundings {
        stack_name: "pipewright".to_owned(),
        account: Account { id: ACCOUNT_ID.to_owned(), region },
        parameters: BTreeMap::from([allow, roles]),
        api_endpoint: place.api_endpoint.map(str::to_owned),
    };
    template::load(TEMPLATE, &surroundings)
}

/// The machine's file with the template's substitutions, as SAM makes it.
pub(super) fn definition(machine: &StateMachine) -> Result<String, StartError> {
    let file = DEFINITIONS.iter().find(|(path, _)| *path == machine.definition_file);
    let (_, text) =
        file.ok_or_else(|| StartError(format!("{} is not in this binary", machine.definition_file)))?;
    let substituted =
        |text: String, (name, value): (&String, &String)| text.replace(&format!("${{{name}}}"), value);
    Ok(machine.substitutions.iter().fold((*text).to_owned(), substituted))
}
