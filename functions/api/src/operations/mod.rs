//! One file per operation. The list below is the only one: it dispatches, and it tells what there is.

mod acknowledge_job;
mod acknowledge_third_party_job;
mod create_custom_action_type;
mod create_pipeline;
mod declared;
mod delete_custom_action_type;
mod delete_pipeline;
mod delete_webhook;
mod deregister_webhook_with_third_party;
mod disable_stage_transition;
mod enable_stage_transition;
mod get_action_type;
mod get_job_details;
mod get_pipeline;
mod get_pipeline_execution;
mod get_pipeline_state;
mod get_third_party_job_details;
mod list_action_executions;
mod list_action_types;
mod list_deploy_action_execution_targets;
mod list_pipeline_executions;
mod list_pipelines;
mod list_rule_executions;
mod list_rule_types;
mod list_tags_for_resource;
mod list_webhooks;
mod override_stage_condition;
mod poll_for_jobs;
mod poll_for_third_party_jobs;
mod put_action_revision;
mod put_approval_result;
mod put_job_failure_result;
mod put_job_success_result;
mod put_third_party_job_failure_result;
mod put_third_party_job_success_result;
mod put_webhook;
mod register_webhook_with_third_party;
mod retry_stage_execution;
mod rollback_stage;
mod start_pipeline_execution;
mod stop_pipeline_execution;
mod tag_resource;
mod untag_resource;
mod update_action_type;
mod update_pipeline;

use futures::future::BoxFuture;
use platform::{Platform, StoreError};
use serde_json::Value;

use crate::Request;

macro_rules! operations {
    ($($name:literal => $module:ident,)*) => {
        /// The operations that are answered.
        pub fn names() -> &'static [&'static str] {
            &[$($name),*]
        }

        /// `None` for an operation that is not answered.
        pub(crate) async fn call(
            platform: &Platform,
            request: &Request,
        ) -> Option<Result<Value, StoreError>> {
            Some(begun(platform, request)?.await)
        }

        /// Each in a function and a box of its own: a function that awaits all of them has room for all of them on its
        /// stack, a third of a megabyte when nothing is optimized.
        fn begun<'a>(
            platform: &'a Platform,
            request: &'a Request,
        ) -> Option<BoxFuture<'a, Result<Value, StoreError>>> {
            $(
                fn $module<'a>(
                    platform: &'a Platform,
                    request: &'a Request,
                ) -> BoxFuture<'a, Result<Value, StoreError>> {
                    Box::pin($module::call(platform, request))
                }
            )*
            Some(match request.operation.as_str() {
                $($name => $module(platform, request),)*
                _ => return None,
            })
        }

        /// The members of an operation's input.
        #[cfg(test)]
        pub(crate) fn members(operation: &str) -> &'static [engine::declaration::schema::Member] {
            match operation {
                $($name => $module::MEMBERS,)*
                _ => &[],
            }
        }
    };
}

operations! {
    "AcknowledgeJob" => acknowledge_job,
    "AcknowledgeThirdPartyJob" => acknowledge_third_party_job,
    "CreateCustomActionType" => create_custom_action_type,
    "CreatePipeline" => create_pipeline,
    "DeleteCustomActionType" => delete_custom_action_type,
    "DeletePipeline" => delete_pipeline,
    "DeleteWebhook" => delete_webhook,
    "DeregisterWebhookWithThirdParty" => deregister_webhook_with_third_party,
    "DisableStageTransition" => disable_stage_transition,
    "EnableStageTransition" => enable_stage_transition,
    "GetActionType" => get_action_type,
    "GetJobDetails" => get_job_details,
    "GetPipeline" => get_pipeline,
    "GetPipelineExecution" => get_pipeline_execution,
    "GetPipelineState" => get_pipeline_state,
    "GetThirdPartyJobDetails" => get_third_party_job_details,
    "ListActionExecutions" => list_action_executions,
    "ListActionTypes" => list_action_types,
    "ListDeployActionExecutionTargets" => list_deploy_action_execution_targets,
    "ListPipelineExecutions" => list_pipeline_executions,
    "ListPipelines" => list_pipelines,
    "ListRuleExecutions" => list_rule_executions,
    "ListRuleTypes" => list_rule_types,
    "ListTagsForResource" => list_tags_for_resource,
    "ListWebhooks" => list_webhooks,
    "OverrideStageCondition" => override_stage_condition,
    "PollForJobs" => poll_for_jobs,
    "PollForThirdPartyJobs" => poll_for_third_party_jobs,
    "PutActionRevision" => put_action_revision,
    "PutApprovalResult" => put_approval_result,
    "PutJobFailureResult" => put_job_failure_result,
    "PutJobSuccessResult" => put_job_success_result,
    "PutThirdPartyJobFailureResult" => put_third_party_job_failure_result,
    "PutThirdPartyJobSuccessResult" => put_third_party_job_success_result,
    "PutWebhook" => put_webhook,
    "RegisterWebhookWithThirdParty" => register_webhook_with_third_party,
    "RetryStageExecution" => retry_stage_execution,
    "RollbackStage" => rollback_stage,
    "StartPipelineExecution" => start_pipeline_execution,
    "StopPipelineExecution" => stop_pipeline_execution,
    "TagResource" => tag_resource,
    "UntagResource" => untag_resource,
    "UpdateActionType" => update_action_type,
    "UpdatePipeline" => update_pipeline,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first column of the table in docs/api.md.
    fn documented() -> Vec<&'static str> {
        let rows =
            include_str!("../../../../docs/api.md").lines().filter_map(|line| line.strip_prefix("| `"));
        rows.filter_map(|row| Some(row.split_once('`')?.0)).collect()
    }

    #[test]
    fn docs_api_md_has_a_row_for_each_operation_that_is_answered() {
        assert_eq!(documented(), names());
    }

    /// Of `codepipeline/2015-07-09`; that each is one of them is for the real clients to find out.
    #[test]
    fn all_44_operations_of_the_model_are_answered() {
        let mut all = names().to_vec();
        all.dedup();
        assert_eq!((all.len(), all.is_sorted()), (44, true));
    }
}
