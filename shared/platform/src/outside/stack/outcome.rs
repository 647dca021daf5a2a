//! How an operation on a stack has ended, as the outcome of its action.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Stack, StackEvent};
use engine::decide::{ActionOutcome, ActionOutput, ArtifactLocation, FailureType};
use engine::execution::Timestamp;
use engine::stack_action::{OperationEnd, StackOperation, end_of};
use serde_json::json;

use super::calls::{self, Called, ChangeSet, Started};
use super::request::{StackRequest, StackWork};
use super::token;
use crate::store::OutsideWork;
use crate::{Fault, Platform};

/// So many failed resources are told of.
const REASONS_MAX: usize = 3;

/// `None` while the operation goes on. The creation after a deletion is started here.
pub(in crate::outside) async fn outcome(
    platform: &Platform,
    work: &OutsideWork,
    id: &str,
) -> Result<Option<ActionOutcome>, Fault> {
    outcome_since(platform, work, id, None).await
}

/// The same for an operation that was asked for just now. What CloudFormation says of a stack may be a moment old: a
/// stack that was not changed since then counts for nothing.
pub(super) async fn early(
    platform: &Platform,
    work: &OutsideWork,
    id: &str,
) -> Result<Option<ActionOutcome>, Fault> {
    outcome_since(platform, work, id, Some(work.started_at)).await
}

async fn outcome_since(
    platform: &Platform,
    work: &OutsideWork,
    id: &str,
    since: Option<Timestamp>,
) -> Result<Option<ActionOutcome>, Fault> {
    let Some(StackWork { request, operation }) = &work.stack else { return Ok(None) };
    if operation.is_of_change_set() {
        return of_change_set(platform, request, id).await;
    }
    let stack = match calls::stack(platform, id).await? {
        Called::Answered(stack) => stack,
        Called::Refused(failure_type, message) => {
            return Ok(Some(ActionOutcome::Failed { failure_type, message }));
        }
    };
    let is_replacement = *operation == StackOperation::Replace;
    let operation = if is_replacement { StackOperation::Delete } else { *operation };
    let tokens = [token(work, is_replacement)];
    let events = match &stack {
        Some(_) => calls::events(platform, id).await?,
        None => Vec::new(),
    };
    // Of a stack that is not there by its id, nobody knows any more that it was deleted.
    let Some(status) = status_of(stack.as_ref(), &events, id, &tokens, since) else { return Ok(None) };
    match end_of(operation, &status) {
        None => Ok(None),
        Some(OperationEnd::Failed) => {
            let message =
                format!("The stack {} ended as {status}{}", request.stack_name, why(&events, &tokens));
            Ok(Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }))
        }
        Some(OperationEnd::Succeeded) if is_replacement => create_anew(platform, work, request).await,
        Some(OperationEnd::Succeeded) if operation == StackOperation::Delete => {
            let summary = format!("The stack {} is deleted.", request.stack_name);
            Ok(Some(ActionOutcome::Succeeded(success(Some(id), Vec::new(), summary))))
        }
        Some(OperationEnd::Succeeded) => {
            let summary = format!("The stack {} is {status}.", request.stack_name);
            let output = of_stack(platform, work, request, id, summary).await?;
            Ok(Some(ActionOutcome::Succeeded(output)))
        }
    }
}

async fn of_change_set(
    platform: &Platform,
    request: &StackRequest,
    id: &str,
) -> Result<Option<ActionOutcome>, Fault> {
    let failed = |failure_type, message| ActionOutcome::Failed { failure_type, message };
    let name = request.change_set_name.as_deref().unwrap_or_default();
    Ok(match calls::change_set(platform, id, &request.stack_name).await? {
        Called::Answered(ChangeSet::InProgress) => None,
        Called::Answered(ChangeSet::Failed(why)) => Some(failed(FailureType::JobFailed, why)),
        Called::Answered(ready) => {
            let summary = calls::prepared(name, &ready);
            Some(ActionOutcome::Succeeded(success(Some(id), Vec::new(), summary)))
        }
        Called::Refused(failure_type, message) => Some(failed(failure_type, message)),
    })
}

/// The status that our operation has brought the stack to: somebody may have begun another one since. Without an event
/// of ours (not every emulator keeps tokens) it is the stack's own.
/// `None` where that is older than `since`.
fn status_of(
    stack: Option<&Stack>,
    events: &[StackEvent],
    id: &str,
    tokens: &[String],
    since: Option<Timestamp>,
) -> Option<String> {
    let ours = events
        .iter()
        .find(|event| calls::is_of(event, tokens) && event.physical_resource_id.as_deref() == Some(id));
    match (ours, stack) {
        (Some(event), _) => event.resource_status.as_ref().map(|status| status.as_str().to_owned()),
        (None, Some(stack)) if since.is_none_or(|since| changed_at(stack) >= since) => {
            Some(calls::status(stack).to_owned())
        }
        (None, None) if since.is_none() => Some("DELETE_COMPLETE".to_owned()),
        _ => None,
    }
}

fn changed_at(stack: &Stack) -> Timestamp {
    let times = [stack.deletion_time, stack.last_updated_time, stack.creation_time];
    let latest = times.into_iter().flatten().filter_map(|time| time.to_millis().ok()).max();
    Timestamp(latest.unwrap_or_default())
}

/// What failed first, with its reason; what was cancelled for it is passed over.
fn why(events: &[StackEvent], tokens: &[String]) -> String {
    let has_tokens = events.iter().any(|event| calls::is_of(event, tokens));
    let failed = events.iter().rev().filter(|event| !has_tokens || calls::is_of(event, tokens));
    let told = failed.filter_map(|event| {
        let status = event.resource_status.as_ref()?.as_str();
        let reason = event.resource_status_reason.as_deref()?;
        let is_cause = status.ends_with("_FAILED") && !reason.ends_with(" cancelled");
        let name = event.logical_resource_id.as_deref().unwrap_or_default();
        is_cause.then(|| format!("{name} {status}: {reason}"))
    });
    let told: Vec<_> = told.take(REASONS_MAX).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) }
}

/// The stack is deleted, and is created again.
async fn create_anew(
    platform: &Platform,
    work: &OutsideWork,
    request: &StackRequest,
) -> Result<Option<ActionOutcome>, Fault> {
    let token = token(work, false);
    let id = match calls::create(platform, request, &token).await? {
        Called::Answered(Started::Outside(id)) => id,
        // CreateStack answers nothing else.
        Called::Answered(_) => return Ok(None),
        Called::Refused(failure_type, message) => {
            match begun_before(platform, &request.stack_name, token).await? {
                Some(id) => id,
                None => return Ok(Some(ActionOutcome::Failed { failure_type, message })),
            }
        }
    };
    let request = StackRequest { template: None, ..request.clone() };
    let again = OutsideWork {
        external_execution_id: Some(id),
        stack: Some(StackWork::new(request, StackOperation::Create)),
        ..work.clone()
    };
    platform.store.update_outside_work(&again).await?;
    platform.store.remember_outside_work(&again);
    Ok(None)
}

/// The stack that our operation has begun on although it is refused now: the answer to an earlier call was lost, or
/// somebody else has made the call at the same time.
pub(super) async fn begun_before(
    platform: &Platform,
    name: &str,
    token: String,
) -> Result<Option<String>, Fault> {
    let Called::Answered(Some(stack)) = calls::stack(platform, name).await? else { return Ok(None) };
    let id = stack.stack_id.unwrap_or_default();
    Ok(calls::has_begun(platform, &id, &[token]).await?.then_some(id))
}

/// The stack's outputs, as variables and in the file that was asked for.
pub(super) async fn of_stack(
    platform: &Platform,
    work: &OutsideWork,
    request: &StackRequest,
    name: &str,
    summary: String,
) -> Result<ActionOutput, Fault> {
    let stack = match calls::stack(platform, name).await? {
        Called::Answered(Some(stack)) => stack,
        Called::Answered(None) => {
            return Err(Fault::conflict(format!("the stack {name} was deleted meanwhile")));
        }
        Called::Refused(_, message) => return Err(Fault::unavailable(message)),
    };
    let id = stack.stack_id.clone();
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    let outputs: BTreeMap<String, String> = outputs
        .filter_map(|output| Some((output.output_key?, output.output_value.unwrap_or_default())))
        .collect();
    let mut artifacts = Vec::new();
    if let (Some(file), Some(place)) = (&request.output_file_name, work.output_artifacts.first()) {
        artifacts.push(write(platform, place, file, &outputs).await?);
    }
    Ok(ActionOutput { variables: outputs, ..success(id.as_deref(), artifacts, summary) })
}

async fn write(
    platform: &Platform,
    place: &ArtifactLocation,
    file: &str,
    outputs: &BTreeMap<String, String>,
) -> Result<ArtifactLocation, Fault> {
    let text =
        serde_json::to_vec_pretty(&json!(outputs)).map_err(|error| Fault::corrupt(error.to_string()))?;
    platform.artifacts.put_file(place, file, text).await
}

pub(super) fn success(id: Option<&str>, artifacts: Vec<ArtifactLocation>, summary: String) -> ActionOutput {
    let external_execution_id = id.map(str::to_owned);
    ActionOutput { external_execution_id, artifacts, summary: Some(summary), ..ActionOutput::default() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::primitives::DateTime;
    use aws_sdk_cloudformation::types::{ResourceStatus, StackStatus};

    use super::*;

    fn stack(status: StackStatus, updated_at_ms: i64) -> Stack {
        let updated = DateTime::from_millis(updated_at_ms);
        Stack::builder().stack_status(status).last_updated_time(updated).build()
    }

    fn event(token: Option<&str>, resource: &str, status: ResourceStatus, reason: &str) -> StackEvent {
        StackEvent::builder()
            .logical_resource_id(resource)
            .physical_resource_id(resource)
            .resource_status(status)
            .resource_status_reason(reason)
            .set_client_request_token(token.map(str::to_owned))
            .build()
    }

    #[test]
    fn our_operation_counts_and_not_one_that_came_after_it() {
        let tokens = ["ours".to_owned()];
        // Newest first.
        let events = [
            event(Some("theirs"), "shop", ResourceStatus::UpdateInProgress, ""),
            event(Some("ours"), "Queue", ResourceStatus::UpdateComplete, ""),
            event(Some("ours"), "shop", ResourceStatus::UpdateComplete, ""),
            event(Some("ours"), "shop", ResourceStatus::UpdateInProgress, ""),
        ];
        let now = stack(StackStatus::UpdateInProgress, 5000);
        let status = |events: &[StackEvent], stack: Option<&Stack>, since: Option<i64>| {
            status_of(stack, events, "shop", &tokens, since.map(Timestamp))
        };
        assert_eq!(status(&events, Some(&now), None).as_deref(), Some("UPDATE_COMPLETE"));
        for (since, expected) in [(None, true), (Some(4000), true), (Some(6000), false)] {
            let seen = status(&events[..1], Some(&now), since);
            assert_eq!(seen.is_some(), expected, "without tokens, the stack itself since {since:?}");
        }
        assert_eq!(status(&[], None, None).as_deref(), Some("DELETE_COMPLETE"), "nobody knows it any more");
        assert_eq!(status(&[], None, Some(0)), None);
    }

    #[test]
    fn the_reasons_are_those_of_our_operation_oldest_first_without_what_was_cancelled() {
        let failed = |token, resource: &str, reason: &str| {
            event(token, resource, ResourceStatus::CreateFailed, reason)
        };
        let events = [
            failed(Some("ours"), "shop", "The following resource(s) failed to create: [Queue]."),
            failed(Some("ours"), "Topic", "Resource creation cancelled"),
            failed(Some("ours"), "Queue", "Access denied"),
            failed(Some("before"), "Table", "Throttled"),
        ];
        assert_eq!(
            why(&events, &["ours".to_owned()]),
            ": Queue CREATE_FAILED: Access denied; shop CREATE_FAILED: The following resource(s) failed to create: [Queue]."
        );
        let without = [failed(None, "Queue", "Access denied")];
        assert_eq!(why(&without, &["ours".to_owned()]), ": Queue CREATE_FAILED: Access denied");
        assert_eq!(why(&[], &["ours".to_owned()]), "");
    }
}
