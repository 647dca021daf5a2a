//! What becomes of an action when the job of its Lambda function or worker is reported: PutJobSuccessResult and
//! PutJobFailureResult of the API.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::decide::{
    ActionOutcome, ActionOutput, ActionProgressed, ActionRevision, Event, EventKind, FailureType,
};

use super::third_party;
use super::worker::Claimant;
use crate::store::{Invocation, OutsideWork, Provider};
use crate::{Fault, Platform, StoreError};

#[derive(Debug, Clone, PartialEq)]
pub enum JobReport {
    Succeeded(JobSuccess),
    Failed {
        failure_type: FailureType,
        message: String,
        /// What whoever did the work calls it.
        external_execution_id: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobSuccess {
    /// The job is not finished: its function is invoked again, or its worker given another job, with this.
    pub continuation_token: Option<String>,
    pub output_variables: BTreeMap<String, String>,
    pub summary: Option<String>,
    pub external_execution_id: Option<String>,
    /// 0 to 100.
    pub percent_complete: Option<u8>,
    /// Of what the action works on.
    pub current_revision: Option<ActionRevision>,
}

impl Platform {
    /// # Errors
    /// `JobNotFound`, `InvalidClientToken`, `InvalidJobState` for a job that is over (reported already, out of time, or
    /// of an action that has ended), and for one of a worker that nobody acknowledged.
    pub async fn report_job(
        &self,
        job_id: &str,
        claimant: Claimant<'_>,
        report: JobReport,
    ) -> Result<(), StoreError> {
        let work = self.work_of_job(job_id, claimant).await?;
        let is_timed_out = work.task.as_ref().is_some_and(|task| task.job.is_timed_out(self.clock.now()));
        let is_current = work.external_execution_id.as_deref() == Some(job_id);
        let is_answered = work.invocation.as_ref().is_some_and(|invocation| invocation.is_due);
        if !is_current || is_answered || is_timed_out || !self.is_in_progress(&work).await? {
            let message = format!(
                "The job {job_id} is over: it was reported before, its time is up, or its action has ended."
            );
            return Err(Rejection::InvalidJobState(message).into());
        }
        if let Some(task) = &work.task {
            task.job.may_be_reported()?;
        }
        match report {
            JobReport::Failed { failure_type, message, external_execution_id } => {
                if let Some(id) = external_execution_id {
                    self.progress(&work, id, JobSuccess::default()).await?;
                }
                Ok(self.end(&work, ActionOutcome::Failed { failure_type, message }).await?)
            }
            JobReport::Succeeded(success) if success.continuation_token.is_some() => {
                self.go_on_later(work, job_id, success).await
            }
            JobReport::Succeeded(success) => Ok(self.end(&work, outcome(&work, job_id, success)).await?),
        }
    }

    pub(super) async fn work_of_job(
        &self,
        job_id: &str,
        claimant: Claimant<'_>,
    ) -> Result<OutsideWork, StoreError> {
        let first = self.store.outside_work(job_id).await?;
        let work = match first {
            Some(work) => Some(work),
            None => self.store.outside_work_called(job_id).await?,
        };
        let has_jobs = |work: &OutsideWork| matches!(work.provider, Provider::Lambda | Provider::Worker);
        // What belongs to a provider is none of the account's, and the reverse.
        let is_theirs = |work: &OutsideWork| {
            let is_third_party = work.task.as_ref().is_some_and(|task| task.job.is_third_party());
            has_jobs(work) && is_third_party == matches!(claimant, Claimant::Client(_))
        };
        let work = work
            .filter(is_theirs)
            .ok_or_else(|| Rejection::JobNotFound(format!("No job with the ID {job_id} is in progress.")))?;
        third_party::check_client(&work, claimant)?;
        Ok(work)
    }

    async fn continue_invocation(&self, work: OutsideWork, token: String) -> Result<OutsideWork, StoreError> {
        let Some(invocation) = work.invocation.clone() else {
            return Err(Fault::corrupt("a function's work does not say which function").into());
        };
        let invocation = Invocation {
            continuation_token: Some(token),
            is_due: true,
            heard_at: self.clock.now(),
            ..invocation
        };
        let later = OutsideWork { invocation: Some(invocation), ..work };
        self.store.update_outside_work(&later).await?;
        Ok(later)
    }

    /// This job is over; that of a function gets an id when the function is invoked again.
    async fn go_on_later(
        &self,
        work: OutsideWork,
        job_id: &str,
        success: JobSuccess,
    ) -> Result<(), StoreError> {
        let token = success.continuation_token.clone().unwrap_or_default();
        let later = match &work.task {
            Some(task) => self.continue_task(&work, task, token).await?,
            None => self.continue_invocation(work, token).await?,
        };
        let id = success.external_execution_id.clone().unwrap_or_else(|| job_id.to_owned());
        self.progress(&later, id, JobSuccess { continuation_token: None, ..success }).await
    }

    /// Tells how far the work is. That of an action that has ended meanwhile needs no telling.
    async fn progress(
        &self,
        work: &OutsideWork,
        external_execution_id: String,
        success: JobSuccess,
    ) -> Result<(), StoreError> {
        let progressed = ActionProgressed {
            action: work.action.clone(),
            external_execution_id,
            external_execution_url: None,
            summary: success.summary,
            percent_complete: success.percent_complete,
        };
        let kind = EventKind::ActionProgressed(progressed);
        match self.tell(&Event { key: work.action.key.clone(), kind }).await {
            Ok(_) | Err(StoreError::Rejected(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

fn outcome(work: &OutsideWork, job_id: &str, success: JobSuccess) -> ActionOutcome {
    ActionOutcome::Succeeded(ActionOutput {
        variables: success.output_variables,
        artifacts: work.output_artifacts.clone(),
        external_execution_id: Some(success.external_execution_id.unwrap_or_else(|| job_id.to_owned())),
        summary: success.summary,
        current_revision: success.current_revision.map(Box::new),
        ..ActionOutput::default()
    })
}
