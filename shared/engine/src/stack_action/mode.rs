//! The operation that follows from the mode of an action and the stack as it is.

use serde::{Deserialize, Serialize};

/// `ActionMode` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionMode {
    CreateUpdate,
    ReplaceOnFailure,
    DeleteOnly,
    ChangeSetReplace,
    ChangeSetExecute,
}

/// What CloudFormation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StackOperation {
    Create,
    Update,
    Delete,
    /// Deletes the stack and creates it anew.
    Replace,
    /// A change set for a stack that is not there yet.
    PrepareCreation,
    PrepareUpdate,
    Execute,
}

impl StackOperation {
    /// Whether a change set is made, and the stack stays as it is.
    pub fn is_of_change_set(self) -> bool {
        matches!(self, Self::PrepareCreation | Self::PrepareUpdate)
    }
}

impl ActionMode {
    /// In the words of the configuration, which the catalog compares without case.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word.to_ascii_uppercase().as_str() {
            "CREATE_UPDATE" => Self::CreateUpdate,
            "REPLACE_ON_FAILURE" => Self::ReplaceOnFailure,
            "DELETE_ONLY" => Self::DeleteOnly,
            "CHANGE_SET_REPLACE" => Self::ChangeSetReplace,
            "CHANGE_SET_EXECUTE" => Self::ChangeSetExecute,
            _ => return None,
        })
    }

    /// Whether it needs a template, and hands a role to CloudFormation.
    pub fn takes_template(self) -> bool {
        matches!(self, Self::CreateUpdate | Self::ReplaceOnFailure | Self::ChangeSetReplace)
    }

    pub fn takes_role(self) -> bool {
        self != Self::ChangeSetExecute
    }

    pub fn takes_change_set(self) -> bool {
        matches!(self, Self::ChangeSetReplace | Self::ChangeSetExecute)
    }
}

/// Out of which a stack comes only by being deleted, or by a person. CodePipeline's guide lists all but
/// ROLLBACK_COMPLETE, CloudFormation's lists that too, and such a stack can only be deleted.
const FAILED: &[&str] =
    &["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"];

/// `status`: of the stack, if there is one. `None` when there is nothing to do: a stack that is to be deleted is not
/// there.
pub fn first_operation(mode: ActionMode, status: Option<&str>) -> Option<StackOperation> {
    let status = status.filter(|status| *status != "DELETE_COMPLETE");
    // A change set was made for it, and it has no resources.
    let is_there = status.is_some_and(|status| status != "REVIEW_IN_PROGRESS");
    match (mode, status) {
        (ActionMode::DeleteOnly, None) => None,
        (ActionMode::DeleteOnly, Some(_)) => Some(StackOperation::Delete),
        (ActionMode::ChangeSetExecute, _) => Some(StackOperation::Execute),
        (ActionMode::ChangeSetReplace, _) if is_there => Some(StackOperation::PrepareUpdate),
        (ActionMode::ChangeSetReplace, _) => Some(StackOperation::PrepareCreation),
        (ActionMode::CreateUpdate | ActionMode::ReplaceOnFailure, None) => Some(StackOperation::Create),
        (ActionMode::ReplaceOnFailure, Some(status)) if FAILED.contains(&status) => {
            Some(StackOperation::Replace)
        }
        (ActionMode::CreateUpdate | ActionMode::ReplaceOnFailure, Some(_)) => Some(StackOperation::Update),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_and_a_stack_make_an_operation() {
        use StackOperation::{Create, Delete, Execute, PrepareCreation, PrepareUpdate, Replace, Update};
        for (mode, status, expected) in [
            ("CREATE_UPDATE", None, Some(Create)),
            ("create_update", Some("CREATE_COMPLETE"), Some(Update)),
            ("CREATE_UPDATE", Some("ROLLBACK_COMPLETE"), Some(Update)),
            ("REPLACE_ON_FAILURE", None, Some(Create)),
            ("REPLACE_ON_FAILURE", Some("UPDATE_COMPLETE"), Some(Update)),
            ("REPLACE_ON_FAILURE", Some("UPDATE_ROLLBACK_COMPLETE"), Some(Update)),
            ("REPLACE_ON_FAILURE", Some("ROLLBACK_COMPLETE"), Some(Replace)),
            ("REPLACE_ON_FAILURE", Some("DELETE_FAILED"), Some(Replace)),
            ("DELETE_ONLY", None, None),
            ("DELETE_ONLY", Some("DELETE_COMPLETE"), None),
            ("DELETE_ONLY", Some("CREATE_COMPLETE"), Some(Delete)),
            ("CHANGE_SET_REPLACE", None, Some(PrepareCreation)),
            ("CHANGE_SET_REPLACE", Some("REVIEW_IN_PROGRESS"), Some(PrepareCreation)),
            ("CHANGE_SET_REPLACE", Some("CREATE_COMPLETE"), Some(PrepareUpdate)),
            ("CHANGE_SET_EXECUTE", Some("REVIEW_IN_PROGRESS"), Some(Execute)),
        ] {
            let read = ActionMode::of(mode).unwrap();
            assert_eq!(first_operation(read, status), expected, "{mode} {status:?}");
        }
        assert_eq!(ActionMode::of("CREATE"), None);
    }
}
