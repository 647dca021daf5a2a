//! Delivery of committed effects, at least once: at once by whoever committed, later by the sweep.

use aws_sdk_sfn::error::SdkError;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::operation::stop_execution::StopExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use engine::Rejection;
use engine::decide::{Effect, Event};
use engine::execution::{PipelineState, StageInput, StageRef, WorkflowStatus, group_items};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::store::{Committed, Companions, Pending, PipelineHead, PipelineVersion, Stored};
use crate::{Fault, Platform, StoreError};

impl Platform {
    /// Decides on `event`, commits, and delivers the effects. What cannot be delivered now stays in the
    /// outbox for the sweep: the event itself has taken place.
    pub async fn tell(&self, event: &Event) -> Result<Committed, StoreError> {
        self.tell_with(event, None, &Companions::None).await
    }

    /// The same, beginning with the state that the caller has `seen`, and with `companions` in the same
    /// transaction.
    pub(crate) async fn tell_with(
        &self,
        event: &Event,
        seen: Option<Stored>,
        companions: &Companions,
    ) -> Result<Committed, StoreError> {
        let committed = self.store.transact_with(event, seen, companions).await?;
        self.deliver_all(&committed.pending).await;
        Ok(committed)
    }

    /// Creates a pipeline; `first` starts its first execution.
    ///
    /// # Errors
    /// `PipelineNameInUse` when there is a pipeline of this name.
    pub async fn create_pipeline(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
        state: &PipelineState,
        first: Option<&Event>,
    ) -> Result<(), StoreError> {
        let committed = self.store.create_pipeline(head, version, state, first).await?;
        self.deliver_all(&committed.pending).await;
        Ok(())
    }

    /// Deletes a pipeline, if there is one of this name, and ends what runs of it.
    ///
    /// # Errors
    /// A fault; `Conflict` when others kept writing.
    pub async fn delete_pipeline(&self, name: &str) -> Result<(), StoreError> {
        let Some(deleted) = self.store.delete_pipeline(name).await? else { return Ok(()) };
        self.deliver_all(&deleted.pending).await;
        if let Err(fault) = self.store.delete_versions(&deleted.head).await {
            tracing::warn!(pipeline = name, %fault, "versions of a deleted pipeline are left");
        }
        Ok(())
    }

    /// Writes the next version of a pipeline and tells its state.
    ///
    /// # Errors
    /// `Conflict` when somebody else updated the pipeline meanwhile.
    pub async fn update_pipeline(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
        updated: &Event,
    ) -> Result<Committed, StoreError> {
        let committed = self.store.update_pipeline(head, version, updated).await?;
        self.deliver_all(&committed.pending).await;
        Ok(committed)
    }

    async fn deliver_all(&self, pending: &[Pending]) {
        let mut delivered = Vec::new();
        for pending in pending {
            match self.carry_out(&pending.effect).await {
                Ok(()) => delivered.push(pending),
                Err(fault) => {
                    tracing::warn!(effect = pending.effect.idempotency_key(), %fault, "left in the outbox for the sweep");
                }
            }
        }
        if let Err(fault) = self.store.forget(&delivered).await {
            tracing::warn!(%fault, "effects that were delivered are left in the outbox");
        }
    }

    /// Delivers an effect and takes it out of the outbox.
    pub async fn deliver(&self, pending: &Pending) -> Result<(), Fault> {
        self.carry_out(&pending.effect).await?;
        self.store.forget(&[pending]).await
    }

    fn carry_out<'a>(&'a self, effect: &'a Effect) -> BoxFuture<'a, Result<(), Fault>> {
        async move {
            match effect {
                Effect::StartStateMachine { name, input } => self.start_workflow(name, input).await,
                Effect::StopStateMachine { name, cause } => self.stop_workflow(name, cause).await,
                Effect::CompleteTask { task_token, outcome, .. } => {
                    let output = serde_json::to_string(outcome).map_err(|e| Fault::corrupt(e.to_string()))?;
                    self.complete_task(task_token, &output).await
                }
                Effect::Raise(event) => self.raise(event).await,
            }
        }
        .boxed()
    }

    /// A rejection by the other state is an answer: asking again would not change it. A PARALLEL execution
    /// that is not there yet is about to be admitted by another effect; this one stays in the outbox.
    async fn raise(&self, event: &Event) -> Result<(), Fault> {
        match self.tell(event).await {
            Ok(_) => Ok(()),
            Err(StoreError::Rejected(Rejection::PipelineExecutionNotFound(message))) => {
                Err(Fault::unavailable(message))
            }
            Err(StoreError::Rejected(Rejection::PipelineNotFound(_)))
                if let Some(told) = event.when_the_pipeline_is_gone() =>
            {
                Box::pin(self.raise(&told)).await
            }
            Err(StoreError::Rejected(rejection)) => {
                tracing::warn!(event = event.identity(), %rejection, "a raised event was refused");
                Ok(())
            }
            Err(StoreError::Fault(fault)) => Err(fault),
        }
    }

    /// A workflow of this name that is there already is the one that was to be started.
    async fn start_workflow(&self, name: &str, input: &StageInput) -> Result<(), Fault> {
        let input = serde_json::to_string(&self.with_function_names(input.clone()));
        let request = self
            .stepfunctions
            .start_execution()
            .state_machine_arn(&self.config.stage_execution_state_machine_arn)
            .name(name)
            .input(input.map_err(|e| Fault::corrupt(e.to_string()))?);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, StartExecutionError::is_execution_already_exists) => Ok(()),
            Err(error) => Err(Fault::of_call("starting a stage's state machine", error)),
        }
    }

    /// The group that has begun after that of `after`, if this process knows of it.
    pub fn recent_group_after(&self, after: &StageRef) -> Option<StageInput> {
        let recent = self.store.recent_state(&after.key)?;
        Some(group_items(&recent.state, after)).filter(|next| !next.actions.is_empty())
    }

    /// The engine names functions by their folder; AWS calls them by their ARN.
    pub fn with_function_names(&self, mut input: StageInput) -> StageInput {
        for item in &mut input.actions {
            item.function_name = format!("{}{}", self.config.function_arn_prefix, item.function_name);
        }
        input
    }

    /// Stops a workflow; one that has ended, or never was, needs nothing.
    pub async fn stop_workflow(&self, name: &str, cause: &str) -> Result<(), Fault> {
        let arn = self.config.workflow_arn(name);
        match self.stepfunctions.stop_execution().execution_arn(arn).cause(cause).send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, StopExecutionError::is_execution_does_not_exist) => Ok(()),
            Err(error) => Err(Fault::of_call("stopping a stage's state machine", error)),
        }
    }

    /// How a workflow is, by its name.
    pub async fn workflow_status(&self, name: &str) -> Result<WorkflowStatus, Fault> {
        let arn = self.config.workflow_arn(name);
        match self.stepfunctions.describe_execution().execution_arn(arn).send().await {
            Ok(output) if *output.status() == ExecutionStatus::Running => Ok(WorkflowStatus::Running),
            Ok(output) => Ok(WorkflowStatus::Ended(output.status().as_str().to_owned())),
            Err(error) if is(&error, DescribeExecutionError::is_execution_does_not_exist) => {
                Ok(WorkflowStatus::Unknown)
            }
            Err(error) => Err(Fault::of_call("asking for a stage's state machine", error)),
        }
    }

    /// A task that was completed before, or timed out meanwhile, needs nothing more.
    pub(crate) async fn complete_task(&self, token: &str, output: &str) -> Result<(), Fault> {
        match self.stepfunctions.send_task_success().task_token(token).output(output).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if is(&error, SendTaskSuccessError::is_invalid_token)
                    || is(&error, SendTaskSuccessError::is_task_timed_out)
                    || is(&error, SendTaskSuccessError::is_task_does_not_exist) =>
            {
                Ok(())
            }
            Err(error) => Err(Fault::of_call("completing a task", error)),
        }
    }
}

fn is<E, R>(error: &SdkError<E, R>, kind: impl Fn(&E) -> bool) -> bool {
    error.as_service_error().is_some_and(kind)
}
