//! Jobs that workers poll for. A job is part of the outside work of its action; what is here is the list of those of
//! an action type, so that a poll reads no others. It is a hint: a job that is listed without work has ended.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::declaration::ActionTypeId;

use super::condition::was_refused;
use super::document::{encode, key_of};
use super::{OutsideWork, Store, keys};
use crate::Fault;

/// Of the work's item: how many steps its job has made.
const REVISION: &str = "jobRevision";

impl Store {
    /// Lists the job of `work`, which has to be kept already.
    pub(crate) async fn list_job(&self, work: &OutsideWork) -> Result<(), Fault> {
        let Some(key) = job_key(work) else { return Ok(()) };
        let request = self.client.put_item().table_name(&self.config.outbox_table);
        let request = request.set_item(Some(key_of(key)));
        request.send().await.map_err(|error| Fault::of_call("listing a job", error))?;
        Ok(())
    }

    /// Takes the job of `work` out of the list; work without one needs nothing.
    pub(crate) async fn unlist_job(&self, work: &OutsideWork) -> Result<(), Fault> {
        match job_key(work) {
            Some(key) => self.forget_job(key).await,
            None => Ok(()),
        }
    }

    /// The work of the jobs of an action type, by the start of their actions.
    pub(crate) async fn work_of_jobs(&self, id: &ActionTypeId) -> Result<Vec<OutsideWork>, Fault> {
        let partition = keys::jobs_partition(id);
        let mut all = Vec::new();
        for item in self.query(&self.config.outbox_table, &partition, "").await? {
            let Some(sk) = item.get("sk").and_then(|sk| sk.as_s().ok()) else { continue };
            let Some((_, action_execution_id)) = sk.split_once('#') else { continue };
            match self.outside_work(action_execution_id).await? {
                Some(work) => all.push(work),
                None => self.forget_job(keys::Key { pk: partition.clone(), sk: sk.clone() }).await?,
            }
        }
        Ok(all)
    }

    /// Writes the next step of a job. `false` if somebody else wrote one, or the work is forgotten.
    pub(crate) async fn advance_job(&self, after: &OutsideWork) -> Result<bool, Fault> {
        let revision = after.task.as_ref().map(|task| task.job.revision).unwrap_or_default();
        let number = |revision: u64| AttributeValue::N(revision.to_string());
        let request = self
            .client
            .put_item()
            .table_name(&self.config.outbox_table)
            .set_item(Some(key_of(keys::outside(&after.action.action_execution_id))))
            .item("work", encode("outside work", after)?)
            .item(REVISION, number(revision))
            // The first step finds the work as it was kept, without a count.
            .condition_expression(match revision {
                1 => "attribute_exists(pk) AND attribute_not_exists(jobRevision)",
                _ => "jobRevision = :before",
            });
        let request = match revision {
            1 => request,
            _ => request.expression_attribute_values(":before", number(revision.saturating_sub(1))),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if was_refused(&error) => Ok(false),
            Err(error) => Err(Fault::of_call("keeping a job", error)),
        }
    }

    async fn forget_job(&self, key: keys::Key) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.config.outbox_table);
        let request = request.set_key(Some(key_of(key)));
        request.send().await.map_err(|error| Fault::of_call("forgetting a job", error))?;
        Ok(())
    }
}

fn job_key(work: &OutsideWork) -> Option<keys::Key> {
    let task = work.task.as_ref()?;
    Some(keys::job(&task.job.action_type_id, work.started_at, &work.action.action_execution_id))
}
