//! The API of Secrets Manager, as far as functions ask it: `secretsmanager.GetSecretValue`.

use local_service::{ApiError, BoxFuture, Service, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::identifier::{VERSION_ID, VERSION_STAGE, check_version, secret_arn, secret_name};
use crate::{Account, SecretText, SecretsFile, StackSecrets};

/// The user's secrets and the stack's own; a name of both is the stack's.
#[derive(Debug, Clone)]
pub struct LocalSecrets {
    account: Account,
    file: SecretsFile,
    stack: Option<StackSecrets>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

impl LocalSecrets {
    /// For functions, whose policies say which secrets they may have.
    #[must_use]
    pub fn new(account: Account, file: SecretsFile, stack: StackSecrets) -> Self {
        Self { account, file, stack: Some(stack) }
    }

    /// For builds and for everybody else without policies: what the user wrote, and nothing of the stack's own.
    #[must_use]
    pub fn of_user(account: Account, file: SecretsFile) -> Self {
        Self { account, file, stack: None }
    }

    /// By which everything that is made of the template knows the secret.
    #[must_use]
    pub fn arn(&self, name: &str) -> String {
        secret_arn(&self.account, name)
    }

    fn get_secret_value(&self, input: Value) -> Result<Value, ApiError> {
        let request: GetSecretValue = serde_json::from_value(input)
            .map_err(|_| ApiError::client("InvalidParameterException", "SecretId is missing or no text"))?;
        let (name, secret, created) = self.find(&request.secret_id)?;
        check_version(request.version_stage.as_deref(), request.version_id.as_deref())?;
        Ok(json!({
            "ARN": self.arn(name),
            "Name": name,
            "VersionId": VERSION_ID,
            "SecretString": secret.expose(),
            "VersionStages": [VERSION_STAGE],
            "CreatedDate": created as f64 / 1000.0,
        }))
    }

    fn find<'a>(&self, id: &'a str) -> Result<(&'a str, SecretText, Timestamp), ApiError> {
        if let Some(stack) = &self.stack
            && let Some(name) = secret_name(id, |name| stack.contains(name))
        {
            let secret = stack.read(name);
            let secret =
                secret.map_err(|error| ApiError::client("InvalidRequestException", error.to_string()))?;
            return Ok((name, secret, 0));
        }
        let (mut document, changed) = self.file.read()?;
        let name = secret_name(id, |name| document.secrets.contains_key(name));
        let found = name.and_then(|name| Some((name, document.secrets.remove(name)?, changed)));
        found.ok_or_else(|| self.file.no_such_secret(id))
    }
}

impl Service for LocalSecrets {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            match operation {
                "GetSecretValue" => self.get_secret_value(input),
                _ => Err(ApiError::unsupported("Secrets Manager", operation)),
            }
        })
    }
}
