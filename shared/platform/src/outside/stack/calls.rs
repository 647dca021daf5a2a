//! The calls of CloudFormation, with its answers reduced to what an action can do about them.

use std::time::Duration;

use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, Parameter, Stack, StackEvent, Tag,
};
use engine::decide::FailureType;
use engine::stack_action::{has_no_changes, is_no_update};

use super::failure_type;
use super::request::{StackRequest, Template};
use crate::{Fault, Platform};

pub(super) enum Called<Answer> {
    Answered(Answer),
    /// The user can mend it.
    Refused(FailureType, String),
}

pub(super) enum Started {
    /// The id that its end is found by.
    Outside(String),
    /// The stack is as it shall be; in words.
    NothingToDo(String),
    /// A change set is made; in words.
    Prepared(String),
}

/// How a change set is.
pub(super) enum ChangeSet {
    InProgress,
    Ready,
    /// There is nothing in it.
    Empty,
    Failed(String),
}

const CHANGE_SET_PAUSE: Duration = Duration::from_secs(1);
/// CloudFormation gives up to a hundred events with each page; what failed is among the last ones.
const EVENT_PAGES_MAX: usize = 5;

fn refused<Answer, E>(operation: &str, error: SdkError<E>) -> Result<Called<Answer>, Fault>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let what = format!("Error calling {operation}");
    match error.as_service_error().and_then(ProvideErrorMetadata::code).and_then(failure_type) {
        Some(failure_type) => Ok(Called::Refused(failure_type, Fault::of_call(&what, error).to_string())),
        None => Err(Fault::of_call(&what, error)),
    }
}

fn message_of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default()
}

/// The stack of this name or id; `None` if there is none of it.
pub(super) async fn stack(platform: &Platform, name: &str) -> Result<Called<Option<Stack>>, Fault> {
    match platform.cloudformation.describe_stacks().stack_name(name).send().await {
        Ok(output) => Ok(Called::Answered(output.stacks.unwrap_or_default().into_iter().next())),
        Err(error) if message_of(&error).contains("does not exist") => Ok(Called::Answered(None)),
        Err(error) => refused("DescribeStacks", error),
    }
}

pub(super) fn status(stack: &Stack) -> &str {
    stack.stack_status.as_ref().map_or("", |status| status.as_str())
}

fn body(template: Option<&Template>) -> (Option<String>, Option<String>) {
    match template {
        Some(Template::Body(body)) => (Some(body.clone()), None),
        Some(Template::Url(url)) => (None, Some(url.clone())),
        None => (None, None),
    }
}

fn parameters(request: &StackRequest) -> Option<Vec<Parameter>> {
    let parameter = |(name, value): (&String, &String)| {
        Parameter::builder().parameter_key(name).parameter_value(value).build()
    };
    Some(request.parameters.iter().map(parameter).collect())
}

fn tags(request: &StackRequest) -> Option<Vec<Tag>> {
    Some(request.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

fn capabilities(request: &StackRequest) -> Option<Vec<Capability>> {
    Some(request.capabilities.iter().map(|name| Capability::from(name.as_str())).collect())
}

pub(super) async fn create(
    platform: &Platform,
    request: &StackRequest,
    token: &str,
) -> Result<Called<Started>, Fault> {
    let (body, url) = body(request.template.as_ref());
    let call = platform
        .cloudformation
        .create_stack()
        .stack_name(&request.stack_name)
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(parameters(request))
        .set_tags(tags(request))
        .set_capabilities(capabilities(request))
        .set_stack_policy_body(request.stack_policy.clone())
        .set_role_arn(request.role_arn.clone())
        .client_request_token(token);
    match call.send().await {
        Ok(output) => started("CreateStack", output.stack_id),
        Err(error) => refused("CreateStack", error),
    }
}

pub(super) async fn update(
    platform: &Platform,
    request: &StackRequest,
    token: &str,
) -> Result<Called<Started>, Fault> {
    let (body, url) = body(request.template.as_ref());
    let call = platform
        .cloudformation
        .update_stack()
        .stack_name(&request.stack_name)
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(parameters(request))
        .set_tags(tags(request))
        .set_capabilities(capabilities(request))
        .set_stack_policy_body(request.stack_policy.clone())
        .set_role_arn(request.role_arn.clone())
        .client_request_token(token);
    match call.send().await {
        Ok(output) => started("UpdateStack", output.stack_id),
        Err(error) if is_no_update(message_of(&error)) => {
            let summary = format!("The stack {} is as the template says.", request.stack_name);
            Ok(Called::Answered(Started::NothingToDo(summary)))
        }
        Err(error) => refused("UpdateStack", error),
    }
}

fn started(operation: &str, id: Option<String>) -> Result<Called<Started>, Fault> {
    let id = id.ok_or_else(|| Fault::unavailable(format!("{operation} names no stack")))?;
    Ok(Called::Answered(Started::Outside(id)))
}

/// `id`: of the stack, by which it is found when it is gone.
pub(super) async fn delete(
    platform: &Platform,
    request: &StackRequest,
    token: &str,
    id: Option<String>,
) -> Result<Called<Started>, Fault> {
    let Some(id) = id else {
        let summary = format!("The stack {} is gone.", request.stack_name);
        return Ok(Called::Answered(Started::Prepared(summary)));
    };
    let call = platform
        .cloudformation
        .delete_stack()
        .stack_name(&request.stack_name)
        .set_role_arn(request.role_arn.clone())
        .client_request_token(token);
    match call.send().await {
        Ok(_) => Ok(Called::Answered(Started::Outside(id))),
        Err(error) => refused("DeleteStack", error),
    }
}

/// `id`: of the stack.
pub(super) async fn execute(
    platform: &Platform,
    request: &StackRequest,
    token: &str,
    id: Option<String>,
) -> Result<Called<Started>, Fault> {
    let name = request.change_set_name.clone().unwrap_or_default();
    match change_set(platform, &name, &request.stack_name).await? {
        Called::Answered(ChangeSet::Empty) => {
            let summary =
                format!("The change set {name} of the stack {} changes nothing.", request.stack_name);
            return Ok(Called::Answered(Started::NothingToDo(summary)));
        }
        Called::Answered(ChangeSet::InProgress | ChangeSet::Ready | ChangeSet::Failed(_)) => {}
        Called::Refused(failure_type, message) => return Ok(Called::Refused(failure_type, message)),
    }
    let call = platform
        .cloudformation
        .execute_change_set()
        .change_set_name(&name)
        .stack_name(&request.stack_name)
        .client_request_token(token);
    match call.send().await {
        Ok(_) => started("ExecuteChangeSet", id),
        Err(error) => refused("ExecuteChangeSet", error),
    }
}

/// Makes a change set in the place of the one of this name, and waits for it.
pub(super) async fn prepare(
    platform: &Platform,
    request: &StackRequest,
    token: &str,
    is_creation: bool,
    patience_ms: u64,
) -> Result<Called<Started>, Fault> {
    let name = request.change_set_name.clone().unwrap_or_default();
    if let Some(refused) = remove(platform, &name, &request.stack_name).await? {
        return Ok(refused);
    }
    let (body, url) = body(request.template.as_ref());
    let call = platform
        .cloudformation
        .create_change_set()
        .change_set_name(&name)
        .stack_name(&request.stack_name)
        .change_set_type(if is_creation { ChangeSetType::Create } else { ChangeSetType::Update })
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(parameters(request))
        .set_tags(tags(request))
        .set_capabilities(capabilities(request))
        .set_role_arn(request.role_arn.clone())
        .client_token(token);
    let id = match call.send().await {
        Ok(output) => output.id.ok_or_else(|| Fault::unavailable("CreateChangeSet names no change set"))?,
        Err(error) => return refused("CreateChangeSet", error),
    };
    let pauses = patience_ms / u64::try_from(CHANGE_SET_PAUSE.as_millis()).unwrap_or(u64::MAX);
    for _ in 0..=pauses {
        match change_set(platform, &id, &request.stack_name).await? {
            Called::Answered(ChangeSet::InProgress) => tokio::time::sleep(CHANGE_SET_PAUSE).await,
            Called::Answered(ChangeSet::Failed(why)) => {
                return Ok(Called::Refused(FailureType::JobFailed, why));
            }
            Called::Answered(ready) => {
                return Ok(Called::Answered(Started::Prepared(prepared(&name, &ready))));
            }
            Called::Refused(failure_type, message) => return Ok(Called::Refused(failure_type, message)),
        }
    }
    Ok(Called::Answered(Started::Outside(id)))
}

/// Deletes a change set, if there is one of this name. What keeps it from that is answered.
async fn remove(platform: &Platform, name: &str, stack_name: &str) -> Result<Option<Called<Started>>, Fault> {
    let client = &platform.cloudformation;
    match client.describe_change_set().change_set_name(name).stack_name(stack_name).send().await {
        Ok(_) => {}
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return refused("DescribeChangeSet", error).map(Some),
    }
    match client.delete_change_set().change_set_name(name).stack_name(stack_name).send().await {
        Ok(_) => Ok(None),
        Err(error) => refused("DeleteChangeSet", error).map(Some),
    }
}

/// Whether there is no such change set, or no such stack.
fn is_gone<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code == Some("ChangeSetNotFound") || message_of(error).contains("does not exist")
}

pub(super) fn prepared(name: &str, change_set: &ChangeSet) -> String {
    match change_set {
        ChangeSet::Empty => format!("The change set {name} changes nothing."),
        _ => format!("The change set {name} can be executed."),
    }
}

/// By its name, or by its id.
pub(super) async fn change_set(
    platform: &Platform,
    name: &str,
    stack_name: &str,
) -> Result<Called<ChangeSet>, Fault> {
    let call = platform.cloudformation.describe_change_set().change_set_name(name).stack_name(stack_name);
    let output = match call.send().await {
        Ok(output) => output,
        Err(error) => return refused("DescribeChangeSet", error),
    };
    let reason = output.status_reason.unwrap_or_default();
    Ok(Called::Answered(match output.status {
        Some(ChangeSetStatus::CreateComplete) => ChangeSet::Ready,
        Some(ChangeSetStatus::Failed) if has_no_changes(&reason) => ChangeSet::Empty,
        Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) => ChangeSet::InProgress,
        status => {
            let status = status.as_ref().map_or("no status", |status| status.as_str());
            ChangeSet::Failed(format!("The change set {name} has the status {status}: {reason}"))
        }
    }))
}

/// The last events of a stack, newest first.
pub(super) async fn events(platform: &Platform, stack_id: &str) -> Result<Vec<StackEvent>, Fault> {
    let (mut events, mut next) = (Vec::new(), None);
    for _ in 0..EVENT_PAGES_MAX {
        let call = platform.cloudformation.describe_stack_events().stack_name(stack_id).set_next_token(next);
        let page = call.send().await.map_err(|error| Fault::of_call("reading a stack's events", error))?;
        events.extend(page.stack_events.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    Ok(events)
}

/// Whether an operation with one of these tokens has begun.
pub(super) async fn has_begun(platform: &Platform, stack_id: &str, tokens: &[String]) -> Result<bool, Fault> {
    match events(platform, stack_id).await {
        Ok(events) => Ok(events.iter().any(|event| is_of(event, tokens))),
        Err(fault) => Err(fault),
    }
}

pub(super) fn is_of(event: &StackEvent, tokens: &[String]) -> bool {
    event.client_request_token.as_ref().is_some_and(|token| tokens.contains(token))
}
