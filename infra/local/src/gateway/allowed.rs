//! What somebody with a role may ask of the embedded services: what the role's policy says, as of CodePipeline.

use bytes::Bytes;
use engine::permissions::{ADMINISTRATOR, Decision, Permission, evaluate};
use http::Request;
use local_service::ApiError;
use signature::Principal;

use crate::LocalStack;
use crate::permissions::request_of;

/// Whose clients read the store.
const READS_WITH: &str = "api";

/// # Errors
/// Why the request is refused.
pub(super) async fn check(
    stack: &LocalStack,
    principal: &Principal,
    request: &Request<Bytes>,
) -> Result<(), ApiError> {
    if is_administrator(principal) {
        return Ok(());
    }
    let needed = request_of(request, stack.account());
    let needed = needed.map_err(|unknown| ApiError::client("UnsupportedOperation", unknown.to_string()))?;
    check_permissions(stack, principal, &needed).await
}

/// The same for an operation of the service itself.
pub(super) async fn check_own(
    stack: &LocalStack,
    principal: &Principal,
    operation: &str,
) -> Result<(), ApiError> {
    let needed = Permission::new(format!("pipewright:{operation}"), "*");
    check_permissions(stack, principal, &[needed]).await
}

fn is_administrator(principal: &Principal) -> bool {
    principal.role.as_deref().is_none_or(|role| role == ADMINISTRATOR)
}

async fn check_permissions(
    stack: &LocalStack,
    principal: &Principal,
    needed: &[Permission],
) -> Result<(), ApiError> {
    if is_administrator(principal) {
        return Ok(());
    }
    let role = principal.role.as_deref().unwrap_or(ADMINISTRATOR);
    let platform = stack.platform_of(READS_WITH);
    let platform = platform.ok_or_else(|| ApiError::internal("the stack is shutting down"))?;
    let statements = platform.store.statements_of_role(role).await;
    let statements = statements.map_err(|fault| ApiError::internal(fault.to_string()))?;
    let denied = needed.iter().find(|permission| evaluate(&statements, permission) != Decision::Allowed);
    match denied {
        // What needs no permission that is known is not for somebody whose permissions are counted.
        None if !needed.is_empty() => Ok(()),
        denied => {
            let what = denied.map_or_else(|| "this".to_owned(), ToString::to_string);
            let name = &principal.name;
            let message = format!("{name} with the role {role} is not authorized to perform {what}");
            Err(ApiError { code: "AccessDeniedException".into(), message, status: 403 })
        }
    }
}
