//! What is approved: the revisions, who started it, and what the declaration asks to look at.

use std::fmt::Write;

use aws_sdk_codepipeline::types::PipelineExecution;
use jiff::Timestamp;

use super::Approval;
use crate::execution::short;
use crate::terminal::Look;
use crate::text::{ago, first_line, harmless};

pub(super) fn render(
    pipeline: &str,
    approval: &Approval,
    execution: &PipelineExecution,
    look: Look,
    now: Timestamp,
) -> String {
    let mut text = String::new();
    let version =
        execution.pipeline_version().map(|version| format!(" version {version}")).unwrap_or_default();
    let asked =
        approval.since.as_ref().map(|since| format!(", asked {}", ago(since, now))).unwrap_or_default();
    let _ = writeln!(
        text,
        "{} of {pipeline}{version}, execution {}{asked}",
        look.bold(&format!("{} / {}", approval.stage, approval.action)),
        short(&approval.execution_id)
    );
    for line in approval.text.iter().flat_map(|text| text.lines()) {
        let _ = writeln!(text, "  {}", harmless(line, false));
    }
    if let Some(url) = &approval.url {
        let _ = writeln!(text, "  see {}", first_line(url));
    }
    for revision in execution.artifact_revisions() {
        let parts = [revision.revision_id(), revision.revision_summary(), revision.revision_url()];
        let parts: Vec<_> = parts.into_iter().flatten().map(first_line).collect();
        let _ = writeln!(text, "  {}: {}", first_line(revision.name().unwrap_or_default()), parts.join("  "));
    }
    for variable in execution.variables() {
        let (name, value) =
            (variable.name().unwrap_or_default(), variable.resolved_value().unwrap_or_default());
        let _ = writeln!(text, "  variable {} = {}", first_line(name), first_line(value));
    }
    if let Some(trigger) = execution.trigger() {
        let kind = trigger.trigger_type().map_or("", |kind| kind.as_str());
        let detail =
            trigger.trigger_detail().map(|detail| format!(" {}", first_line(detail))).unwrap_or_default();
        let _ = writeln!(text, "  started by {kind}{detail}");
    }
    text
}
