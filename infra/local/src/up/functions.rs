//! What a command that stands for a Lambda function needs to call back: where the service is, and keys for it.

use std::path::PathBuf;
use std::sync::Arc;

use local_lambda::Surroundings;

use crate::credentials;

/// Read by every SDK and by the AWS CLI. The keys are drawn for each invocation, and live longer than it may.
pub(super) fn surroundings(endpoint: String, data: PathBuf) -> Surroundings {
    Arc::new(move || {
        let mut variables = vec![("AWS_ENDPOINT_URL".to_owned(), endpoint.clone())];
        match credentials::of_owner(&data) {
            Ok(keys) => {
                let mut add = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
                add("AWS_ACCESS_KEY_ID", keys.access_key_id());
                add("AWS_SECRET_ACCESS_KEY", keys.secret_access_key());
                add("AWS_SESSION_TOKEN", keys.session_token().unwrap_or_default());
            }
            Err(error) => tracing::error!(%error, "a function gets no keys"),
        }
        variables
    })
}
