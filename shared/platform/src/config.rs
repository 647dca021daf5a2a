//! What template.yaml tells the functions, parsed once.

use engine::webhook::UnauthenticatedWebhooks;

use crate::Fault;

/// The environment variables of `Globals.Function.Environment` in template.yaml, and those of single functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub pipelines_table: String,
    pub executions_table: String,
    pub outbox_table: String,
    pub artifact_bucket: String,
    /// The CodeBuild project that runs Commands actions.
    pub commands_project: String,
    pub stage_execution_state_machine_arn: String,
    /// A function's ARN is this and its folder's name.
    pub function_arn_prefix: String,
    pub region: String,
    pub account_id: String,
    /// The secret that callers' keys and page tokens are signed with; only the function api has it.
    pub signing_key_secret_arn: Option<String>,
    /// The role whose keys open artifacts to functions of pipelines; only who invokes those has it.
    pub artifact_access_role_arn: Option<String>,
    /// Where the API is reached, and webhooks with it; only the function api has it.
    pub api_endpoint: Option<String>,
    /// Who gets which role, as [`engine::permissions::CallerRoles`] reads it; only the function api has it.
    pub caller_roles: String,
    /// Whether webhooks may let everybody in.
    pub unauthenticated_webhooks: UnauthenticatedWebhooks,
}

impl Config {
    /// Reads the variables through `variable`.
    ///
    /// # Errors
    /// `Misconfigured`, naming the first one that is missing.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let required = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                Fault::misconfigured(format!(
                    "the environment variable {name} is not set; template.yaml sets it"
                ))
            })
        };
        let stage_execution_state_machine_arn = required("STAGE_EXECUTION_STATE_MACHINE_ARN")?;
        // arn:partition:states:region:account:stateMachine:name
        let arn_part = |position: usize| {
            let part = stage_execution_state_machine_arn.split(':').nth(position);
            part.map(str::to_owned).ok_or_else(|| {
                Fault::misconfigured("STAGE_EXECUTION_STATE_MACHINE_ARN is not the ARN of a state machine")
            })
        };
        Ok(Self {
            pipelines_table: required("PIPELINES_TABLE")?,
            executions_table: required("EXECUTIONS_TABLE")?,
            outbox_table: required("OUTBOX_TABLE")?,
            artifact_bucket: required("ARTIFACT_BUCKET")?,
            commands_project: required("COMMANDS_PROJECT")?,
            function_arn_prefix: required("FUNCTION_ARN_PREFIX")?,
            region: arn_part(3)?,
            account_id: arn_part(4)?,
            signing_key_secret_arn: variable("SIGNING_KEY_SECRET_ARN").filter(|arn| !arn.is_empty()),
            artifact_access_role_arn: variable("ARTIFACT_ACCESS_ROLE_ARN").filter(|arn| !arn.is_empty()),
            api_endpoint: variable("API_ENDPOINT").filter(|endpoint| !endpoint.is_empty()),
            caller_roles: variable("CALLER_ROLES").unwrap_or_default(),
            unauthenticated_webhooks: match variable("ALLOW_UNAUTHENTICATED_WEBHOOKS").as_deref() {
                Some("true") => UnauthenticatedWebhooks::Allowed,
                _ => UnauthenticatedWebhooks::Refused,
            },
            stage_execution_state_machine_arn,
        })
    }

    /// What the ARNs of pipelines, action types and webhooks begin with.
    pub fn codepipeline_arns(&self) -> String {
        format!("arn:aws:codepipeline:{}:{}:", self.region, self.account_id)
    }

    pub fn pipeline_arn(&self, name: &str) -> String {
        format!("{}{name}", self.codepipeline_arns())
    }

    pub fn webhook_arn(&self, name: &str) -> String {
        format!("{}webhook:{name}", self.codepipeline_arns())
    }

    /// Where a webhook is sent its requests. Its name is in it, so that it is found by its key.
    ///
    /// # Errors
    /// `Misconfigured` for a function that template.yaml does not tell where the API is.
    pub fn webhook_url(&self, name: &str, url_token: &str) -> Result<String, Fault> {
        let endpoint = self.api_endpoint.as_deref().ok_or_else(|| {
            Fault::misconfigured(
                "the environment variable API_ENDPOINT is not set; template.yaml sets it for the function api",
            )
        })?;
        Ok(format!("{endpoint}/webhooks/{name}.{url_token}"))
    }

    /// Where the host of a connection sends its webhook's requests.
    ///
    /// # Errors
    /// `Misconfigured` for a function that template.yaml does not tell where the API is.
    pub fn connection_url(&self, url_token: &str) -> Result<String, Fault> {
        let webhook = self.webhook_url("", url_token)?;
        Ok(webhook.replacen("/webhooks/.", "/connections/", 1))
    }

    /// The ARN of a workflow, by its name.
    pub fn workflow_arn(&self, name: &str) -> String {
        let machine = self.stage_execution_state_machine_arn.replacen(":stateMachine:", ":execution:", 1);
        format!("{machine}:{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        match name {
            "STAGE_EXECUTION_STATE_MACHINE_ARN" => {
                Some("arn:aws:states:eu-west-1:111122223333:stateMachine:pw-stage-execution".into())
            }
            other => Some(other.to_lowercase()),
        }
    }

    #[test]
    fn region_and_account_come_from_the_state_machine() {
        let config = Config::from_environment(variable).expect("everything is set");
        assert_eq!((config.region.as_str(), config.account_id.as_str()), ("eu-west-1", "111122223333"));
        let arn = config.workflow_arn("x-0-1");
        assert_eq!(arn, "arn:aws:states:eu-west-1:111122223333:execution:pw-stage-execution:x-0-1");
    }

    #[test]
    fn a_missing_variable_is_named() {
        let fault = Config::from_environment(|name| variable(name).filter(|_| name != "OUTBOX_TABLE"));
        assert!(fault.expect_err("it is missing").to_string().contains("OUTBOX_TABLE"));
    }
}
