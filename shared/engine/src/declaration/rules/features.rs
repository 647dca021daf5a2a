//! What only V2 pipelines have, and pipeline variables.

use crate::declaration::{Circumstances, ExecutionMode, Path, PipelineDeclaration, PipelineType, Violation};

use super::stages::repeated;

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = Vec::new();
    if is_v1(pipeline, circumstances) {
        v2_only(pipeline, &mut violations);
    }
    for (index, _) in repeated(pipeline.variables().iter().map(|variable| variable.name.as_str())) {
        let name = &pipeline.variables()[index].name;
        violations.push(Violation::structure(
            Path::root().member("variables").item(index).member("name"),
            format!("Variable names must be unique. The following variable name is already in use: {name}"),
            "rename it, or remove one of the two",
        ));
    }
    violations
}

/// The model says that a V1 pipeline with V2 members becomes V2; the service refuses it, and so does this.
pub(super) fn is_v1(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> bool {
    pipeline.pipeline_type.unwrap_or(circumstances.default_pipeline_type) == PipelineType::V1
}

fn v2_only(pipeline: &PipelineDeclaration, violations: &mut Vec<Violation>) {
    let mut refuse = |member: &str, message: &str| {
        let help = format!("set `pipelineType` to `V2`, or remove `{member}`");
        violations.push(Violation::structure(Path::root().member(member), message, help).at_name());
    };
    if pipeline.execution_mode() != ExecutionMode::Superseded {
        refuse("executionMode", "QUEUED or PARALLEL mode can only be used with V2 pipelines");
    }
    if !pipeline.variables().is_empty() {
        refuse("variables", "Pipeline variable can only be used with V2 pipelines");
    }
    if !pipeline.triggers().is_empty() {
        refuse("triggers", "Triggers on tag can only be used with V2 pipelines");
    }
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let conditions = [
            ("beforeEntry", stage.before_entry.is_some()),
            ("onSuccess", stage.on_success.is_some()),
            ("onFailure", stage.on_failure.is_some()),
        ];
        for (member, _) in conditions.iter().filter(|(_, declared)| *declared) {
            violations.push(
                Violation::stage(
                    Path::stage(index).member(member),
                    "Stage level conditions can only be used with V2 pipelines.",
                    format!("set `pipelineType` to `V2`, or remove `{member}`"),
                )
                .at_name(),
            );
        }
    }
}
