//! Walking a declaration with the place of every action at hand.

use crate::declaration::{ActionDeclaration, Path, PipelineDeclaration, StageDeclaration};

/// An action and where it is declared.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub stage_index: usize,
    pub action_index: usize,
    pub stage: &'a StageDeclaration,
    pub action: &'a ActionDeclaration,
}

impl Placed<'_> {
    pub fn path(&self) -> Path {
        Path::action(self.stage_index, self.action_index)
    }

    /// When the action runs: stages in order, then `runOrder`. Equal turns run in parallel.
    pub fn turn(&self) -> (usize, u32) {
        (self.stage_index, self.action.run_order())
    }
}

/// Every action of a pipeline, as declared.
pub(super) fn actions(pipeline: &PipelineDeclaration) -> impl Iterator<Item = Placed<'_>> {
    pipeline.stages.iter().enumerate().flat_map(|(stage_index, stage)| {
        stage.actions.iter().enumerate().map(move |(action_index, action)| Placed {
            stage_index,
            action_index,
            stage,
            action,
        })
    })
}
