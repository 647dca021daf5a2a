//! Work that goes on outside (a build, a deployment, a Lambda function, a worker's job): kept from before it starts
//! until its action has ended, under the action execution's id, which the provider hands back to us.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use engine::condition_rules::{AlarmWatch, DeploymentWindow};
use engine::decide::ArtifactLocation;
use engine::execution::{ActionRef, Timestamp};
use engine::job::Job;
use serde::{Deserialize, Serialize};

use super::document::{encode, key_of, read_required};
use super::transact::write_of;
use super::{Store, keys};
use crate::Fault;
use crate::outside::{Notification, StackWork};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    CodeBuild,
    CodeBuildBatch,
    CodeDeploy,
    Lambda,
    /// Of the account's own, which polls for jobs.
    Worker,
    /// No provider: the rule waits for a time.
    DeploymentWindow,
    /// The rule looks at an alarm, which does not know of it.
    CloudWatchAlarm,
    CloudFormation,
    StepFunctions,
    /// No provider: a message that could not be published yet.
    ApprovalNotification,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutsideWork {
    pub action: ActionRef,
    pub provider: Provider,
    /// The provider's id, once it has given one.
    #[serde(default)]
    pub external_execution_id: Option<String>,
    /// Where the provider was told to put what it makes.
    pub output_artifacts: Vec<ArtifactLocation>,
    pub started_at: Timestamp,
    /// Of a Lambda function, which may have to be invoked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation: Option<Invocation>,
    /// Of a worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<WorkerTask>,
    /// Of a rule that waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<DeploymentWindow>,
    /// The same, for an alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<AlarmWatch>,
    /// Of an operation on a stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackWork>,
    /// Of an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification>,
}

/// What a Lambda function is invoked with, and when it was heard of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    pub function_name: String,
    /// `actionConfiguration` of the job.
    pub configuration: BTreeMap<String, String>,
    pub input_artifacts: Vec<ArtifactLocation>,
    /// What the function said when it was not finished; its next job has it.
    #[serde(default)]
    pub continuation_token: Option<String>,
    /// The function said so, and has not been invoked again yet.
    #[serde(default)]
    pub is_due: bool,
    /// When the function was invoked, or answered.
    pub heard_at: Timestamp,
    /// How long it may take for a job, if its provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// The job of a worker and what it is told with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerTask {
    pub job: Job,
    pub stage_name: String,
    /// `actionConfiguration` of the job.
    pub configuration: BTreeMap<String, String>,
    pub input_artifacts: Vec<ArtifactLocation>,
    /// The value of the queryable property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

impl Store {
    /// Keeps `work` unless this action execution has some already: a function that is started again has
    /// to ask the provider for the very same thing. Answers with what is kept, and whether it is new.
    pub async fn keep_outside_work(&self, work: OutsideWork) -> Result<(OutsideWork, bool), Fault> {
        let id = work.action.action_execution_id.clone();
        let put = self
            .client
            .put_item()
            .table_name(&self.config.outbox_table)
            .set_item(Some(key_of(keys::outside(&id))))
            .item("work", encode("outside work", &work)?)
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok((work, true)),
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok((self.outside_work(&id).await?.unwrap_or(work), false))
            }
            Err(error) => Err(Fault::of_call("keeping outside work", error)),
        }
    }

    /// Keeps new work with the start of its action.
    pub(crate) fn keeps_outside_work(&self, work: &OutsideWork) -> Result<TransactWriteItem, Fault> {
        write_of(self.put_work(work)?.condition_expression("attribute_not_exists(pk)"))
    }

    /// Work whose provider is heard of again. What has ended so fast that it is forgotten already stays so.
    pub async fn update_outside_work(&self, work: &OutsideWork) -> Result<(), Fault> {
        let id = &work.action.action_execution_id;
        let request = self.client.put_item().table_name(&self.config.outbox_table);
        let request =
            request.set_item(Some(key_of(keys::outside(id)))).item("work", encode("outside work", work)?);
        match request.condition_expression("attribute_exists(pk)").send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(Fault::of_call("keeping the id of outside work", error)),
        }
    }

    /// Keeps the provider's id, which is known now, with the action's progress. Work that has ended so fast
    /// that it is forgotten already stays so: its action has ended then, and makes no progress.
    pub(crate) fn updates_outside_work(&self, work: &OutsideWork) -> Result<TransactWriteItem, Fault> {
        write_of(self.put_work(work)?)
    }

    fn put_work(&self, work: &OutsideWork) -> Result<PutBuilder, Fault> {
        Ok(Put::builder()
            .table_name(&self.config.outbox_table)
            .set_item(Some(key_of(keys::outside(&work.action.action_execution_id))))
            .item("work", encode("outside work", work)?))
    }

    /// Forgets work with the end of its action.
    pub(crate) fn forgets_outside_work(&self, action_execution_id: &str) -> Result<TransactWriteItem, Fault> {
        let delete = Delete::builder()
            .table_name(&self.config.outbox_table)
            .set_key(Some(key_of(keys::outside(action_execution_id))))
            .build()
            .map_err(|error| Fault::corrupt(format!("a write is incomplete: {error}")))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// By the provider's id. Work is found by the action execution's id wherever that is known.
    pub async fn outside_work_called(
        &self,
        external_execution_id: &str,
    ) -> Result<Option<OutsideWork>, Fault> {
        let all = self.all_outside_work().await?;
        Ok(all.into_iter().find(|work| work.external_execution_id.as_deref() == Some(external_execution_id)))
    }

    /// Work that has not been concluded, as the store or this process knows it. Whoever ends it is told by the state
    /// whether it has ended already.
    pub(crate) async fn known_outside_work(
        &self,
        action_execution_id: &str,
    ) -> Result<Option<OutsideWork>, Fault> {
        match self.recent.work(action_execution_id) {
            Some(work) => Ok(Some(work)),
            None => self.outside_work(action_execution_id).await,
        }
    }

    /// What of it is in the store by now.
    pub(crate) fn remember_outside_work(&self, work: &OutsideWork) {
        self.recent.keep_work(work);
    }

    /// It is in the store no more.
    pub(crate) fn no_longer_remember_outside_work(&self, action_execution_id: &str) {
        self.recent.forget_work(action_execution_id);
    }

    pub async fn outside_work(&self, action_execution_id: &str) -> Result<Option<OutsideWork>, Fault> {
        let item = self.get(&self.config.outbox_table, keys::outside(action_execution_id)).await?;
        item.map(|item| read_required(&item, "work")).transpose()
    }

    /// All work that has not been concluded; what cannot be read must not hold up the rest.
    pub async fn all_outside_work(&self) -> Result<Vec<OutsideWork>, Fault> {
        let items = self.query(&self.config.outbox_table, keys::OUTSIDE, "").await?;
        let read = items.iter().filter_map(|item| match read_required(item, "work") {
            Ok(work) => Some(work),
            Err(fault) => {
                tracing::error!(key = ?item.get("sk"), %fault, "outside work that cannot be read is passed over");
                None
            }
        });
        Ok(read.collect())
    }

    pub async fn forget_outside_work(&self, action_execution_id: &str) -> Result<(), Fault> {
        self.recent.forget_work(action_execution_id);
        let request = self.client.delete_item().table_name(&self.config.outbox_table);
        let request = request.set_key(Some(key_of(keys::outside(action_execution_id))));
        request.send().await.map_err(|error| Fault::of_call("forgetting outside work", error))?;
        Ok(())
    }
}
