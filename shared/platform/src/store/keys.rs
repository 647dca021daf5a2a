//! Every key of every table. All tables have the partition key `pk` and the sort key `sk`.
//!
//! Pipelines table
//!
//! | pk | sk | item |
//! | --- | --- | --- |
//! | `PIPELINE#<name>` | `HEAD` | current version, times, tags; tags that were changed are an attribute of their own |
//! | `PIPELINE#<name>` | `VERSION#<10 digits>` | a declaration; never changed |
//! | `PIPELINE#<name>` | `STATE` | the engine's state of the pipeline, and what its last write has changed |
//! | `PIPELINE#<name>` | `STATE#<execution id>` | the state of one PARALLEL execution; expires after its end |
//! | `PIPELINE#<name>` | `REQUEST#<clientRequestToken>` | the execution that it started |
//! | `PIPELINE#<name>` | `DELETED` | how many executions the deleted pipeline of this name had, until there is a new one |
//! | `PIPELINES` | `<name>` | the list of all pipelines |
//! | `CONNECTIONS` | `<arn>` | where a source connection leads |
//! | `CONNECTIONS` | `<arn>#<revision>` | where one revision of it is |
//! | `CUSTOM_ACTION_TYPES` | `<category>#<provider>#<version>` | an action type that the account created, tags, whether it was deleted |
//! | `WEBHOOKS` | `<name>` | a webhook with its secret, the random part of its URL, tags, what became of its last request |
//! | `PROVIDED_ACTION_TYPES` | `<category>#<provider>#<version>` | an action type of the owner ThirdParty |
//! | `ROLES` | `<name>` | the policy of a role, in the place of the service's own |
//! | `WATCH#<SHA-256 of a source>` | `<pipeline name>` | the pipeline's actions that wait for changes of the source |
//!
//! Executions table
//!
//! | pk | sk | item |
//! | --- | --- | --- |
//! | `PIPELINE#<name>` | `EXECUTION#<12 digits>` | an execution, by the order of starts |
//! | `EXECUTION#<id>` | `EXECUTION` | where that is |
//! | `EXECUTION#<id>` | `STAGE#<2 digits>` | its passage through a stage |
//! | `EXECUTION#<id>` | `ACTION#<2 digits>#<15 digits>#<id>` | an action execution, by stage and start |
//! | `DEPLOYMENT#<action execution id>` | `ACTION` | the action that a deployment of CodeDeploy is of |
//! | `EXECUTION#<id>` | `RULE#<2 digits>#<15 digits>#<id>` | a rule's execution, likewise |
//! | `APPROVAL#<token>` | `ACTION` | the action that an approval token belongs to |
//! | `TRIGGER_EVENTS` | `<15 digits>#<id>` | what a source told, by the time of it, and what it started; for thirty days |
//! | `DELIVERIES` | `<SHA-256>` | a request of a host that was taken; for five days |
//!
//! Outbox table: `OUTBOX`, `<15 digits>#<idempotency key>`: an effect that is still to be delivered, by
//! the time of its commit. `OUTSIDE`, `<action execution id>`: work at a provider that has not ended.
//! `JOBS#<category>#<provider>#<version>`, `<15 digits>#<action execution id>`: of that work, the jobs of a custom
//! action type, by the start of their actions; `THIRD_PARTY_JOBS#…` for one of the owner ThirdParty.

use engine::declaration::{ActionTypeId, WatchedSource};
use engine::execution::{PipelineExecutionId, StateKey, Timestamp};

use crate::{Fault, artifacts};

/// A partition key and a sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

fn key(pk: impl Into<String>, sk: impl Into<String>) -> Key {
    Key { pk: pk.into(), sk: sk.into() }
}

pub fn pipeline_partition(name: &str) -> String {
    format!("PIPELINE#{name}")
}

pub fn head(name: &str) -> Key {
    key(pipeline_partition(name), "HEAD")
}

pub fn version(name: &str, version: u32) -> Key {
    key(pipeline_partition(name), format!("VERSION#{version:010}"))
}

pub fn state(state: &StateKey) -> Key {
    let sk = match &state.parallel_execution {
        None => "STATE".to_owned(),
        Some(id) => format!("STATE#{id}"),
    };
    key(pipeline_partition(&state.pipeline_name), sk)
}

pub fn client_request(name: &str, token: &str) -> Key {
    key(pipeline_partition(name), format!("REQUEST#{token}"))
}

pub fn deleted(name: &str) -> Key {
    key(pipeline_partition(name), "DELETED")
}

pub const PIPELINE_LIST: &str = "PIPELINES";

pub fn pipeline_list_entry(name: &str) -> Key {
    key(PIPELINE_LIST, name)
}

pub const CONNECTION_LIST: &str = "CONNECTIONS";

pub fn connection(arn: &str, revision: Option<&str>) -> Key {
    let sk = match revision {
        Some(revision) => format!("{arn}#{revision}"),
        None => arn.to_owned(),
    };
    key(CONNECTION_LIST, sk)
}

pub const CUSTOM_ACTION_TYPES: &str = "CUSTOM_ACTION_TYPES";

pub fn custom_action_type(id: &ActionTypeId) -> Key {
    key(CUSTOM_ACTION_TYPES, within_owner(id))
}

pub const PROVIDED_ACTION_TYPES: &str = "PROVIDED_ACTION_TYPES";

pub fn provided_action_type(id: &ActionTypeId) -> Key {
    key(PROVIDED_ACTION_TYPES, within_owner(id))
}

fn within_owner(id: &ActionTypeId) -> String {
    format!("{}#{}#{}", id.category, id.provider, id.version)
}

pub const WEBHOOKS: &str = "WEBHOOKS";

pub fn webhook(name: &str) -> Key {
    key(WEBHOOKS, name)
}

pub const ROLES: &str = "ROLES";

pub fn role(name: &str) -> Key {
    key(ROLES, name)
}

/// Names of branches and objects are longer than a key may be, so the source itself is in the item.
pub fn watch_partition(source: &WatchedSource) -> Result<String, Fault> {
    let source = serde_json::to_vec(source);
    let source = source.map_err(|error| Fault::corrupt(format!("a watched source: {error}")))?;
    Ok(format!("WATCH#{}", artifacts::sha256(&source)))
}

pub fn watch(source: &WatchedSource, pipeline_name: &str) -> Result<Key, Fault> {
    Ok(key(watch_partition(source)?, pipeline_name))
}

pub const EXECUTION_PREFIX: &str = "EXECUTION#";

pub fn execution(name: &str, sequence: u64) -> Key {
    key(pipeline_partition(name), format!("{EXECUTION_PREFIX}{sequence:012}"))
}

/// The highest number that a key has room for.
pub const EXECUTION_SEQUENCE_MAX: u64 = 999_999_999_999;

pub fn execution_partition(id: &PipelineExecutionId) -> String {
    format!("EXECUTION#{id}")
}

pub fn execution_pointer(id: &PipelineExecutionId) -> Key {
    key(execution_partition(id), "EXECUTION")
}

pub fn stage(id: &PipelineExecutionId, stage_index: usize) -> Key {
    key(execution_partition(id), format!("STAGE#{stage_index:02}"))
}

pub const ACTION_PREFIX: &str = "ACTION#";

pub fn action(id: &PipelineExecutionId, stage_index: usize, started_at: Timestamp, action_id: &str) -> Key {
    let started = started_at.0;
    key(execution_partition(id), format!("{}{started:015}#{action_id}", actions_of_stage(stage_index)))
}

pub const RULE_PREFIX: &str = "RULE#";

pub fn rule(id: &PipelineExecutionId, stage_index: usize, started_at: Timestamp, rule_id: &str) -> Key {
    let started = started_at.0;
    key(execution_partition(id), format!("{RULE_PREFIX}{stage_index:02}#{started:015}#{rule_id}"))
}

/// What the sort keys of a stage's action executions begin with.
pub fn actions_of_stage(stage_index: usize) -> String {
    format!("{ACTION_PREFIX}{stage_index:02}#")
}

pub fn deployment(action_execution_id: &str) -> Key {
    key(format!("DEPLOYMENT#{action_execution_id}"), "ACTION")
}

pub fn approval(token: &str) -> Key {
    key(format!("APPROVAL#{token}"), "ACTION")
}

pub const TRIGGER_EVENTS: &str = "TRIGGER_EVENTS";

/// Ids of others have any length, and a key has not.
pub fn trigger_event(told_at: Timestamp, id: &str) -> Key {
    let id: String = id.chars().take(128).collect();
    key(TRIGGER_EVENTS, format!("{:015}#{id}", told_at.0))
}

pub const DELIVERIES: &str = "DELIVERIES";

/// What tells a request from others may be long.
pub fn delivery(connection_arn: &str, id: &str) -> Key {
    key(DELIVERIES, artifacts::sha256(format!("{connection_arn} {id}").as_bytes()))
}

pub const OUTSIDE: &str = "OUTSIDE";

pub fn outside(action_execution_id: &str) -> Key {
    key(OUTSIDE, action_execution_id)
}

pub fn jobs_partition(id: &ActionTypeId) -> String {
    let kind = if id.owner == "ThirdParty" { "THIRD_PARTY_JOBS" } else { "JOBS" };
    format!("{kind}#{}", within_owner(id))
}

pub fn job(id: &ActionTypeId, started_at: Timestamp, action_execution_id: &str) -> Key {
    key(jobs_partition(id), format!("{:015}#{action_execution_id}", started_at.0))
}

pub const OUTBOX: &str = "OUTBOX";

pub fn outbox(committed_at: Timestamp, idempotency_key: &str) -> Key {
    key(OUTBOX, format!("{:015}#{idempotency_key}", committed_at.0))
}
