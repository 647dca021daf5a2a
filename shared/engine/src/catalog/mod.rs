//! Every action type and rule type of CodePipeline, as data, and which of them run here.
//!
//! One entry says what may be configured, how many artifacts go in and out, which variables come out, how
//! long it may take and which function runs it. Validation reads it, and so does whoever starts an action;
//! nothing about a provider is written down twice.

mod action_type;
mod build;
mod configuration;
mod custom;
mod deploy;
mod invoke;
mod lookup;
mod provided;
mod rules;
mod source;
mod url_templates;

pub use action_type::{ActionCategory, ActionOwner, ActionType, Count, OutputVariables};
pub use configuration::ConfigurationKey;
pub use custom::{
    ActionTypeSettings, ArtifactDetails, CUSTOM_ACTION_FUNCTION, CUSTOM_ACTION_TIMEOUT_MINUTES,
    CUSTOM_ACTION_TYPES_MAX, ConfigurationProperty, CustomActionType, PropertyType,
};
pub use lookup::{action_types, closest_action_type, find, find_rule, rule_types, runnable_action_types};
pub use provided::{
    CLIENT_ID, CLIENT_TOKEN, Executor, ExecutorConfiguration, ExecutorType, JobWorkerExecutor,
    LambdaExecutor, PROVIDED_ACTION_TYPES_MAX, Permissions, ProvidedActionType, ProvidedProperty, Urls,
};
pub use rules::RuleType;
pub use url_templates::{UrlTemplates, filled_in};

#[cfg(test)]
mod tests;
