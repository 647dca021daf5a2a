//! What a client was told survives a power cut: before it is told, the database and the workflows that run are
//! brought to the disk. What nobody was told of (the artifacts of steps in between, workflows that have ended) only
//! has to survive the end of the process, and follows when nothing more is written, or after ten seconds.

use std::time::Duration;

/// So long nothing is written before what nobody waits for is brought to the disk.
pub(super) const QUIET: Duration = Duration::from_secs(1);

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
