//! Actions that a worker does: it polls for their jobs, acknowledges one, works on it and reports it
//! ([`super::JobReport`]). Which step may follow which is in [`engine::job`].
//!
//! As with functions, the first job of an action has the action execution's id, and every further one an id of its
//! own.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::catalog::CustomActionType;
use engine::decide::{ActionOutcome, FailureType};
use engine::declaration::ActionTypeId;
use engine::execution::Timestamp;
use engine::job::{Job, JobStatus, check_query, is_asked_for, why_not_offered};
use serde_json::Value;

use super::artifact_keys::artifact_keys;
use super::job_event::job_data;
use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider, WorkerTask};
use crate::{Fault, Platform, StoreError, ids};

/// So many others may write a job between our look at it and our write.
const ATTEMPTS_MAX: u32 = 5;

/// A job as a worker is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerJob {
    pub id: String,
    pub nonce: String,
    /// The API's `JobData`.
    pub data: Value,
}

/// Who says that a job is theirs.
#[derive(Debug, Clone, Copy)]
pub enum Claimant<'a> {
    /// A worker or a function of the account.
    Account,
    /// A worker of a provider, with the token of the client that the job is of.
    Client(&'a str),
}

impl Platform {
    /// Makes a job of an action, for a worker to come, or for the function that a provider named.
    ///
    /// # Errors
    /// What the user can mend fails the action; everything else is a fault, and is tried again.
    pub async fn offer_job(&self, job: &ActionJob) -> Result<ActionResult, Fault> {
        let id = &job.declaration.action_type_id;
        let provided = self.store.provided_action_type(id).await?;
        let provided = provided.filter(|provided| provided.is_allowed_in(&self.config.account_id));
        let found = match &provided {
            Some(provided) => Some(provided.as_listed()),
            None => self.store.custom_action_type(id).await?,
        };
        if let Some(problem) = why_not_offered(id, found.as_ref(), &job.configuration) {
            return Ok(ActionResult::failed(FailureType::ConfigurationError, problem));
        }
        let timeout_seconds = provided.as_ref().and_then(|provided| provided.executor.job_timeout);
        if let Some(function_arn) = provided.as_ref().and_then(|provided| provided.function_arn()) {
            return self.start_invocation(job, function_arn, timeout_seconds).await;
        }
        let queryable = found.as_ref().and_then(CustomActionType::queryable);
        let planned = OutsideWork {
            external_execution_id: Some(job.action.action_execution_id.clone()),
            task: Some(WorkerTask {
                asked_by: queryable.and_then(|property| job.configuration.get(&property.name)).cloned(),
                job: Job::queued(id.clone(), timeout_seconds, self.clock.now()),
                stage_name: job.stage_name.clone(),
                configuration: job.configuration.clone(),
                input_artifacts: job.input_artifacts.clone(),
            }),
            ..self.plan_outside_work(job, Provider::Worker)
        };
        let (work, _) = self.keep_planned(job, planned).await?;
        self.store.list_job(&work).await?;
        Ok(ActionResult::InProgress {
            external_execution_id: job_id(&work),
            external_execution_url: None,
            summary: None,
            work: None,
        })
    }

    /// Gives out jobs of a custom action type, the oldest first: each to one worker.
    ///
    /// # Errors
    /// `ActionTypeNotFound`; `Validation` for a query that does not name the queryable property.
    pub async fn dispatch_jobs(
        &self,
        id: &ActionTypeId,
        query: &BTreeMap<String, String>,
        jobs_max: usize,
    ) -> Result<Vec<WorkerJob>, StoreError> {
        let action_type = self.store.custom_action_type(id).await?.ok_or_else(|| {
            Rejection::ActionTypeNotFound(format!(
                "There is no custom action type of category '{}', provider '{}' and version '{}'.",
                id.category, id.provider, id.version
            ))
        })?;
        check_query(&action_type, query)?;
        let mut jobs = Vec::new();
        for given in self.dispatch_up_to(id, query, jobs_max).await? {
            jobs.push(self.described(&given).await?);
        }
        Ok(jobs)
    }

    pub(super) async fn dispatch_up_to(
        &self,
        id: &ActionTypeId,
        query: &BTreeMap<String, String>,
        jobs_max: usize,
    ) -> Result<Vec<OutsideWork>, Fault> {
        let asked_by = query.values().next().map(String::as_str);
        let mut dispatched = Vec::new();
        for listed in self.store.listed_jobs(id, asked_by).await? {
            if dispatched.len() == jobs_max {
                break;
            }
            if let Some(work) = self.store.work_of_job(listed).await? {
                dispatched.extend(self.dispatch(&work, query).await?);
            }
        }
        Ok(dispatched)
    }

    /// `None` if the job is not asked for, is not due, or somebody else was faster.
    async fn dispatch(
        &self,
        work: &OutsideWork,
        query: &BTreeMap<String, String>,
    ) -> Result<Option<OutsideWork>, Fault> {
        let asked_for = work.task.as_ref().filter(|task| is_asked_for(&task.configuration, query));
        let dispatched = asked_for.and_then(|task| task.job.dispatched(ids::uuid(), self.clock.now()));
        let Some(job) = dispatched else { return Ok(None) };
        if !self.is_in_progress(work).await? {
            self.forget(work).await?;
            return Ok(None);
        }
        self.advance(work, job).await
    }

    /// A worker has the job. Answers how the job is then.
    ///
    /// # Errors
    /// `JobNotFound`, `InvalidClientToken`, `InvalidNonce`
    pub async fn acknowledge_job(
        &self,
        job_id: &str,
        claimant: Claimant<'_>,
        nonce: &str,
    ) -> Result<JobStatus, StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            let (work, task) = self.current_task(job_id, claimant).await?;
            let after = task.job.acknowledged(nonce)?;
            let status = after.status;
            if after == task.job || self.advance(&work, after).await?.is_some() {
                return Ok(status);
            }
        }
        Err(Fault::conflict(format!("others kept writing the job {job_id}")).into())
    }

    /// The job again, with new keys for its artifacts.
    ///
    /// # Errors
    /// `JobNotFound`, `InvalidClientToken`
    pub async fn job_details(&self, job_id: &str, claimant: Claimant<'_>) -> Result<WorkerJob, StoreError> {
        let (work, _) = self.current_task(job_id, claimant).await?;
        Ok(self.described(&work).await?)
    }

    /// The work of a worker's job that is not over.
    async fn current_task(
        &self,
        job_id: &str,
        claimant: Claimant<'_>,
    ) -> Result<(OutsideWork, WorkerTask), StoreError> {
        let work = self.work_of_job(job_id, claimant).await?;
        let is_current = work.external_execution_id.as_deref() == Some(job_id);
        match work.task.clone() {
            Some(task)
                if is_current
                    && !task.job.is_timed_out(self.clock.now())
                    && self.is_in_progress(&work).await? =>
            {
                Ok((work, task))
            }
            _ => {
                let message = format!("No job with the ID {job_id} that a worker polls for is in progress.");
                Err(Rejection::JobNotFound(message).into())
            }
        }
    }

    /// The job of a worker that was not finished comes again, with an id of its own.
    pub(super) async fn continue_task(
        &self,
        work: &OutsideWork,
        task: &WorkerTask,
        token: String,
    ) -> Result<OutsideWork, StoreError> {
        let next = OutsideWork { external_execution_id: Some(ids::uuid()), ..work.clone() };
        let advanced = self.advance(&next, task.job.continued(token, self.clock.now())).await?;
        advanced.ok_or_else(|| {
            Rejection::InvalidJobState("The job was reported by somebody else meanwhile.".to_owned()).into()
        })
    }

    /// The work with `job` in it, if nobody else has written it since.
    async fn advance(&self, work: &OutsideWork, job: Job) -> Result<Option<OutsideWork>, Fault> {
        let Some(task) = work.task.clone() else { return Ok(None) };
        let after = OutsideWork { task: Some(WorkerTask { job, ..task }), ..work.clone() };
        Ok(self.store.advance_job(&after).await?.then_some(after))
    }

    async fn described(&self, work: &OutsideWork) -> Result<WorkerJob, Fault> {
        let Some(task) = &work.task else {
            return Err(Fault::corrupt("a worker's work does not say which job"));
        };
        let (id, outputs) = (job_id(work), &work.output_artifacts);
        // Nothing needs no keys.
        let keys = match task.input_artifacts.is_empty() && outputs.is_empty() {
            true => None,
            false => Some(artifact_keys(self, &id, &task.input_artifacts, outputs).await?),
        };
        let data = job_data(&self.config, work, task, keys);
        Ok(WorkerJob { id, nonce: task.job.nonce.clone().unwrap_or_default(), data })
    }
}

/// The time of a worker's job may be over. The account's own have none.
pub(super) fn outcome(work: &OutsideWork, now: Timestamp) -> Option<ActionOutcome> {
    let job = &work.task.as_ref()?.job;
    let seconds = job.timeout_seconds.filter(|_| job.is_timed_out(now))?;
    let message = format!(
        "No worker of the provider {} has reported the job within {seconds} seconds, its jobTimeout.",
        job.action_type_id.provider
    );
    Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, message })
}

pub(super) fn job_id(work: &OutsideWork) -> String {
    work.external_execution_id.clone().unwrap_or_else(|| work.action.action_execution_id.clone())
}
