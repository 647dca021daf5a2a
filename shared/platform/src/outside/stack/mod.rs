//! A stack of CloudFormation as the work of an action: an operation is started here and ends with the stack's event, or
//! with the sweep that asks for it.
//!
//! The action execution's id is the operation's ClientRequestToken, so a repeated call starts nothing twice, and every
//! event of the operation names its action. Of a change set there is no event: it is waited for a moment, then the
//! sweep asks.

mod calls;
mod outcome;
mod request;

use engine::decide::{ActionOutcome, ActionOutput, FailureType};
use engine::stack_action::{StackOperation, first_operation};

pub(super) use outcome::outcome;
pub use request::{StackRequest, StackWork, Template};

use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};
use calls::{Called, Started};

/// How long a change set is waited for before the sweep asks: most are made within seconds.
const CHANGE_SET_PATIENCE_MS: u64 = 20_000;
/// After the action execution's id, in the token of the deletion that comes before a creation.
const REPLACEMENT: &str = "-replace";

/// The action execution whose operation has this ClientRequestToken, if it is one of ours.
pub fn action_of_token(token: &str) -> Option<&str> {
    let id = token.strip_suffix(REPLACEMENT).unwrap_or(token);
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uuid.then_some(id)
}

impl Platform {
    /// Starts the operation that follows from the request and the stack as it is.
    ///
    /// # Errors
    /// What the user can mend fails the action; everything else is a fault, and is tried again.
    pub async fn start_stack_operation(
        &self,
        job: &ActionJob,
        request: StackRequest,
    ) -> Result<ActionResult, Fault> {
        let name = request.stack_name.clone();
        let stack = match calls::stack(self, &name).await? {
            Called::Answered(stack) => stack,
            Called::Refused(failure_type, message) => return Ok(ActionResult::failed(failure_type, message)),
        };
        let status = stack.as_ref().map(calls::status);
        let operation = first_operation(request.mode, status);
        let planned = OutsideWork {
            stack: operation.map(|operation| StackWork::new(request, operation)),
            ..self.plan_outside_work(job, Provider::CloudFormation)
        };
        let (work, is_new) = self.keep_planned(job, planned).await?;
        if let Some(id) = work.external_execution_id.clone() {
            return Ok(ActionResult::outside(work, &id, None));
        }
        let Some(kept) = work.stack.clone() else {
            let summary = format!("The stack {name} does not exist, so there is nothing to delete.");
            return self.ended_at_once(&work, outcome::success(None, Vec::new(), summary)).await;
        };
        // An earlier run of the function may have started it. A change set is simply made again.
        if !is_new
            && !kept.operation.is_of_change_set()
            && let Some(stack) = &stack
        {
            let id = stack.stack_id.as_deref().unwrap_or_default();
            let tokens = [token(&work, false), token(&work, true)];
            if calls::has_begun(self, id, &tokens).await? {
                return Ok(ActionResult::outside(work.clone(), id, Some(page_of(id))));
            }
        }
        let old_id = stack.and_then(|stack| stack.stack_id);
        match self.start_operation(&work, &kept, old_id).await? {
            Called::Answered(Started::Outside(id)) => self.begun(work, &id).await,
            Called::Answered(Started::NothingToDo(summary)) => {
                let ended = outcome::of_stack(self, &work, &kept.request, &name, summary).await?;
                self.ended_at_once(&work, ended).await
            }
            Called::Answered(Started::Prepared(summary)) => {
                self.ended_at_once(&work, outcome::success(None, Vec::new(), summary)).await
            }
            Called::Refused(failure_type, message) => {
                if !kept.operation.is_of_change_set()
                    && let Some(id) = outcome::begun_before(self, &name, token(&work, false)).await?
                {
                    return self.begun(work, &id).await;
                }
                self.store.forget_outside_work(&work.action.action_execution_id).await?;
                Ok(ActionResult::failed(failure_type, message))
            }
        }
    }

    /// A stack of which little changes is done at once, and so is any at an emulator.
    async fn begun(&self, work: OutsideWork, id: &str) -> Result<ActionResult, Fault> {
        let is_replacement =
            work.stack.as_ref().is_some_and(|kept| kept.operation == StackOperation::Replace);
        let early = if is_replacement { None } else { outcome::early(self, &work, id).await? };
        match early {
            None => Ok(ActionResult::outside(work, id, Some(page_of(id)))),
            Some(ActionOutcome::Succeeded(output)) => self.ended_at_once(&work, output).await,
            Some(ActionOutcome::Failed { failure_type, message }) => {
                self.store.forget_outside_work(&work.action.action_execution_id).await?;
                Ok(ActionResult::failed(failure_type, message))
            }
        }
    }

    async fn start_operation(
        &self,
        work: &OutsideWork,
        kept: &StackWork,
        old_id: Option<String>,
    ) -> Result<Called<Started>, Fault> {
        let (request, last) = (&kept.request, token(work, false));
        match kept.operation {
            StackOperation::Create => calls::create(self, request, &last).await,
            StackOperation::Update => calls::update(self, request, &last).await,
            StackOperation::Delete => calls::delete(self, request, &last, old_id).await,
            StackOperation::Replace => calls::delete(self, request, &token(work, true), old_id).await,
            StackOperation::Execute => calls::execute(self, request, &last, old_id).await,
            StackOperation::PrepareCreation | StackOperation::PrepareUpdate => {
                let is_creation = kept.operation == StackOperation::PrepareCreation;
                calls::prepare(self, request, &last, is_creation, CHANGE_SET_PATIENCE_MS).await
            }
        }
    }

    async fn ended_at_once(&self, work: &OutsideWork, output: ActionOutput) -> Result<ActionResult, Fault> {
        self.store.forget_outside_work(&work.action.action_execution_id).await?;
        Ok(ActionResult::succeeded(output))
    }

    /// An operation on a stack has come on, says its event: ends the action that it belongs to if it has ended. Answers
    /// whether it is ours.
    pub async fn conclude_stack(&self, client_request_token: &str) -> Result<bool, Fault> {
        let Some(id) = action_of_token(client_request_token) else { return Ok(false) };
        let Some(work) = self.store.known_outside_work(id).await? else { return Ok(false) };
        let (Provider::CloudFormation, Some(stack_id)) = (work.provider, work.external_execution_id.clone())
        else {
            return Ok(work.provider == Provider::CloudFormation);
        };
        self.conclude(&work, &stack_id).await?;
        Ok(true)
    }
}

/// Of a stack, in AWS's console: CloudFormation itself gives no address of it.
fn page_of(id: &str) -> String {
    let region = id.split(':').nth(3).unwrap_or_default();
    let encoded = id.replace(':', "%3A").replace('/', "%2F");
    format!(
        "https://console.aws.amazon.com/cloudformation/home?region={region}#/stacks/stackinfo?stackId={encoded}"
    )
}

/// Of the operation, or of the deletion before it.
fn token(work: &OutsideWork, is_replacement: bool) -> String {
    let id = &work.action.action_execution_id;
    if is_replacement { format!("{id}{REPLACEMENT}") } else { id.clone() }
}

/// What of CloudFormation's errors the user can mend; the rest is CloudFormation's trouble, and passes.
fn failure_type(code: &str) -> Option<FailureType> {
    match code {
        "AccessDenied" | "AccessDeniedException" => Some(FailureType::PermissionError),
        "LimitExceededException" | "StackPolicyViolation" => Some(FailureType::JobFailed),
        "ValidationError"
        | "UnsupportedOperation"
        | "AlreadyExistsException"
        | "TokenAlreadyExistsException"
        | "InsufficientCapabilitiesException"
        | "ChangeSetNotFound"
        | "InvalidChangeSetStatus" => Some(FailureType::ConfigurationError),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_action_execution() {
        let id = "1624a1d1-3699-43f0-8e1e-6bafd7fde791";
        assert_eq!(action_of_token(id), Some(id));
        assert_eq!(action_of_token(&format!("{id}-replace")), Some(id));
        for foreign in ["Console-CreateStack-7f59c3cf-00d2-40c7-b2ff-e75db0987002", "", "-replace"] {
            assert_eq!(action_of_token(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_the_user_can_mend_fails_the_action() {
        assert_eq!(failure_type("ValidationError"), Some(FailureType::ConfigurationError));
        assert_eq!(failure_type("AccessDenied"), Some(FailureType::PermissionError));
        for passing in ["Throttling", "ServiceUnavailable", "InternalFailure", "RequestExpired"] {
            assert_eq!(failure_type(passing), None, "{passing}");
        }
    }
}
