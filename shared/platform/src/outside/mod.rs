//! Work at a provider: how a build or a function is started, and how work ended, which is asked when its
//! event arrives and by the sweep when the event is overdue.

mod alarm;
mod artifact_keys;
mod batch;
mod build_overrides;
mod caller_identity;
mod codebuild;
mod codedeploy;
mod deployment_targets;
mod deployment_window;
mod job_event;
mod job_report;
mod lambda;
mod machine;
mod named_artifacts;
mod notification;
mod stack;
mod start_batch;
mod start_build;
mod third_party;
mod worker;

use engine::decide::{ActionFinished, ActionOutcome, Event, EventKind};
use engine::execution::ActionStatus;

use crate::action::ActionJob;
use crate::store::{Companions, OutsideWork, Provider};
use crate::{Fault, Platform, StoreError};

pub use caller_identity::CallerIdentity;
pub use deployment_targets::{Target, TargetEvent};
pub use job_report::{JobReport, JobSuccess};
pub use notification::Notification;
pub use stack::{StackRequest, StackWork, Template};
pub use start_build::{BuildRequest, BuildVariable};
pub use third_party::ThirdPartyJob;
pub use worker::{Claimant, WorkerJob};

/// How long CodeBuild may take from the end of a batch's last build to the end of the batch, which no event tells.
/// It combines artifacts meanwhile; if that takes longer, the sweep asks.
const BATCH_PATIENCE_MS: u64 = 10_000;

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
        match &job.kept_work {
            Some(work) if work.provider == provider => Ok((work.clone(), true)),
            _ => self.keep_planned(job, self.plan_outside_work(job, provider)).await,
        }
    }

    pub(crate) fn plan_outside_work(&self, job: &ActionJob, provider: Provider) -> OutsideWork {
        let names = job.declaration.output_artifacts().iter().map(|artifact| &artifact.name);
        OutsideWork {
            action: job.action.clone(),
            provider,
            external_execution_id: None,
            output_artifacts: names.map(|name| self.artifacts.place(job.pipeline_name(), name)).collect(),
            started_at: self.clock.now(),
            invocation: None,
            task: None,
            window: None,
            alarm: None,
            stack: None,
            notification: None,
        }
    }

    async fn keep_planned(
        &self,
        job: &ActionJob,
        planned: OutsideWork,
    ) -> Result<(OutsideWork, bool), Fault> {
        let (work, is_new) = self.store.keep_outside_work(planned).await?;
        // An earlier run of the function may have started the work, and it may have ended and be forgotten
        // since: the action's end was committed before, so it is seen now.
        if is_new && !job.is_first_run && !self.is_in_progress(&work).await? {
            self.store.forget_outside_work(&work.action.action_execution_id).await?;
            return Err(Fault::conflict("the action has ended meanwhile"));
        }
        Ok((work, is_new))
    }

    /// A build has changed, says its event: asks CodeBuild how it is, and ends the action that it belongs to
    /// if it has ended, or if the batch has that it belongs to. Answers whether it is ours.
    pub async fn conclude_build(&self, build_id: &str) -> Result<bool, Fault> {
        let build = codebuild::describe(self, build_id).await?;
        let Some(action) = build.as_ref().and_then(codebuild::action_of) else { return Ok(false) };
        if let Some(batch_id) = build.as_ref().and_then(batch::batch_of) {
            let Some(work) = self.work_that_counts(action, batch_id).await? else { return Ok(true) };
            let batch = batch::settled(self, batch_id, BATCH_PATIENCE_MS).await?;
            self.end_if(&work, batch::outcome(self, batch.as_ref(), &work, batch_id).await?).await?;
            return Ok(true);
        }
        let Some(work) = self.work_that_counts(action, build_id).await? else { return Ok(true) };
        self.end_if(&work, codebuild::outcome(build.as_ref(), &work, build_id)).await?;
        Ok(true)
    }

    /// The same for a deployment.
    pub async fn conclude_deployment(&self, deployment_id: &str) -> Result<bool, Fault> {
        let deployment = codedeploy::describe(self, deployment_id).await?;
        let Some(action) = deployment.as_ref().and_then(codedeploy::action_of) else { return Ok(false) };
        let Some(work) = self.work_that_counts(action, deployment_id).await? else { return Ok(true) };
        self.end_if(&work, codedeploy::outcome(deployment.as_ref(), deployment_id)).await?;
        Ok(true)
    }

    /// Asks the provider about work whose event is overdue.
    pub async fn conclude(&self, work: &OutsideWork, external_execution_id: &str) -> Result<(), Fault> {
        let outcome = match work.provider {
            Provider::CodeBuild => {
                let build = codebuild::describe(self, external_execution_id).await?;
                codebuild::outcome(build.as_ref(), work, external_execution_id)
            }
            Provider::CodeBuildBatch => {
                let batch = batch::settled(self, external_execution_id, 0).await?;
                batch::outcome(self, batch.as_ref(), work, external_execution_id).await?
            }
            Provider::CodeDeploy => {
                let deployment = codedeploy::describe(self, external_execution_id).await?;
                codedeploy::outcome(deployment.as_ref(), external_execution_id)
            }
            Provider::Lambda => lambda::outcome(self, work).await?,
            Provider::DeploymentWindow => deployment_window::outcome(self, work),
            Provider::CloudWatchAlarm => alarm::outcome(self, work).await?,
            Provider::CloudFormation => stack::outcome(self, work, external_execution_id).await?,
            Provider::StepFunctions => machine::outcome(self, work, external_execution_id).await?,
            Provider::ApprovalNotification => return self.notify_again(work).await,
            // Nobody can be asked; if the job has no timeout, the action's own ends it.
            Provider::Worker => match worker::outcome(work, self.clock.now()) {
                None => return self.forget_if_ended(work).await,
                timed_out => timed_out,
            },
        };
        self.end_if(work, outcome).await
    }

    /// The work of an action execution that has not ended. Somebody may have repeated our build, with our
    /// variable and all; it is not the one that counts.
    async fn work_that_counts(
        &self,
        action_execution_id: &str,
        external_execution_id: &str,
    ) -> Result<Option<OutsideWork>, Fault> {
        let work = self.store.known_outside_work(action_execution_id).await?;
        let is_other = |id: &str| id != external_execution_id;
        Ok(work.filter(|work| !work.external_execution_id.as_deref().is_some_and(is_other)))
    }

    /// Forgets work of an action that has ended, which its provider may never have heard of: its function
    /// crashed in between, or the action was abandoned.
    pub async fn forget_if_ended(&self, work: &OutsideWork) -> Result<(), Fault> {
        match self.is_in_progress(work).await? {
            true => Ok(()),
            false => self.forget(work).await,
        }
    }

    async fn forget(&self, work: &OutsideWork) -> Result<(), Fault> {
        self.store.unlist_job(work).await?;
        self.store.forget_outside_work(&work.action.action_execution_id).await
    }

    async fn is_in_progress(&self, work: &OutsideWork) -> Result<bool, Fault> {
        let state = self.store.state(&work.action.key).await?;
        let action = state.as_ref().and_then(|state| state.action(&work.action));
        Ok(action.is_some_and(|action| action.status == ActionStatus::InProgress))
    }

    async fn end_if(&self, work: &OutsideWork, outcome: Option<ActionOutcome>) -> Result<(), Fault> {
        match outcome {
            Some(outcome) => self.end(work, outcome).await,
            None => Ok(()),
        }
    }

    async fn end(&self, work: &OutsideWork, outcome: ActionOutcome) -> Result<(), Fault> {
        let outcome = named_artifacts::told(self, work, outcome).await?;
        let finished = ActionFinished { action: work.action.clone(), outcome };
        let event = Event { key: work.action.key.clone(), kind: EventKind::ActionFinished(finished) };
        let id = &work.action.action_execution_id;
        let forgotten = Companions::WithChange(vec![self.store.forgets_outside_work(id)?]);
        match self.tell_with(&event, None, &forgotten).await {
            Ok(committed) if committed.is_written => {
                self.store.no_longer_remember_outside_work(id);
                // A poll that finds a job without work takes it out of the list, if this does not come to it.
                self.store.unlist_job(work).await
            }
            // Somebody else ended the action; nobody asks about its work any more.
            Ok(_) | Err(StoreError::Rejected(_)) => self.forget(work).await,
            Err(StoreError::Fault(fault)) => Err(fault),
        }
    }
}
