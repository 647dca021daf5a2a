//! Secrets Manager and Parameter Store on this machine: the smallest honest subset, from a local file.
//!
//! Secrets and parameters are in one YAML file that its owner writes and nobody else may read:
//!
//! ```text
//! secrets:
//!   registry-token: "dckr_pat_…"
//!   shop/database:              # a mapping is what the console stores: a JSON object
//!     username: shop
//!     password: "…"
//! parameters:
//!   /shop/licence: "…"          # a SecureString
//!   /shop/hosts: [one, two]     # a StringList
//! ```
//!
//! Texts that YAML would read as a number or a truth value have to be quoted. The file is read at every call, so
//! a change counts from the next build on. There is one version of everything, which is `AWSCURRENT`.
//!
//! - [`SecretsFile`] is that file.
//! - [`StackSecrets`] are secrets that a stack generates for itself. Builds must not have them: give builds
//!   [`LocalSecrets::of_user`].
//! - [`LocalSecrets`] and [`LocalParameterStore`] answer the APIs: `GetSecretValue`, `GetParameter` and
//!   `GetParameters`. Everything that writes is refused: edit the file.
//!
//! Values are in no error, and in no `Debug` output.

mod document;
mod identifier;
mod parameter_store;
mod secret_text;
mod secrets;
mod secrets_file;
mod stack_secrets;

pub use parameter_store::LocalParameterStore;
pub use secret_text::SecretText;
pub use secrets::LocalSecrets;
pub use secrets_file::SecretsFile;
pub use stack_secrets::{SIGNING_KEY, StackSecretError, StackSecrets, master_key};

/// Where the secrets seem to be: what ARNs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub region: String,
}

#[cfg(test)]
mod tests;
