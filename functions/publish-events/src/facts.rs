//! What declarations say of actions: their type, and where they run.

use std::collections::BTreeMap;

use engine::declaration::PipelineDeclaration;
use engine::events::{ActionFacts, StateChange, Subject};
use platform::{Fault, Platform};

/// Each version is read once for a batch.
pub(crate) struct Facts<'a> {
    platform: &'a Platform,
    /// `None` for one that is not there any more.
    declarations: BTreeMap<(String, u32), Option<PipelineDeclaration>>,
}

impl<'a> Facts<'a> {
    pub fn of(platform: &'a Platform) -> Self {
        Self { platform, declarations: BTreeMap::new() }
    }

    /// `None` for what tells of no action, and for one of a pipeline that was deleted since.
    pub async fn of_action(&mut self, change: &StateChange) -> Result<Option<ActionFacts>, Fault> {
        let Subject::Action { stage_index, action_name, .. } = &change.subject else { return Ok(None) };
        let key = (change.pipeline_name.clone(), change.version);
        let declaration = match self.declarations.entry(key) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(unknown) => {
                let (name, version) = unknown.key();
                let found = self.platform.store.pipeline_version(name, *version).await?;
                unknown.insert(found.map(|version| version.declaration))
            }
        };
        let stage = declaration.as_ref().and_then(|declaration| declaration.stages.get(*stage_index));
        let action = stage.and_then(|stage| stage.actions.iter().find(|action| action.name == *action_name));
        Ok(action.map(|action| ActionFacts {
            action_type: action.action_type_id.clone(),
            region: action.region.clone().unwrap_or_else(|| self.platform.config.region.clone()),
        }))
    }
}
