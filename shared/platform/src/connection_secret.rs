//! What a connection's host wants to know, and signs with: a secret of the connection's owner in Secrets Manager.

use std::fmt;

use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use serde::Deserialize;

use crate::{Connection, Fault, Platform};

/// `{ "token": "…", "webhookSecret": "…" }`, each where it is needed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionSecret {
    /// Who the token is of, where the host wants to know.
    #[serde(default)]
    pub username: Option<String>,
    /// Reads the repositories.
    #[serde(default)]
    pub token: Option<String>,
    /// What the host signs the requests of the webhook with.
    #[serde(default)]
    pub webhook_secret: Option<String>,
}

/// What is secret is in no log.
impl fmt::Debug for ConnectionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionSecret").finish_non_exhaustive()
    }
}

/// Keys of AWS, as the process has them.
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

impl Platform {
    /// The secret of a connection; an empty one for a connection without. The inner error is a sentence for whoever
    /// made the connection.
    ///
    /// # Errors
    /// Secrets Manager does not answer.
    pub async fn connection_secret(
        &self,
        connection: &Connection,
    ) -> Result<Result<ConnectionSecret, String>, Fault> {
        let Some(name) = &connection.secret else { return Ok(Ok(ConnectionSecret::default())) };
        let of_connection = format!("the secret '{name}' of the connection '{}'", connection.arn);
        let answer = self.secretsmanager.get_secret_value().secret_id(name).send().await;
        let text = match answer {
            Ok(answer) => answer.secret_string.unwrap_or_default(),
            Err(error) if is_permanent(&error) => {
                let fault = Fault::of_call(&format!("reading {of_connection}"), error);
                return Ok(Err(fault.to_string()));
            }
            Err(error) => return Err(Fault::of_call(&format!("reading {of_connection}"), error)),
        };
        // What stands in it is not repeated.
        let read = serde_json::from_str(&text);
        Ok(read.map_err(|_| format!("{of_connection} is not JSON with `token` and `webhookSecret`")))
    }

    /// The keys that calls of AWS are signed with.
    ///
    /// # Errors
    /// There are none.
    pub async fn keys(&self) -> Result<Keys, Fault> {
        let provider =
            self.credentials.as_ref().ok_or_else(|| Fault::misconfigured("there are no keys of AWS"))?;
        let keys = provider.provide_credentials().await;
        let keys = keys.map_err(|error| Fault::unavailable(format!("the keys of AWS: {error}")))?;
        Ok(Keys {
            access_key_id: keys.access_key_id().to_owned(),
            secret_access_key: keys.secret_access_key().to_owned(),
            session_token: keys.session_token().map(str::to_owned),
        })
    }
}

/// Whether it stays so until somebody mends it.
fn is_permanent<R>(error: &SdkError<GetSecretValueError, R>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    matches!(code, Some("ResourceNotFoundException" | "AccessDeniedException" | "InvalidRequestException"))
}
