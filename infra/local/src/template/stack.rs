//! What the template describes, with every intrinsic function resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::events::{Pattern, Schedule};
use crate::permissions::Statement;

/// What CloudFormation knows from outside of the template.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub stack_name: String,
    pub account: Account,
    /// Values of the template's parameters where they differ from the defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where the HTTP API is reached; `None` where nobody reaches it.
    pub api_endpoint: Option<String>,
}

/// Whose resources these are; part of every ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub region: String,
}

impl Account {
    /// `resource` is all that follows the account: `table/orders`, `function:api`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }
}

/// Lists are in the order of the logical ids, so that the same template gives the same stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub name: String,
    pub account: Account,
    pub functions: Vec<Function>,
    pub state_machines: Vec<StateMachine>,
    pub tables: Vec<Table>,
    pub buckets: Vec<Bucket>,
    pub projects: Vec<Project>,
    pub rules: Vec<Rule>,
    pub schedules: Vec<ScheduledCall>,
    pub streams: Vec<StreamReader>,
    pub routes: Vec<Route>,
    pub secrets: Vec<Secret>,
}

impl Stack {
    /// The route of a request, as API Gateway chooses it: the one for exactly this method and path, one whose path has
    /// variables, or the one for everything that no other fits.
    pub fn route(&self, method: &str, path: &str) -> Option<&Route> {
        let with = |variables: bool| {
            self.routes.iter().find(move |route| {
                let found = route.key.path_parameters(method, path);
                found.is_some_and(|found| found.is_empty() != variables)
            })
        };
        let default = || self.routes.iter().find(|route| route.key == RouteKey::Default);
        with(false).or_else(|| with(true)).or_else(default)
    }
}

/// A Lambda function. Its logical id is also the access key id with which it calls AWS locally.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub logical_id: String,
    pub name: String,
    pub arn: String,
    /// The crate that it is built from.
    pub binary: String,
    pub environment: BTreeMap<String, String>,
    pub timeout_seconds: u64,
    pub memory_mb: u64,
    pub policies: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StateMachine {
    pub logical_id: String,
    pub name: String,
    pub arn: String,
    /// Relative to the template.
    pub definition_file: String,
    /// `${Key}` in the definition is replaced by the value.
    pub substitutions: BTreeMap<String, String>,
    pub policies: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub logical_id: String,
    pub name: String,
    pub partition_key: Key,
    pub sort_key: Option<Key>,
    pub indexes: Vec<Index>,
    /// The attribute with the second (since the epoch) at which DynamoDB deletes the item.
    pub time_to_live_attribute: Option<String>,
    /// Of its stream, if it has one.
    pub stream_arn: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub attribute: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A global secondary index that projects all attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub partition_key: Key,
    pub sort_key: Option<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub logical_id: String,
    pub name: String,
    pub is_versioned: bool,
}

/// A CodeBuild project.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    pub logical_id: String,
    pub name: String,
    pub arn: String,
    /// The input of CodeBuild's CreateProject that would create it.
    pub definition: Value,
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub key: RouteKey,
    /// The ARN of the function that is invoked with each request that fits.
    pub function: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteKey {
    /// A segment `{name}` of the path is a variable: it stands for whatever a request has there.
    Path { method: String, path: String },
    /// Whatever no other route fits.
    Default,
}

impl RouteKey {
    /// The values of the path's variables, as the request writes them; `None` if the request does not fit.
    pub fn path_parameters<'a>(&'a self, method: &str, path: &'a str) -> Option<BTreeMap<&'a str, &'a str>> {
        let Self::Path { method: its_method, path: its_path } = self else { return None };
        if its_method != method || its_path.split('/').count() != path.split('/').count() {
            return None;
        }
        let mut parameters = BTreeMap::new();
        for (its, given) in its_path.split('/').zip(path.split('/')) {
            match its.strip_prefix('{').and_then(|its| its.strip_suffix('}')) {
                Some(name) if !given.is_empty() => drop(parameters.insert(name, given)),
                None if its == given => {}
                _ => return None,
            }
        }
        Some(parameters)
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { method, path } => write!(f, "{method} {path}"),
            Self::Default => f.write_str("$default"),
        }
    }
}

/// A secret that is generated when the stack is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub logical_id: String,
    pub name: String,
    pub arn: String,
}

/// An EventBridge rule of the default bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub name: String,
    pub pattern: Pattern,
    /// The ARN of the function that is invoked with each event that matches.
    pub function: String,
}

/// An EventBridge schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledCall {
    pub name: String,
    pub schedule: Schedule,
    /// The ARN of the function that is invoked.
    pub function: String,
}

/// A function that reads the stream of a table: an event source mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamReader {
    pub name: String,
    pub stream_arn: String,
    /// The ARN of the function.
    pub function: String,
    /// Records that match one of these are read.
    pub filters: Vec<Pattern>,
    /// The attributes of items that the filters name.
    pub attributes: BTreeSet<String>,
    /// The most records of one invocation.
    pub batch_size: usize,
    /// How long records are gathered for one invocation.
    pub window_seconds: u64,
}
