//! Which permissions CodePipeline's operations need, and on what.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS CodePipeline".

use serde_json::Value;

use super::Permission;

/// What an action is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    /// An action without a resource: a policy that allows it names `*`.
    None,
    /// By the path of its name in the input.
    Pipeline(&'static [&'static str]),
    Stage,
    Action,
    /// Of the owner Custom, by members of the input.
    CustomActionType,
    /// By the path of its id in the input.
    ActionType(&'static [&'static str]),
    /// By the path of its name in the input.
    Webhook(&'static [&'static str]),
    EveryWebhook,
    /// The ARN is in the input.
    Tagged,
}

use Resource::{
    Action, ActionType, CustomActionType, EveryWebhook, None as Nothing, Pipeline, Stage, Tagged, Webhook,
};

const PIPELINE_NAME: Resource = Pipeline(&["pipelineName"]);
const NAME: Resource = Pipeline(&["name"]);
const DECLARED: Resource = Pipeline(&["pipeline", "name"]);

/// The operations of the service model, each with what its action is on.
const OPERATIONS: [(&str, &[Resource]); 44] = [
    ("AcknowledgeJob", &[Nothing]),
    ("AcknowledgeThirdPartyJob", &[Nothing]),
    ("CreateCustomActionType", &[CustomActionType]),
    ("CreatePipeline", &[DECLARED]),
    ("DeleteCustomActionType", &[CustomActionType]),
    ("DeletePipeline", &[NAME]),
    ("DeleteWebhook", &[Webhook(&["name"])]),
    ("DeregisterWebhookWithThirdParty", &[Webhook(&["webhookName"])]),
    ("DisableStageTransition", &[Stage]),
    ("EnableStageTransition", &[Stage]),
    ("GetActionType", &[Nothing]),
    ("GetJobDetails", &[Nothing]),
    ("GetPipeline", &[NAME]),
    ("GetPipelineExecution", &[PIPELINE_NAME]),
    ("GetPipelineState", &[NAME]),
    ("GetThirdPartyJobDetails", &[Nothing]),
    ("ListActionExecutions", &[PIPELINE_NAME]),
    ("ListActionTypes", &[Nothing]),
    ("ListDeployActionExecutionTargets", &[PIPELINE_NAME]),
    ("ListPipelineExecutions", &[PIPELINE_NAME]),
    ("ListPipelines", &[Nothing]),
    ("ListRuleExecutions", &[PIPELINE_NAME]),
    ("ListRuleTypes", &[Nothing]),
    ("ListTagsForResource", &[Tagged]),
    ("ListWebhooks", &[EveryWebhook]),
    ("OverrideStageCondition", &[Stage]),
    ("PollForJobs", &[ActionType(&["actionTypeId"])]),
    ("PollForThirdPartyJobs", &[Nothing]),
    ("PutActionRevision", &[Action]),
    ("PutApprovalResult", &[Action]),
    ("PutJobFailureResult", &[Nothing]),
    ("PutJobSuccessResult", &[Nothing]),
    ("PutThirdPartyJobFailureResult", &[Nothing]),
    ("PutThirdPartyJobSuccessResult", &[Nothing]),
    ("PutWebhook", &[Pipeline(&["webhook", "targetPipeline"]), Webhook(&["webhook", "name"])]),
    ("RegisterWebhookWithThirdParty", &[Webhook(&["webhookName"])]),
    ("RetryStageExecution", &[Stage]),
    ("RollbackStage", &[Stage]),
    ("StartPipelineExecution", &[NAME]),
    ("StopPipelineExecution", &[PIPELINE_NAME]),
    ("TagResource", &[Tagged]),
    ("UntagResource", &[Tagged]),
    ("UpdateActionType", &[ActionType(&["actionType", "id"])]),
    ("UpdatePipeline", &[DECLARED]),
];

/// Whether it is known what an operation needs.
pub fn needs(operation: &str) -> bool {
    OPERATIONS.iter().any(|(known, _)| *known == operation)
}

/// What a call needs, `arns` being what all ARNs of the account begin with: `arn:aws:codepipeline:<region>:<account>:`.
/// Nobody knows what an unknown operation needs: all of everything.
///
/// What an input does not name is `*`, which only a policy for all of them covers.
pub fn needed(operation: &str, input: &Value, arns: &str) -> Vec<Permission> {
    let action = |operation: &str| format!("codepipeline:{operation}");
    let Some((_, resources)) = OPERATIONS.iter().find(|(known, _)| *known == operation) else {
        return vec![Permission::new(action(operation), "*")];
    };
    let arns_of = |resource: &Resource| arn(*resource, input, arns);
    let mut needed: Vec<_> =
        resources.iter().map(|resource| Permission::new(action(operation), arns_of(resource))).collect();
    // Whoever gives tags to what they create needs the permission to.
    if matches!(operation, "CreatePipeline" | "CreateCustomActionType" | "PutWebhook") && has_tags(input) {
        let tagged = resources.last().map(arns_of).unwrap_or_default();
        needed.push(Permission::new(action("TagResource"), tagged));
    }
    needed
}

fn has_tags(input: &Value) -> bool {
    input["tags"].as_array().is_some_and(|tags| !tags.is_empty())
}

fn arn(resource: Resource, input: &Value, arns: &str) -> String {
    let text = |path: &[&str]| {
        let value = path.iter().fold(input, |value, member| &value[*member]);
        value.as_str().filter(|text| !text.is_empty()).unwrap_or("*").to_owned()
    };
    let type_of = |path: &[&str], owner: &str| {
        let part = |member: &str| text(&[path, &[member]].concat());
        let (category, provider, version) = (part("category"), part("provider"), part("version"));
        format!("{arns}actiontype:{owner}/{category}/{provider}/{version}")
    };
    match resource {
        Nothing => "*".to_owned(),
        Pipeline(path) => format!("{arns}{}", text(path)),
        Stage => format!("{arns}{}/{}", text(&["pipelineName"]), text(&["stageName"])),
        Action => {
            let (stage, action) = (text(&["stageName"]), text(&["actionName"]));
            format!("{arns}{}/{stage}/{action}", text(&["pipelineName"]))
        }
        CustomActionType => type_of(&[], "Custom"),
        ActionType(path) => type_of(path, &text(&[path, &["owner"]].concat())),
        Webhook(path) => format!("{arns}webhook:{}", text(path)),
        EveryWebhook => format!("{arns}webhook:*"),
        Tagged => text(&["resourceArn"]),
    }
}
