//! What a build needs of secrets: their values by name.

use local_service::ApiError;

use crate::SecretText;

/// Which version of a secret is asked for; neither stage nor id is `AWSCURRENT`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecretVersion<'a> {
    pub stage: Option<&'a str>,
    pub id: Option<&'a str>,
}

/// Values for `env.secrets-manager` and `env.parameter-store`. Errors have the names that Secrets Manager and
/// Parameter Store give them, and say where the value would have to be.
pub trait SecretLookup: Send + Sync + 'static {
    /// The whole value of a secret, by its name or ARN.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, or that the file cannot be used.
    fn secret(&self, id: &str, version: SecretVersion<'_>) -> Result<SecretText, ApiError>;

    /// The decrypted value of a parameter, by its name or ARN; a list's with commas between.
    ///
    /// # Errors
    /// `ParameterNotFound`, `ParameterVersionNotFound`, or that the file cannot be used.
    fn parameter(&self, name: &str) -> Result<SecretText, ApiError>;
}
