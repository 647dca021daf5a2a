//! What started an execution, as its `triggerDetail` says it: for one that the filters of a trigger let through, JSON
//! with what CodePipeline tells in `execution-trigger` of its events; else the ARN of the connection.

use serde::{Deserialize, Serialize};

use super::{GitChange, GitEvent};
use crate::execution::Trigger;

/// The `triggerType` of what a connection tells.
const WEBHOOK: &str = "WebhookV2";

/// Which part of a repository an execution is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerDetail {
    pub connection_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_repository_id: Option<String>,
    /// Of a pull request, the branch that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_id: Option<String>,
    /// The actions that take it.
    pub source_action_names: Vec<String>,
}

impl TriggerDetail {
    pub fn new(connection_arn: &str, event: &GitEvent, source_action_names: Vec<String>) -> Self {
        let (tag_name, pull_request_id) = match &event.change {
            GitChange::Branch { .. } => (None, None),
            GitChange::Tag { name, .. } => (Some(name.clone()), None),
            GitChange::PullRequest { id, .. } => (None, Some(id.clone())),
        };
        Self {
            connection_arn: connection_arn.to_owned(),
            full_repository_id: event.full_repository_id.clone(),
            branch_name: event.branch().map(str::to_owned),
            tag_name,
            pull_request_id,
            commit_id: event.commit().map(str::to_owned),
            source_action_names,
        }
    }

    pub fn to_trigger(&self) -> Trigger {
        let detail = serde_json::to_string(self).unwrap_or_default();
        Trigger { trigger_type: WEBHOOK.to_owned(), trigger_detail: detail }
    }

    /// The branch that an action takes in the place of its own, if a trigger says so.
    pub fn branch_of(trigger: &Trigger, action_name: &str) -> Option<String> {
        if trigger.trigger_type != WEBHOOK {
            return None;
        }
        let detail: Self = serde_json::from_str(&trigger.trigger_detail).ok()?;
        let is_meant = detail.source_action_names.iter().any(|name| name == action_name);
        detail.branch_name.filter(|_| is_meant)
    }
}

/// What a start by a push to the action's own branch has as its trigger.
pub fn trigger_of_connection(connection_arn: &str) -> Trigger {
    Trigger { trigger_type: WEBHOOK.to_owned(), trigger_detail: connection_arn.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::PullRequestEvent;

    #[test]
    fn the_branch_of_an_event_is_that_of_the_actions_that_take_it() {
        let event =
            |change| GitEvent { full_repository_id: Some("me/app".into()), change, changed_files: None };
        let branch = GitChange::Branch { name: "dev".into(), before: None, commit: "c".into() };
        let tag = GitChange::Tag { name: "v1".into(), commit: "c".into() };
        let request = GitChange::PullRequest {
            event: PullRequestEvent::Open,
            id: "7".into(),
            source_branch: "fix".into(),
            target_branch: "main".into(),
            commit: None,
        };
        for (change, expected) in [(branch, Some("dev")), (tag, None), (request, Some("fix"))] {
            let trigger = TriggerDetail::new("arn", &event(change), vec!["Get".into()]).to_trigger();
            assert_eq!(TriggerDetail::branch_of(&trigger, "Get").as_deref(), expected, "{trigger:?}");
            assert_eq!(TriggerDetail::branch_of(&trigger, "Other"), None);
            let by_hand = Trigger { trigger_type: "StartPipelineExecution".into(), ..trigger };
            assert_eq!(TriggerDetail::branch_of(&by_hand, "Get"), None);
        }
        assert_eq!(TriggerDetail::branch_of(&trigger_of_connection("arn"), "Get"), None);
    }
}
