//! Action types that a provider offers to accounts ("integration models" of the user guide, page "Working with action
//! types"): a function of the provider's is invoked for each job, or a worker of the provider's polls for them.
//!
//! The structs are the service model's `ActionTypeDeclaration`, member for member. AWS onboards a provider by hand; on
//! an installation of one's own, whoever may call UpdateActionType is the provider, so that a type comes to be with its
//! first update.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ActionTypeSettings, ArtifactDetails, ConfigurationProperty, CustomActionType};
use crate::Rejection;
use crate::declaration::ActionTypeId;

/// An account may have so many; CodePipeline does not say how many. As of custom action types.
pub const PROVIDED_ACTION_TYPES_MAX: usize = 50;
/// Of an action whose provider's worker polls: which of the provider's clients the pipeline's owner is, a UUID. The
/// worker is told it with each job, so that it finds the token that the client and the provider agreed on.
pub const CLIENT_ID: &str = "ClientId";
/// The token, a secret: whoever has it may have the job.
pub const CLIENT_TOKEN: &str = "ClientToken";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvidedActionType {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub executor: Executor,
    pub id: ActionTypeId,
    pub input_artifact_details: ArtifactDetails,
    pub output_artifact_details: ArtifactDetails,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    #[serde(default)]
    pub properties: Vec<ProvidedProperty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Urls>,
}

/// Who does the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Executor {
    pub configuration: ExecutorConfiguration,
    #[serde(rename = "type")]
    pub executor_type: ExecutorType,
    /// Kept and shown: what a provider's function may do is decided where it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_statements_template: Option<String>,
    /// Of each job, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_timeout: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutorType {
    JobWorker,
    Lambda,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutorConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lambda_executor_configuration: Option<LambdaExecutor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_worker_executor_configuration: Option<JobWorkerExecutor>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaExecutor {
    pub lambda_function_arn: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobWorkerExecutor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling_accounts: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling_service_principals: Option<Vec<String>>,
}

/// Which accounts may name the type in their pipelines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    pub allowed_accounts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvidedProperty {
    pub name: String,
    pub optional: bool,
    pub key: bool,
    /// A secret.
    pub no_echo: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queryable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Urls {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_url_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_url_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_url_template: Option<String>,
}

impl ProvidedActionType {
    /// The function that does the work, if none of the provider's workers polls for it.
    pub fn function_arn(&self) -> Option<&str> {
        let configuration = self.executor.configuration.lambda_executor_configuration.as_ref()?;
        Some(&configuration.lambda_function_arn)
    }

    /// Whether pipelines of this account may have such actions. Without `permissions` those of the provider's own
    /// account may, which is this one.
    pub fn is_allowed_in(&self, account_id: &str) -> bool {
        self.permissions.as_ref().is_none_or(|permissions| {
            permissions.allowed_accounts.iter().any(|allowed| allowed == account_id || allowed == "*")
        })
    }

    /// Whether workers of this account may ask for jobs.
    pub fn is_polled_from(&self, account_id: &str) -> bool {
        let worker = self.executor.configuration.job_worker_executor_configuration.as_ref();
        let accounts = worker.and_then(|worker| worker.polling_accounts.as_ref());
        accounts.is_some_and(|accounts| accounts.iter().any(|account| account == account_id))
    }

    /// The type as ListActionTypes shows it, and as declarations are checked against it.
    pub fn as_listed(&self) -> CustomActionType {
        let declared = self.properties.iter().map(|property| ConfigurationProperty {
            name: property.name.clone(),
            required: !property.optional,
            key: property.key,
            secret: property.no_echo,
            queryable: property.queryable,
            description: property.description.clone(),
            property_type: None,
        });
        CustomActionType {
            id: self.id.clone(),
            settings: self.urls.as_ref().map(|urls| ActionTypeSettings {
                third_party_configuration_url: urls.configuration_url.clone(),
                entity_url_template: urls.entity_url_template.clone(),
                execution_url_template: urls.execution_url_template.clone(),
                revision_url_template: urls.revision_url_template.clone(),
            }),
            action_configuration_properties: declared.chain(self.client_properties()).collect(),
            input_artifact_details: self.input_artifact_details,
            output_artifact_details: self.output_artifact_details,
        }
    }

    /// What every action has whose provider's worker polls.
    fn client_properties(&self) -> impl Iterator<Item = ConfigurationProperty> {
        let client = [(CLIENT_ID, false), (CLIENT_TOKEN, true)].map(|(name, secret)| ConfigurationProperty {
            name: name.to_owned(),
            required: true,
            key: !secret,
            secret,
            ..ConfigurationProperty::default()
        });
        let is_polled = self.executor.executor_type == ExecutorType::JobWorker;
        client.into_iter().filter(move |_| is_polled)
    }

    /// Whether there can be such an action type, where there are `count` others.
    ///
    /// # Errors
    /// `ActionTypeNotFound` for a type of AWS that there is not, `RequestFailed` for one that nobody may change, or one
    /// too many; `Validation`
    pub fn check(&self, count: usize) -> Result<(), Rejection> {
        let id = &self.id;
        let shown =
            format!("{} {}, version '{}', of the owner {}", id.category, id.provider, id.version, id.owner);
        if crate::catalog::find(id).is_some() {
            return Err(Rejection::RequestFailed(format!(
                "The action type {shown} is CodePipeline's own, which nobody can update. Use another provider or version."
            )));
        }
        if id.owner != "ThirdParty" {
            return Err(Rejection::ActionTypeNotFound(format!(
                "There is no action type {shown}. Types of the owner ThirdParty come to be with their first update."
            )));
        }
        if let Some(problem) = self.problem() {
            return Err(Rejection::Validation(problem));
        }
        self.as_listed().check()?;
        if count >= PROVIDED_ACTION_TYPES_MAX {
            return Err(Rejection::RequestFailed(format!(
                "There are {count} action types of the owner ThirdParty, and there may be {PROVIDED_ACTION_TYPES_MAX}."
            )));
        }
        Ok(())
    }

    fn problem(&self) -> Option<String> {
        let ExecutorConfiguration {
            lambda_executor_configuration: lambda,
            job_worker_executor_configuration: worker,
        } = &self.executor.configuration;
        let (needs, is_right) = match self.executor.executor_type {
            ExecutorType::Lambda => ("lambdaExecutorConfiguration", lambda.is_some() && worker.is_none()),
            ExecutorType::JobWorker => {
                ("jobWorkerExecutorConfiguration", worker.is_some() && lambda.is_none())
            }
        };
        if !is_right {
            return Some(format!(
                "An executor of the type {:?} has {needs} and no other configuration.",
                self.executor.executor_type
            ));
        }
        if worker.as_ref().is_some_and(|worker| worker == &JobWorkerExecutor::default()) {
            return Some(
                "Nobody could poll for jobs: give pollingAccounts or pollingServicePrincipals.".to_owned(),
            );
        }
        let template = self.executor.policy_statements_template.as_deref();
        if template.is_some_and(|template| serde_json::from_str::<Value>(template).is_err()) {
            return Some("policyStatementsTemplate is not JSON.".to_owned());
        }
        let listed = self.as_listed();
        let is_reserved = |property: &&ProvidedProperty| {
            listed.action_configuration_properties.iter().filter(|other| other.name == property.name).count()
                > 1
                && [CLIENT_ID, CLIENT_TOKEN].contains(&property.name.as_str())
        };
        let reserved = self.properties.iter().find(is_reserved)?;
        Some(format!(
            "The property '{}' is there by itself: every action whose provider's worker polls for jobs has {CLIENT_ID} \
             and {CLIENT_TOKEN}.",
            reserved.name
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scan() -> Value {
        json!({
            "id": { "category": "Test", "owner": "ThirdParty", "provider": "Scan", "version": "1" },
            "executor": {
                "type": "JobWorker",
                "configuration": { "jobWorkerExecutorConfiguration": { "pollingAccounts": ["111122223333"] } },
                "jobTimeout": 60,
            },
            "properties": [{ "name": "Target", "optional": false, "key": true, "noEcho": false }],
            "inputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
            "outputArtifactDetails": { "minimumCount": 0, "maximumCount": 0 },
        })
    }

    fn with(pointer: &str, value: Value) -> ProvidedActionType {
        let mut document = scan();
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
        document.pointer_mut(parent).expect("it is there")[member] = value;
        serde_json::from_value(document).expect("an action type")
    }

    #[test]
    fn a_type_that_cannot_be_is_refused_with_what_is_wrong() {
        let lambda = json!({ "lambdaFunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f" });
        let mut github = scan()["id"].clone();
        github["category"] = json!("Source");
        github["provider"] = json!("GitHub");
        let property =
            |name: &str| json!([{ "name": name, "optional": false, "key": true, "noEcho": false }]);
        for (pointer, value, code, said) in [
            ("/id/owner", json!("AWS"), "ActionTypeNotFoundException", "come to be with their first update"),
            ("/id", github, "RequestFailedException", "CodePipeline's own"),
            ("/id/category", json!("Approval"), "ValidationException", "category Approval"),
            ("/executor/type", json!("Lambda"), "ValidationException", "has lambdaExecutorConfiguration"),
            (
                "/executor/configuration",
                json!({ "lambdaExecutorConfiguration": lambda }),
                "ValidationException",
                "has jobWorkerExecutorConfiguration",
            ),
            (
                "/executor/configuration/jobWorkerExecutorConfiguration",
                json!({}),
                "ValidationException",
                "Nobody could poll",
            ),
            ("/executor/policyStatementsTemplate", json!("{"), "ValidationException", "is not JSON"),
            ("/properties", property("ClientToken"), "ValidationException", "is there by itself"),
            (
                "/inputArtifactDetails/minimumCount",
                json!(2),
                "ValidationException",
                "Maximum Number of Artifacts",
            ),
            (
                "/urls",
                json!({ "entityUrlTemplate": "https://x/{Config:No}" }),
                "ValidationException",
                "refers to 'No'",
            ),
        ] {
            let refused = with(pointer, value).check(0).expect_err(said);
            assert!(refused.code() == code && refused.message().contains(said), "{pointer}: {refused}");
        }
        let sound = with("/description", json!("Scans"));
        assert_eq!((sound.check(0), sound.check(49)), (Ok(()), Ok(())));
        assert_eq!(sound.check(50).expect_err("too many").code(), "RequestFailedException");
    }

    #[test]
    fn accounts_are_allowed_by_name_or_all_of_them() {
        for (allowed, expected) in
            [(json!(["111122223333"]), true), (json!(["*"]), true), (json!(["1"]), false)]
        {
            let permissions = json!({ "allowedAccounts": allowed });
            assert_eq!(
                with("/permissions", permissions).is_allowed_in("111122223333"),
                expected,
                "{allowed}"
            );
        }
        let own = with("/description", json!("Scans"));
        assert!(own.is_allowed_in("111122223333") && own.is_polled_from("111122223333"));
        assert!(!own.is_polled_from("999999999999"));
    }

    #[test]
    fn an_action_of_a_polling_provider_says_which_client_it_is() {
        let names = |action_type: &ProvidedActionType| -> Vec<(String, bool)> {
            let properties = action_type.as_listed().action_configuration_properties.into_iter();
            properties.map(|property| (property.name, property.secret)).collect()
        };
        let told = |name: &str, secret: bool| (name.to_owned(), secret);
        let polled = with("/description", json!("Scans"));
        assert_eq!(names(&polled), [told("Target", false), told(CLIENT_ID, false), told(CLIENT_TOKEN, true)]);
        let mut invoked = polled;
        invoked.executor.executor_type = ExecutorType::Lambda;
        assert_eq!(names(&invoked), [told("Target", false)]);
    }
}
