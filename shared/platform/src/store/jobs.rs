//! Jobs that workers poll for. A job is part of the outside work of its action; what is here is the list of those of
//! an action type. It says when each may be given out, and to whom, so that a poll reads none that it cannot give: many
//! jobs may be worked on while workers ask for more. A job that is listed without work has ended.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use engine::declaration::ActionTypeId;
use engine::execution::Timestamp;
use engine::job::JobStatus;

use super::document::{Item, encode, key_of, number};
use super::transact::{was_refused, write_of};
use super::{OutsideWork, Store, WorkerTask, keys};
use crate::Fault;

/// Of the work's item: how many steps its job has made.
const REVISION: &str = "jobRevision";
/// Of a listed job: when it may be given out; missing in what older versions listed, and while it is worked on.
const DUE_AT: &str = "dueAt";
/// Of a listed job: somebody works on it.
const IN_PROGRESS: &str = "inProgress";
/// Of a listed job: the value that workers ask for it by.
const ASKED_BY: &str = "askedBy";

/// A job in the list of its action type.
pub(crate) struct ListedJob {
    key: keys::Key,
    action_execution_id: String,
}

impl Store {
    /// Lists the job of `work`, which has to be kept already.
    pub(crate) async fn list_job(&self, work: &OutsideWork) -> Result<(), Fault> {
        let Some(item) = listed(work) else { return Ok(()) };
        let request = self.client.put_item().table_name(&self.config.outbox_table);
        let request = request.set_item(Some(item));
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

    /// The jobs of an action type that may be given out now, by the start of their actions; with `asked_by`, those that
    /// workers ask for by this value. Of a job that an older version listed, its work has to tell.
    pub(crate) async fn listed_jobs(
        &self,
        id: &ActionTypeId,
        asked_by: Option<&str>,
    ) -> Result<Vec<ListedJob>, Fault> {
        let (partition, now) = (keys::jobs_partition(id), self.clock.now());
        let items = self.query(&self.config.outbox_table, &partition, "").await?;
        let due = items.iter().filter(|item| may_be_given(item, asked_by, now));
        let jobs = due.filter_map(|item| {
            let sk = item.get("sk")?.as_s().ok()?;
            let (_, action_execution_id) = sk.split_once('#')?;
            let key = keys::Key { pk: partition.clone(), sk: sk.clone() };
            Some(ListedJob { key, action_execution_id: action_execution_id.to_owned() })
        });
        Ok(jobs.collect())
    }

    /// The work of a listed job. One without work has ended, and is listed no more.
    pub(crate) async fn work_of_job(&self, listed: ListedJob) -> Result<Option<OutsideWork>, Fault> {
        let work = self.outside_work(&listed.action_execution_id).await?;
        if work.is_none() {
            self.forget_job(listed.key).await?;
        }
        Ok(work)
    }

    /// Writes the next step of a job. `false` if somebody else wrote one, or the work is forgotten.
    pub(crate) async fn advance_job(&self, after: &OutsideWork) -> Result<bool, Fault> {
        let Some(item) = listed(after) else { return Ok(false) };
        let revision = after.task.as_ref().map(|task| task.job.revision).unwrap_or_default();
        let number = |revision: u64| AttributeValue::N(revision.to_string());
        let table = &self.config.outbox_table;
        let work = Put::builder()
            .table_name(table)
            .set_item(Some(key_of(keys::outside(&after.action.action_execution_id))))
            .item("work", encode("outside work", after)?)
            .item(REVISION, number(revision))
            // The first step finds the work as it was kept, without a count.
            .condition_expression(match revision {
                1 => "attribute_exists(pk) AND attribute_not_exists(jobRevision)",
                _ => "jobRevision = :before",
            });
        let work = match revision {
            1 => work,
            _ => work.expression_attribute_values(":before", number(revision.saturating_sub(1))),
        };
        let listed = Put::builder().table_name(table).set_item(Some(item));
        let writes = vec![write_of(work)?, write_of(listed)?];
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
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

/// The job of `work` in the list; `None` for work without one.
fn listed(work: &OutsideWork) -> Option<Item> {
    let WorkerTask { job, asked_by, .. } = work.task.as_ref()?;
    let mut item = key_of(job_key(work)?);
    if let Some(asked_by) = asked_by {
        item.insert(ASKED_BY.to_owned(), AttributeValue::S(asked_by.clone()));
    }
    match job.status {
        JobStatus::InProgress => item.insert(IN_PROGRESS.to_owned(), AttributeValue::Bool(true)),
        JobStatus::Queued | JobStatus::Dispatched => {
            item.insert(DUE_AT.to_owned(), AttributeValue::N(job.due_at.0.to_string()))
        }
    };
    Some(item)
}

fn may_be_given(item: &Item, asked_by: Option<&str>, now: Timestamp) -> bool {
    let is_due = number(item, DUE_AT).is_none_or(|due_at| i64::try_from(due_at).is_ok_and(|at| at <= now.0));
    let listed = item.get(ASKED_BY).and_then(|value| value.as_s().ok());
    let is_asked_for = asked_by.zip(listed).is_none_or(|(asked_by, listed)| asked_by == listed);
    is_due && is_asked_for && !item.contains_key(IN_PROGRESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_reads_jobs_that_are_due_and_asked_for_and_those_of_which_nobody_knows() {
        let item = |attributes: &[(&str, AttributeValue)]| -> Item {
            attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let due = |at: i64| (DUE_AT, AttributeValue::N(at.to_string()));
        let by = |value: &str| (ASKED_BY, AttributeValue::S(value.to_owned()));
        for (listed, asked_by, expected) in [
            (item(&[]), Some("shop"), true),
            (item(&[due(100)]), None, true),
            (item(&[due(101)]), None, false),
            (item(&[due(100), by("shop")]), Some("shop"), true),
            (item(&[due(100), by("shop")]), Some("app"), false),
            (item(&[by("shop"), (IN_PROGRESS, AttributeValue::Bool(true))]), Some("shop"), false),
        ] {
            assert_eq!(may_be_given(&listed, asked_by, Timestamp(100)), expected, "{listed:?} {asked_by:?}");
        }
    }
}
