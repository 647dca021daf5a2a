//! How an operation on a stack has ended, by the stack's status.

use super::mode::StackOperation;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationEnd {
    Succeeded,
    Failed,
}

/// `None` while it goes on. A rollback is waited for, as is the removal of what an update has replaced.
pub fn end_of(operation: StackOperation, status: &str) -> Option<OperationEnd> {
    let is_deletion = operation == StackOperation::Delete;
    match status {
        "DELETE_COMPLETE" if is_deletion => Some(OperationEnd::Succeeded),
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" if !is_deletion => {
            Some(OperationEnd::Succeeded)
        }
        "DELETE_COMPLETE" => Some(OperationEnd::Failed),
        status if status.ends_with("_FAILED") || status.ends_with("ROLLBACK_COMPLETE") => {
            Some(OperationEnd::Failed)
        }
        _ => None,
    }
}

/// UpdateStack's refusal of an update that changes nothing, which is what was wanted.
pub fn is_no_update(message: &str) -> bool {
    message.contains("No updates are to be performed")
}

/// The same of a change set, by the reason of its status FAILED.
pub fn has_no_changes(reason: &str) -> bool {
    is_no_update(reason) || reason.contains("The submitted information didn't contain changes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_an_end_or_the_operation_goes_on() {
        use OperationEnd::{Failed, Succeeded};
        use StackOperation::{Create, Delete, Execute, Update};
        for (operation, status, expected) in [
            (Create, "CREATE_IN_PROGRESS", None),
            (Create, "CREATE_COMPLETE", Some(Succeeded)),
            (Create, "ROLLBACK_IN_PROGRESS", None),
            (Create, "ROLLBACK_COMPLETE", Some(Failed)),
            (Create, "ROLLBACK_FAILED", Some(Failed)),
            (Create, "CREATE_FAILED", Some(Failed)),
            (Create, "DELETE_COMPLETE", Some(Failed)),
            (Update, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None),
            (Update, "UPDATE_COMPLETE", Some(Succeeded)),
            (Update, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None),
            (Update, "UPDATE_ROLLBACK_COMPLETE", Some(Failed)),
            (Update, "UPDATE_ROLLBACK_FAILED", Some(Failed)),
            (Execute, "REVIEW_IN_PROGRESS", None),
            (Execute, "IMPORT_COMPLETE", Some(Succeeded)),
            (Execute, "IMPORT_ROLLBACK_COMPLETE", Some(Failed)),
            (Delete, "DELETE_IN_PROGRESS", None),
            (Delete, "DELETE_COMPLETE", Some(Succeeded)),
            (Delete, "DELETE_FAILED", Some(Failed)),
            (Delete, "UPDATE_COMPLETE", None),
        ] {
            assert_eq!(end_of(operation, status), expected, "{operation:?} {status}");
        }
    }

    #[test]
    fn nothing_to_change_is_told_by_the_words_of_cloudformation() {
        for (reason, expected) in [
            ("No updates are to be performed.", true),
            (
                "The submitted information didn't contain changes. Submit different information to create a change set.",
                true,
            ),
            ("Template error: unresolved dependencies", false),
        ] {
            assert_eq!(has_no_changes(reason), expected, "{reason}");
        }
    }
}
