//! The stack's signing key, as Secrets Manager keeps it: asked for once in the life of a process.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::{Fault, Lazy};

/// Cheap to clone; clones share what was read. It has no `Debug`: whoever reads the key can sign for everybody.
#[derive(Clone)]
pub struct SigningKey {
    client: Lazy<aws_sdk_secretsmanager::Client>,
    secret_arn: Option<String>,
    secret: Arc<OnceCell<String>>,
}

impl SigningKey {
    pub(crate) fn new(client: Lazy<aws_sdk_secretsmanager::Client>, secret_arn: Option<String>) -> Self {
        Self { client, secret_arn, secret: Arc::new(OnceCell::new()) }
    }

    /// The secret's text.
    ///
    /// # Errors
    /// `Misconfigured` for a function that template.yaml gives no key, or a secret that is no text; otherwise why
    /// Secrets Manager did not answer.
    pub async fn secret(&self) -> Result<&str, Fault> {
        self.secret.get_or_try_init(|| self.read()).await.map(String::as_str)
    }

    async fn read(&self) -> Result<String, Fault> {
        let arn = self.secret_arn.as_deref().ok_or_else(|| {
            Fault::misconfigured(
                "the environment variable SIGNING_KEY_SECRET_ARN is not set; template.yaml sets it for the function api",
            )
        })?;
        let answer = self.client.get_secret_value().secret_id(arn).send().await;
        let answer = answer.map_err(|error| Fault::of_call("reading the signing key", error))?;
        answer
            .secret_string
            .ok_or_else(|| Fault::misconfigured("the signing key's secret has no SecretString"))
    }
}
