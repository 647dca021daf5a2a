//! The values of variables that are in a store of secrets.
//!
//! A value is in the environment of the build's commands and nowhere else: not in the build's record,
//! and masked in its log. Source: "env/parameter-store" and "env/secrets-manager" in the buildspec
//! reference of the CodeBuild user guide.

use std::sync::Arc;

use local_service::{ApiError, Service};
use serde_json::{Value, json};

use crate::buildspec::{SecretReference, secrets_manager_reference};
use crate::model::{EnvironmentVariable, PhaseContext, VariableType};
use crate::settings::Settings;

/// CodeBuild's status codes of phases that end because of a secret.
const PARAMETER_ERROR: &str = "Decrypted Variables Error Message";
const SECRET_ERROR: &str = "Secrets Manager Error Message";

/// What a variable of a project or a start refers to; `None`: its value is its value.
pub fn reference(variable: &EnvironmentVariable) -> Option<SecretReference> {
    match variable.variable_type {
        VariableType::Plaintext => None,
        VariableType::ParameterStore => Some(SecretReference::ParameterStore(variable.value.clone())),
        VariableType::SecretsManager => secrets_manager_reference(&variable.value),
    }
}

/// The value behind `reference`, for the variable `name`.
pub async fn resolve(
    settings: &Settings,
    name: &str,
    reference: &SecretReference,
) -> Result<String, PhaseContext> {
    let code = match reference {
        SecretReference::ParameterStore(_) => PARAMETER_ERROR,
        SecretReference::SecretsManager { .. } => SECRET_ERROR,
    };
    let value = match reference {
        SecretReference::ParameterStore(parameter) => parameter_value(settings, parameter).await,
        SecretReference::SecretsManager { secret_id, json_key, version_stage, version_id } => {
            let input =
                json!({ "SecretId": secret_id, "VersionStage": version_stage, "VersionId": version_id });
            secret_value(settings, input, json_key.as_deref()).await
        }
    };
    match value {
        Ok(value) if value.contains('\0') => {
            Err(PhaseContext::new(code, format!("{name}: the value has a NUL character")))
        }
        Ok(value) => Ok(value),
        Err(message) => Err(PhaseContext::new(code, format!("{name}: {message}"))),
    }
}

async fn parameter_value(settings: &Settings, parameter: &str) -> Result<String, String> {
    let store = available(settings.parameter_store.as_ref(), "Parameter Store")?;
    let input = json!({ "Name": parameter, "WithDecryption": true });
    let output = store.call("GetParameter", input).await.map_err(|error| told(&error))?;
    let value = output["Parameter"]["Value"].as_str();
    value.map(str::to_owned).ok_or_else(|| format!("the parameter {parameter} has no value"))
}

async fn secret_value(settings: &Settings, mut input: Value, key: Option<&str>) -> Result<String, String> {
    let store = available(settings.secrets_manager.as_ref(), "Secrets Manager")?;
    if let Some(members) = input.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    let output = store.call("GetSecretValue", input).await.map_err(|error| told(&error))?;
    let text = output["SecretString"].as_str();
    let text = text.ok_or("the secret is binary; CodeBuild takes secrets of text")?;
    let Some(key) = key else { return Ok(text.to_owned()) };
    // The parser's words could quote the secret.
    let members: Value = serde_json::from_str(text)
        .map_err(|_| format!("the secret is no JSON object, so it has no key {key}; leave the key out"))?;
    match &members[key] {
        Value::Null => Err(format!("the secret has no key {key}")),
        Value::String(value) => Ok(value.clone()),
        other => Ok(other.to_string()),
    }
}

fn available<'a>(store: Option<&'a Arc<dyn Service>>, name: &str) -> Result<&'a Arc<dyn Service>, String> {
    store.ok_or_else(|| {
        format!("{name} is not there: this service was started without it; give the value as PLAINTEXT")
    })
}

fn told(error: &ApiError) -> String {
    format!("{}: {}", error.code, error.message)
}
