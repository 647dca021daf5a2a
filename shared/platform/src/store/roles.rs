//! Policies of roles that the service has in the place of its own, and roles of its own making.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::permissions::{ADMINISTRATOR, Statement, policy_of_role, policy_statements};
use serde_json::Value;

use super::document::{key_of, read};
use super::{Store, keys};
use crate::Fault;

/// Of an item: the policy document.
const POLICY: &str = "policy";

impl Store {
    /// What somebody with this role may do. Nobody changes what the administrator may; a role that nobody knows may
    /// do nothing.
    pub async fn statements_of_role(&self, role: &str) -> Result<Vec<Statement>, Fault> {
        let unreadable =
            |problem: String| Fault::corrupt(format!("the policy of the role {role}: {problem}"));
        let own = match role {
            ADMINISTRATOR => None,
            role => self.get(&self.config.pipelines_table, keys::role(role)).await?,
        };
        let own: Option<Value> = own.map(|item| read(&item, POLICY)).transpose()?.flatten();
        let document = match (own, policy_of_role(role)) {
            (Some(own), _) => own,
            (None, Some(text)) => {
                serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?
            }
            (None, None) => return Ok(Vec::new()),
        };
        policy_statements(&document).map_err(unreadable)
    }

    /// Gives a role this policy document, which was checked.
    pub async fn put_role(&self, role: &str, policy: &Value) -> Result<(), Fault> {
        let put = self.client.put_item().table_name(&self.config.pipelines_table);
        let put =
            put.set_item(Some(key_of(keys::role(role)))).item(POLICY, AttributeValue::S(policy.to_string()));
        put.send().await.map_err(|error| Fault::of_call("keeping a role", error))?;
        Ok(())
    }
}
