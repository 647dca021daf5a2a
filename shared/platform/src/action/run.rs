//! An action from its task to its end: what it was given is committed before it starts, how it ended
//! before its task is completed.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_dynamodb::types::TransactWriteItem;
use engine::decide::{
    ActionFinished, ActionInput, ActionOutcome, ActionProgressed, ActionStarted, ArtifactLocation, Event,
    EventKind, FailureType,
};
use engine::declaration::{ActionDeclaration, PipelineDeclaration};
use engine::execution::{ActionExecution, ActionRef, ActionStatus, PipelineExecutionId, PipelineState};
use engine::variables::Scope;
use futures::FutureExt;
use serde_json::{Value, json};

use super::inputs;
use super::job::{ActionJob, ActionResult, ActionTask};
use crate::function::Function;
use crate::store::{ActionRow, Committed, Companions, OutsideWork, Provider, Stored};
use crate::{Fault, Platform, StoreError, ids};

/// Whose work a handler starts outside, which is kept together with the start of the action.
type WorkOf = fn(&ActionJob) -> Provider;

/// A provider's handler as a function of the state machine.
pub fn action<Running>(handle: fn(Platform, ActionJob) -> Running) -> Function
where
    Running: Future<Output = Result<ActionResult, Fault>> + Send + 'static,
{
    function(None, handle)
}

/// The same for a handler that always starts work outside, with [`Platform::keep_outside_work_of`]: so that keeping
/// it costs no write of its own.
pub fn action_outside<Running>(work_of: WorkOf, handle: fn(Platform, ActionJob) -> Running) -> Function
where
    Running: Future<Output = Result<ActionResult, Fault>> + Send + 'static,
{
    function(Some(work_of), handle)
}

fn function<Running>(work_of: Option<WorkOf>, handle: fn(Platform, ActionJob) -> Running) -> Function
where
    Running: Future<Output = Result<ActionResult, Fault>> + Send + 'static,
{
    Arc::new(move |platform, event| {
        async move {
            let task: ActionTask = serde_json::from_value(event)
                .map_err(|error| Fault::misconfigured(format!("the event is no action's task: {error}")))?;
            run(platform, task, work_of, handle).await
        }
        .boxed()
    })
}

async fn run<Running>(
    platform: Platform,
    task: ActionTask,
    work_of: Option<WorkOf>,
    handle: fn(Platform, ActionJob) -> Running,
) -> Result<Value, Fault>
where
    Running: Future<Output = Result<ActionResult, Fault>>,
{
    let action = task.action.clone();
    let Some(seen) = state_that_wants(&platform, &action).await? else {
        return give_up(&platform, &task).await;
    };
    let prepared = prepare(&platform, &seen.state, &action).await?;
    let (before, was_begun) = (seen.revision(), was_begun(&seen.state, &action));
    let planned = match (&prepared, work_of) {
        (Ok(job), Some(work_of)) if !was_begun => Some(platform.plan_outside_work(job, work_of(job))),
        _ => None,
    };
    // Refused with the whole start if somebody else has begun meanwhile; the state machine tries again then.
    let kept = Companions::WithChange(kept_with_start(&platform, planned.as_ref())?);
    let started = EventKind::ActionStarted(started(&task, prepared.as_ref().ok()));
    let started = tell(&platform, &action, started, Some(seen), &kept).await?;
    let kept_work = planned.filter(|_| started.as_ref().is_some_and(|committed| committed.is_written));
    let Some((stored, execution)) = started
        .as_ref()
        .and_then(|committed| Some((&committed.stored, in_progress(&committed.stored.state, &action)?)))
    else {
        return give_up(&platform, &task).await;
    };
    let has_work = kept_work.is_some();
    if let Some(work) = &kept_work {
        platform.store.remember_outside_work(work);
    }
    let approval_token = execution.approval_token.clone().unwrap_or_default();
    let is_first_run = !was_begun && stored.revision() == before + 1;
    let result = match prepared {
        Ok(job) => {
            handle(platform.clone(), ActionJob { approval_token, is_first_run, kept_work, ..job }).await?
        }
        Err(refusal) => refusal,
    };
    finish(&platform, &action, stored.clone(), result, has_work).await
}

fn kept_with_start(
    platform: &Platform,
    planned: Option<&OutsideWork>,
) -> Result<Vec<TransactWriteItem>, Fault> {
    let Some(work) = planned else { return Ok(Vec::new()) };
    let kept = platform.store.keeps_outside_work(work)?;
    Ok([kept].into_iter().chain(platform.store.remembers_deployment(work)?).collect())
}

/// The state in which the action is to run; `None` if it has ended.
async fn state_that_wants(platform: &Platform, action: &ActionRef) -> Result<Option<Stored>, Fault> {
    let is_wanted = |seen: &Stored| in_progress(&seen.state, action).is_some();
    if let Some(recent) = platform.store.recent_state(&action.key).filter(is_wanted) {
        return Ok(Some(recent));
    }
    Ok(platform.store.stored_state(&action.key).await?.filter(is_wanted))
}

/// An action that cannot run has started all the same: its task is completed when it ends.
fn started(task: &ActionTask, job: Option<&ActionJob>) -> ActionStarted {
    ActionStarted {
        action: task.action.clone(),
        task_token: task.task_token.clone(),
        approval_token: job.filter(|job| job.declaration.is_approval()).map(|job| job.approval_token.clone()),
        input: ActionInput {
            resolved_configuration: job.map(ActionJob::shown_configuration).unwrap_or_default(),
            input_artifacts: job.map(|job| job.input_artifacts.clone()).unwrap_or_default(),
        },
    }
}

fn in_progress<'a>(state: &'a PipelineState, action: &ActionRef) -> Option<&'a ActionExecution> {
    state.action(action).filter(|execution| execution.status == ActionStatus::InProgress)
}

/// Whether a function has run it before, or runs it now.
fn was_begun(state: &PipelineState, action: &ActionRef) -> bool {
    state.action(action).is_some_and(|execution| execution.task_token.is_some())
}

/// The action has ended already (abandoned, or run by somebody else): nobody waits for it any more but
/// this task.
async fn give_up(platform: &Platform, task: &ActionTask) -> Result<Value, Fault> {
    let output = json!({ "result": "alreadyEnded" });
    platform.complete_task(&task.task_token, &output.to_string()).await?;
    Ok(output)
}

async fn finish(
    platform: &Platform,
    action: &ActionRef,
    seen: Stored,
    result: ActionResult,
    has_work: bool,
) -> Result<Value, Fault> {
    let action = action.clone();
    let (mut companions, mut begun_work) = (Companions::None, None);
    if has_work {
        let forgets = platform.store.forgets_outside_work(&action.action_execution_id)?;
        companions = Companions::WithChange(vec![forgets]);
    }
    let (word, kind) = match result {
        ActionResult::Succeeded(output) => {
            let outcome = ActionOutcome::Succeeded(*output);
            ("succeeded", EventKind::ActionFinished(ActionFinished { action: action.clone(), outcome }))
        }
        ActionResult::Failed { failure_type, message } => {
            let outcome = ActionOutcome::Failed { failure_type, message };
            ("failed", EventKind::ActionFinished(ActionFinished { action: action.clone(), outcome }))
        }
        ActionResult::InProgress { external_execution_id, external_execution_url, summary, work } => {
            companions = Companions::None;
            if let Some(work) = work {
                companions = Companions::WithChange(vec![platform.store.updates_outside_work(&work)?]);
                begun_work = Some(work);
            }
            let progressed = ActionProgressed {
                action: action.clone(),
                external_execution_id,
                external_execution_url,
                summary,
                percent_complete: None,
            };
            ("inProgress", EventKind::ActionProgressed(progressed))
        }
    };
    let told = tell(platform, &action, kind, Some(seen), &companions).await?;
    if let Some(work) = begun_work.filter(|_| told.is_some_and(|told| told.is_written)) {
        platform.store.remember_outside_work(&work);
    }
    Ok(json!({ "result": word }))
}

/// `None` when the state is not there any more: the execution ended for good.
async fn tell(
    platform: &Platform,
    action: &ActionRef,
    kind: EventKind,
    seen: Option<Stored>,
    companions: &Companions,
) -> Result<Option<Committed>, Fault> {
    match platform.tell_with(&Event { key: action.key.clone(), kind }, seen, companions).await {
        Ok(committed) => Ok(Some(committed)),
        Err(StoreError::Rejected(rejection)) => {
            tracing::warn!(action = action.action_name, %rejection, "an action's report came too late");
            Ok(None)
        }
        Err(StoreError::Fault(fault)) => Err(fault),
    }
}

/// Everything that the handler needs, or the result that the action fails with.
async fn prepare(
    platform: &Platform,
    state: &PipelineState,
    action: &ActionRef,
) -> Result<Result<ActionJob, ActionResult>, Fault> {
    let pipeline_name = &action.key.pipeline_name;
    let id = &action.pipeline_execution_id;
    let lost =
        |what: &str| Fault::corrupt(format!("{what} of pipeline '{pipeline_name}' is not in the store"));
    let execution = state.executions.get(id).ok_or_else(|| lost("an execution"))?;
    let beginning = platform.store.beginning(pipeline_name, id, execution).await?;
    let declaration = &beginning.declaration;
    // A rollback reads what the execution made that it repeats.
    let made_by = execution.rollback_of.as_ref().unwrap_or(id);

    let execution = state.action(action).ok_or_else(|| lost("an action's execution"))?;
    let stage = declaration.stages.get(action.stage_index).ok_or_else(|| lost("a stage"))?;
    let declared = stage.declared(&action.action_name, action.condition).ok_or_else(|| lost("an action"))?;
    let declared = &*declared;
    // A rule may have the name of an action; secrets are the action's.
    let of_action = || beginning.secrets.of_action(&stage.name, &declared.name);
    let secrets = action.condition.is_none().then(of_action).flatten();
    let whole = match secrets {
        Some(_) => beginning.secrets.put_back(&stage.name, declared),
        None => declared.clone(),
    };
    let rows = rows_read_by(platform, declaration, &whole, action, made_by).await?;
    let mut scope = Scope::new(&id.0, &beginning.variables);
    for (namespace, variables) in inputs::namespaces(&rows, declaration) {
        scope.add_action(&namespace, &variables);
    }
    let configuration = match resolve(&whole, &scope) {
        Ok(configuration) => configuration,
        Err(message) => return Ok(Err(ActionResult::failed(FailureType::ConfigurationError, message))),
    };
    let input_artifacts = match input_artifacts(declared, &inputs::artifacts(&rows, declaration)) {
        Ok(artifacts) => artifacts,
        Err(message) => return Ok(Err(ActionResult::failed(FailureType::ConfigurationError, message))),
    };
    let overrides = beginning.source_revision_overrides.iter();
    let overrides = overrides.filter(|wanted| wanted.action_name == declared.name).cloned();
    Ok(Ok(ActionJob {
        action: action.clone(),
        stage_name: stage.name.clone(),
        started_at: execution.started_at,
        is_first_run: false,
        kept_work: None,
        declaration: declared.clone(),
        configuration,
        secret_keys: secrets.into_iter().flatten().map(|(key, _)| key.clone()).collect(),
        input_artifacts,
        variables: scope,
        revision_overrides: overrides.collect(),
        trigger: beginning.trigger.clone(),
        approval_token: ids::uuid(),
    }))
}

/// What the actions have made that `declared` takes something from.
async fn rows_read_by(
    platform: &Platform,
    declaration: &PipelineDeclaration,
    declared: &ActionDeclaration,
    action: &ActionRef,
    made_by: &PipelineExecutionId,
) -> Result<Vec<ActionRow>, Fault> {
    let id = &action.pipeline_execution_id;
    let mut rows = Vec::new();
    for stage in declaration.stages_read_by(declared) {
        if stage < action.stage_index {
            rows.extend_from_slice(&platform.store.actions_of_left_stage(made_by, stage).await?);
        } else {
            rows.extend(platform.store.actions_of_stage(id, stage).await?);
        }
    }
    Ok(rows)
}

fn resolve(action: &ActionDeclaration, scope: &Scope) -> Result<BTreeMap<String, String>, String> {
    let resolved =
        engine::variables::resolve_configuration(action, scope).map_err(|error| error.to_string())?;
    Ok(resolved.into_iter().map(|(key, value)| (key, value.text)).collect())
}

fn input_artifacts(
    action: &ActionDeclaration,
    made: &BTreeMap<String, ArtifactLocation>,
) -> Result<Vec<ArtifactLocation>, String> {
    let inputs = action.input_artifacts().iter().map(|input| {
        made.get(&input.name).cloned().ok_or_else(|| {
            format!(
                "The input artifact '{}' of action '{}' was not made in this execution.",
                input.name, action.name
            )
        })
    });
    inputs.collect()
}
