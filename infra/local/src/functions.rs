//! Every function of template.yaml, by its binary. A test demands that this list, the template's and the
//! folders in `functions/` are the same.

use std::collections::BTreeMap;

use platform::action::{action, action_outside};
use platform::function::{Function, boxed};

/// What the process can invoke.
pub fn functions() -> BTreeMap<&'static str, Function> {
    BTreeMap::from([
        ("advance-execution", boxed(advance_execution::handle)),
        ("api", boxed(api::handle)),
        ("approval-manual", action(approval_manual::handle)),
        ("build-codebuild", action_outside(build_codebuild::work, build_codebuild::handle)),
        ("compute-commands", action_outside(compute_commands::work, compute_commands::handle)),
        ("custom-job", action(custom_job::handle)),
        ("deploy-cloudformation", action(deploy_cloudformation::handle)),
        ("deploy-codedeploy", action_outside(deploy_codedeploy::work, deploy_codedeploy::handle)),
        ("deploy-s3", action(deploy_s3::handle)),
        ("dispatch-effects", boxed(dispatch_effects::handle)),
        ("invoke-codepipeline", action(invoke_codepipeline::handle)),
        ("invoke-lambda", action(invoke_lambda::handle)),
        ("invoke-stepfunctions", action_outside(invoke_stepfunctions::work, invoke_stepfunctions::handle)),
        ("provider-events", boxed(provider_events::handle)),
        ("publish-events", boxed(publish_events::handle)),
        ("rule-cloudwatchalarm", action(rule_cloudwatchalarm::handle)),
        ("rule-deploymentwindow", action(rule_deploymentwindow::handle)),
        ("rule-variablecheck", action(rule_variablecheck::handle)),
        ("source-git", action(source_git::handle)),
        ("source-s3", action(source_s3::handle)),
        ("trigger-schedule", boxed(trigger_schedule::handle)),
        ("trigger-source-change", boxed(trigger_source_change::handle)),
        ("trigger-webhook", boxed(trigger_webhook::handle)),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::stack;

    #[test]
    fn functions_are_the_same_here_in_the_template_and_in_the_folder() {
        let here: BTreeSet<_> = functions().keys().map(|name| (*name).to_owned()).collect();
        let template = stack::template(&stack::Place::default()).expect("the template is read");
        let in_template: BTreeSet<_> = template.functions.iter().map(|f| f.binary.clone()).collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions");
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        let in_folder: BTreeSet<_> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(here, in_template);
        assert_eq!(here, in_folder);
    }
}
