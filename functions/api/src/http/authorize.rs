//! Whether a caller may do what is asked, by the policy of the role that the key was issued for.

use engine::permissions::{ADMINISTRATOR, Decision, Permission, evaluate, needed, needs};
use platform::Platform;
use serde_json::Value;
use signature::Principal;

use crate::{Response, own};

/// # Errors
/// The answer for whoever may not.
pub(super) async fn authorize(
    platform: &Platform,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<(), Response> {
    let role = principal.role.as_deref().unwrap_or(ADMINISTRATOR);
    // What there is not is nobody's business.
    let own = own::name_of(operation);
    if role == ADMINISTRATOR || (own.is_none() && !needs(operation)) {
        return Ok(());
    }
    let statements = platform.store.statements_of_role(role).await.map_err(|fault| {
        tracing::error!(%fault, role, "nobody knows what a role may do");
        Response::error(500, "InternalFailure", "The policy of the role cannot be read.")
    })?;
    let needed = match own {
        Some(own) => vec![Permission::new(format!("pipewright:{own}"), "*")],
        None => needed(operation, input, &platform.config.codepipeline_arns()),
    };
    for permission in needed {
        let decision = evaluate(&statements, &permission);
        if decision != Decision::Allowed {
            let user = user(platform, role, &principal.name);
            return Err(Response::error(400, "AccessDeniedException", &denial(&user, &permission, decision)));
        }
    }
    Ok(())
}

/// As whoever has assumed a role is named on AWS; whom AWS knows, is named as there.
fn user(platform: &Platform, role: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    format!("arn:aws:sts::{}:assumed-role/{role}/{name}", platform.config.account_id)
}

/// Source: IAM user guide, "Troubleshoot access denied error messages".
fn denial(user: &str, permission: &Permission, decision: Decision) -> String {
    let Permission { action, resource } = permission;
    let why = match decision {
        Decision::DeniedByStatement => "with an explicit deny in an identity-based policy".to_owned(),
        Decision::Allowed | Decision::NotAllowed => {
            format!("because no identity-based policy allows the {action} action")
        }
    };
    format!("User: {user} is not authorized to perform: {action} on resource: {resource} {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_has_the_words_of_aws() {
        let permission = Permission::new("codepipeline:GetPipeline", "arn:aws:codepipeline:us-east-1:1:shop");
        let user = "arn:aws:sts::1:assumed-role/reader/ann";
        let begins = "User: arn:aws:sts::1:assumed-role/reader/ann is not authorized to perform: \
                      codepipeline:GetPipeline on resource: arn:aws:codepipeline:us-east-1:1:shop ";
        for (decision, ends) in [
            (
                Decision::NotAllowed,
                "because no identity-based policy allows the codepipeline:GetPipeline action",
            ),
            (Decision::DeniedByStatement, "with an explicit deny in an identity-based policy"),
        ] {
            assert_eq!(denial(user, &permission, decision), format!("{begins}{ends}"));
        }
    }

    #[test]
    fn it_is_known_what_every_operation_needs() {
        let unknown: Vec<_> = crate::names().iter().filter(|operation| !needs(operation)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
