//! The rules of pipelines that the service model does not state: one file per subject, each a function from
//! the declaration to the rules it breaks. Texts are those of the service where they are known from its answers.
//!
//! What CodePipeline does and Pipewright does not do yet is refused here by name, so that nothing of a
//! declaration is ignored silently.

mod action_types;
mod artifacts;
mod commands;
mod conditions;
mod configuration;
mod custom_actions;
mod features;
mod places;
mod regions;
mod rule_values;
mod stack_action;
mod stages;
mod triggers;
mod variables;

use super::{Circumstances, PipelineDeclaration, Violation};

/// So many errors are enough for one reading, and bound the work on a hostile document.
pub(in crate::declaration) const MAXIMUM_VIOLATIONS: usize = 1000;

/// Every rule that a declaration breaks, in the order in which the API looks for them: the pipeline as a
/// whole, its stages, its actions.
pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = features::broken(pipeline, circumstances);
    violations.extend(stages::broken(pipeline));
    if stages::too_many_actions(pipeline) {
        return violations;
    }
    violations.extend(regions::broken(pipeline, circumstances));
    violations.extend(conditions::broken(pipeline));
    violations.extend(rule_values::broken(pipeline));
    violations.extend(triggers::broken(pipeline));
    violations.extend(action_types::broken(pipeline, circumstances));
    violations.extend(configuration::broken(pipeline, circumstances));
    violations.extend(custom_actions::broken(pipeline, circumstances));
    violations.extend(commands::broken(pipeline, circumstances));
    violations.extend(artifacts::broken(pipeline, circumstances));
    violations.extend(variables::broken(pipeline));
    violations
}

#[cfg(test)]
mod tests;
