//! Work at a provider: how a build or a function is started, and how work ended, which is asked when its
//! event arrives and by the sweep when the event is overdue.

mod codebuild;
mod codedeploy;
mod job_event;
mod job_report;
mod lambda;
mod start_build;

use engine::decide::{ActionFinished, ActionOutcome, Event, EventKind};
use engine::execution::ActionStatus;

use crate::action::ActionJob;
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform, StoreError};

pub use job_report::{JobReport, JobSuccess};
pub use start_build::{BuildRequest, BuildVariable};

/// Environment variable of a build that names the action execution it belongs to.
pub const ACTION_EXECUTION_VARIABLE: &str = "PIPEWRIGHT_ACTION_EXECUTION_ID";

impl Platform {
    /// Where a provider is to put what an action makes: decided once, before the provider is asked. And
    /// whether that was now; otherwise an earlier run of the function may have asked it.
    pub async fn keep_outside_work_of(
        &self,
        job: &ActionJob,
        provider: Provider,
    ) -> Result<(OutsideWork, bool), Fault> {
        self.keep_planned(self.plan_outside_work(job, provider)).await
    }

    fn plan_outside_work(&self, job: &ActionJob, provider: Provider) -> OutsideWork {
        let names = job.declaration.output_artifacts().iter().map(|artifact| &artifact.name);
        OutsideWork {
            action: job.action.clone(),
            provider,
            external_execution_id: None,
            output_artifacts: names.map(|name| self.artifacts.place(job.pipeline_name(), name)).collect(),
            started_at: self.clock.now(),
            invocation: None,
        }
    }

    async fn keep_planned(&self, planned: OutsideWork) -> Result<(OutsideWork, bool), Fault> {
        let (work, is_new) = self.store.keep_outside_work(planned).await?;
        // An earlier run of the function may have started the work, and it may have ended and be forgotten
        // since: the action's end was committed before, so it is seen now.
        if is_new && !self.is_in_progress(&work).await? {
            self.store.forget_outside_work(&work.action.action_execution_id).await?;
            return Err(Fault::conflict("the action has ended meanwhile"));
        }
        Ok((work, is_new))
    }

    /// Which of our action executions a build belongs to; `None` for a build that is not ours.
    pub async fn action_of_build(&self, build_id: &str) -> Result<Option<String>, Fault> {
        codebuild::action_of(self, build_id).await
    }

    /// Which of our action executions a deployment belongs to; `None` for one that is not ours.
    pub async fn action_of_deployment(&self, deployment_id: &str) -> Result<Option<String>, Fault> {
        codedeploy::action_of(self, deployment_id).await
    }

    /// Asks the provider how the work of an action execution is, and ends the action if it has ended.
    /// `external_execution_id` is the provider's id as its event gave it.
    pub async fn conclude(
        &self,
        action_execution_id: &str,
        external_execution_id: &str,
    ) -> Result<(), Fault> {
        let Some(work) = self.store.outside_work(action_execution_id).await? else { return Ok(()) };
        // Somebody may have repeated our build, with our variable and all; it is not the one that counts.
        if work.external_execution_id.as_deref().is_some_and(|id| id != external_execution_id) {
            return Ok(());
        }
        let outcome = match work.provider {
            Provider::CodeBuild => codebuild::outcome(self, &work, external_execution_id).await?,
            Provider::CodeDeploy => codedeploy::outcome(self, external_execution_id).await?,
            Provider::Lambda => lambda::outcome(self, &work).await?,
        };
        match outcome {
            Some(outcome) => self.end(&work, outcome).await,
            None => Ok(()),
        }
    }

    /// Forgets work of an action that has ended, which its provider may never have heard of: its function
    /// crashed in between, or the action was abandoned.
    pub async fn forget_if_ended(&self, work: &OutsideWork) -> Result<(), Fault> {
        match self.is_in_progress(work).await? {
            true => Ok(()),
            false => self.store.forget_outside_work(&work.action.action_execution_id).await,
        }
    }

    async fn is_in_progress(&self, work: &OutsideWork) -> Result<bool, Fault> {
        let state = self.store.state(&work.action.key).await?;
        let action = state.as_ref().and_then(|state| state.action(&work.action));
        Ok(action.is_some_and(|action| action.status == ActionStatus::InProgress))
    }

    async fn end(&self, work: &OutsideWork, outcome: ActionOutcome) -> Result<(), Fault> {
        let finished = ActionFinished { action: work.action.clone(), outcome };
        let event = Event { key: work.action.key.clone(), kind: EventKind::ActionFinished(finished) };
        match self.tell(&event).await {
            Ok(_) | Err(StoreError::Rejected(_)) => {
                self.store.forget_outside_work(&work.action.action_execution_id).await
            }
            Err(StoreError::Fault(fault)) => Err(fault),
        }
    }
}
