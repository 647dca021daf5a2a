//! Which action a deployment is of: who asks for its targets names nothing but the action execution.

use aws_sdk_dynamodb::types::TransactWriteItem;
use engine::execution::ActionRef;

use super::document::read_required;
use super::history::HISTORY_SECONDS;
use super::{OutsideWork, Provider, Store, keys};
use crate::Fault;

impl Store {
    /// Remembers the action of a deployment as long as its history; other work is found with its pipeline.
    pub(crate) fn remembers_deployment(
        &self,
        work: &OutsideWork,
    ) -> Result<Option<TransactWriteItem>, Fault> {
        if work.provider != Provider::CodeDeploy {
            return Ok(None);
        }
        let expires = work.started_at.0 / 1000 + HISTORY_SECONDS;
        let key = keys::deployment(&work.action.action_execution_id);
        Ok(Some(self.put_row(key, "action", &work.action, expires)?))
    }

    /// The action whose execution is a deployment.
    pub async fn deployment_action(&self, action_execution_id: &str) -> Result<Option<ActionRef>, Fault> {
        let item = self.get(&self.config.executions_table, keys::deployment(action_execution_id)).await?;
        item.map(|item| read_required(&item, "action")).transpose()
    }
}
