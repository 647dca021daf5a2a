//! STS, as far as functions need it: keys for a role. Here they are keys of this service, which verifies them
//! when it listens. They open objects and nothing else, of every bucket.

use std::path::PathBuf;

use engine::permissions::ARTIFACT_ACCESS;
use local_service::{ApiError, BoxFuture, Service};
use serde_json::{Value, json};

use crate::credentials::issued;

pub(super) struct RoleKeys {
    /// The data directory, which has the key that all keys are made of.
    pub(super) data: PathBuf,
}

impl Service for RoleKeys {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            if operation != "AssumeRole" {
                return Err(ApiError::unsupported("STS", operation));
            }
            let session = input["RoleSessionName"].as_str().unwrap_or_default();
            let keys = issued(&self.data, session, Some(ARTIFACT_ACCESS))
                .map_err(|error| ApiError::internal(error.to_string()))?;
            let printed: Value = serde_json::from_str(&keys.to_process_json()).unwrap_or_default();
            let names = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];
            let members = names.map(|name| (name.to_owned(), printed[name].clone()));
            Ok(json!({ "Credentials": Value::Object(members.into_iter().collect()) }))
        })
    }
}
