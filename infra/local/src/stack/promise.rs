//! What a client was told survives a power cut: before it is told, everything that was written is brought to
//! the disk. What nobody was told of yet only has to survive the end of the process, and follows within a
//! second.

use std::time::Duration;

/// What nobody waits for is on the disk after this time, and a little more.
pub(super) const SETTLED_BEHIND: Duration = Duration::from_secs(1);

/// How operations that change nothing begin; their answers wait for no disk.
const READS: [&str; 7] = ["BatchGet", "Describe", "Filter", "Get", "List", "Query", "Scan"];

pub(crate) fn only_reads(operation: &str) -> bool {
    READS.iter().any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_that_change_something_wait_for_the_disk() {
        for (operation, expected) in [
            ("GetPipelineState", true),
            ("ListPipelines", true),
            ("BatchGetBuilds", true),
            ("StartPipelineExecution", false),
            ("PutApprovalResult", false),
            ("DisableStageTransition", false),
            ("CreatePipeline", false),
            ("TransactWriteItems", false),
        ] {
            assert_eq!(only_reads(operation), expected, "{operation}");
        }
    }
}
