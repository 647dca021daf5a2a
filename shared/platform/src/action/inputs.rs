//! What an action may read: the artifacts and variables of actions of its own execution that have ended.

use std::collections::BTreeMap;

use engine::decide::ArtifactLocation;
use engine::declaration::PipelineDeclaration;
use engine::execution::ActionStatus;

use crate::store::ActionRow;

/// The newest successful execution of each action, by stage and action name.
fn newest<'a>(
    rows: &'a [ActionRow],
    declaration: &'a PipelineDeclaration,
) -> BTreeMap<(usize, &'a str), &'a ActionRow> {
    let known = rows.iter().filter(|row| row.stage_index < declaration.stages.len());
    let succeeded = known.filter(|row| row.execution.status == ActionStatus::Succeeded);
    // Rows come by stage and start, so a later one takes the place of an earlier one.
    succeeded.map(|row| ((row.stage_index, row.execution.name.as_str()), row)).collect()
}

/// Every artifact that the execution has made, by its name.
pub(super) fn artifacts(
    rows: &[ActionRow],
    declaration: &PipelineDeclaration,
) -> BTreeMap<String, ArtifactLocation> {
    let rows = newest(rows, declaration).into_values();
    let made = rows.filter_map(|row| row.output.as_ref()).flat_map(|output| &output.artifacts);
    made.map(|artifact| (artifact.name.clone(), artifact.clone())).collect()
}

/// The output variables of every action that has a namespace, by namespace.
pub(super) fn namespaces(
    rows: &[ActionRow],
    declaration: &PipelineDeclaration,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let rows = newest(rows, declaration);
    let with_namespace = rows.into_iter().filter_map(|((stage, name), row)| {
        let action = declaration.stages.get(stage)?.actions.iter().find(|action| action.name == name)?;
        Some((action.namespace.clone()?, row.output.as_ref()?.variables.clone()))
    });
    with_namespace.collect()
}
