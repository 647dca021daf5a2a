//! What roles may do on this machine, where that is not what the service says by itself.

use engine::permissions::{ADMINISTRATOR, policy_statements};
use serde_json::Value;

use super::callers::platform_of_owner;
use super::error::part;
use super::{LocalStack, StartError};

/// As IAM has them for roles.
fn is_name(name: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter);
    (1..=64).contains(&name.len()) && name.chars().all(is_allowed)
}

impl LocalStack {
    /// Gives a role a policy document.
    ///
    /// # Errors
    /// The name or the document is none, or the store does not take it.
    pub async fn define_role(&self, name: &str, policy: &Value) -> Result<(), StartError> {
        if !is_name(name) {
            return Err(StartError("a role's name has up to 64 of A-Z a-z 0-9 and +=,.@_-".to_owned()));
        }
        if name == ADMINISTRATOR {
            return Err(StartError("what the administrator may do cannot be changed".to_owned()));
        }
        policy_statements(policy).map_err(StartError)?;
        let owner = platform_of_owner(&self.template, &self.aws, &self.clock)?;
        owner.store.put_role(name, policy).await.map_err(part("role"))
    }
}
