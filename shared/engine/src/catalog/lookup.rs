//! Finding an entry, or the one that was probably meant.

use crate::declaration::{ActionTypeId, closest};

use super::{
    ActionType, RuleType, build::BUILD, deploy::DEPLOY, invoke::INVOKE, rules::RULES, source::SOURCE,
};

/// Every action type of CodePipeline, in the order of the categories.
pub fn action_types() -> impl Iterator<Item = &'static ActionType> {
    SOURCE.iter().chain(BUILD).chain(INVOKE).chain(DEPLOY)
}

/// Those that this build of Pipewright runs.
pub fn runnable_action_types() -> impl Iterator<Item = &'static ActionType> {
    action_types().filter(|entry| entry.is_runnable())
}

/// The entry of an action type.
pub fn find(id: &ActionTypeId) -> Option<&'static ActionType> {
    action_types().find(|entry| {
        entry.category.as_str() == id.category
            && entry.owner.as_str() == id.owner
            && entry.provider == id.provider
            && entry.version == id.version
    })
}

/// The entry that was probably meant by an id that `find` does not know: the same provider with another
/// category, owner or version, or a provider of the category with a similar name.
pub fn closest_action_type(id: &ActionTypeId) -> Option<&'static ActionType> {
    let same_provider = |entry: &&ActionType| entry.provider.eq_ignore_ascii_case(&id.provider);
    action_types()
        .find(|entry| same_provider(entry) && entry.category.as_str() == id.category)
        .or_else(|| action_types().find(same_provider))
        .or_else(|| {
            let of_category = || action_types().filter(|entry| entry.category.as_str() == id.category);
            let name = closest(&id.provider, of_category().map(|entry| entry.provider))?;
            of_category().find(|entry| entry.provider == name)
        })
}

/// Every rule type of CodePipeline.
pub fn rule_types() -> &'static [RuleType] {
    RULES
}

/// The rule type of a provider.
pub fn find_rule(provider: &str) -> Option<&'static RuleType> {
    RULES.iter().find(|rule| rule.provider == provider)
}
