//! STS, as far as functions need it: keys for a role, and who has presigned a call.
//!
//! The keys of AWS are those of this service here, which verifies them when it listens. Those of a role open objects
//! and nothing else, of every bucket.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use engine::permissions::{ADMINISTRATOR, ARTIFACT_ACCESS};
use http::Request;
use local_service::{ApiError, BoxFuture, Clock, Service};
use serde_json::{Value, json};
use signature::{Protocol, Scope, SignedRequest, verify_presigned};

use crate::connector::Identities;
use crate::credentials::{issued, master_key};
use crate::template::Account;

pub(super) struct RoleKeys {
    /// The data directory, which has the key that all keys are made of.
    pub(super) data: PathBuf,
    pub(super) account: Account,
    pub(super) clock: Arc<dyn Clock>,
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

impl Identities for RoleKeys {
    fn of_presigned(&self, request: &Request<Bytes>) -> Result<Value, ApiError> {
        let internal = |error: &dyn std::fmt::Display| ApiError::internal(error.to_string());
        let master = master_key(&self.data).map_err(|error| internal(&error))?;
        let host = request.uri().authority().map_or("", |authority| authority.as_str());
        let mut headers = vec![("host", host)];
        for (name, value) in request.headers().iter().filter(|(name, _)| *name != http::header::HOST) {
            let value = value.to_str().map_err(|error| internal(&error))?;
            headers.push((name.as_str(), value));
        }
        let signed = SignedRequest {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
            headers: &headers,
            body: request.body(),
        };
        let scope = Scope { region: &self.account.region, services: &["sts"] };
        // STS has the names for these that S3 has.
        let principal = verify_presigned(&signed, &master, self.clock.now(), scope).map_err(|error| {
            let code = error.code(Protocol::S3).to_owned();
            ApiError { code, message: error.to_string(), status: 403 }
        })?;
        let (account, role) = (&self.account.id, principal.role.as_deref().unwrap_or(ADMINISTRATOR));
        let arn = match principal.name.starts_with("arn:") {
            true => principal.name.clone(),
            false => format!("arn:aws:sts::{account}:assumed-role/{role}/{}", principal.name),
        };
        Ok(json!({
            "Arn": arn,
            "UserId": format!("{}:{}", principal.access_key_id, principal.name),
            "Account": account,
        }))
    }
}
