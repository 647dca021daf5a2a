//! Who may do what: IAM policies, what CodePipeline's operations need of them, and the roles that the service has.
//!
//! Policies are identity policies of IAM with actions and resources. It deliberately knows no conditions, no policy
//! variables, no `NotAction` and no policies of resources; a statement that uses them is refused when it is read.
//! Source: IAM user guide, "Policy evaluation logic"; Service Authorization Reference, "AWS CodePipeline".

mod caller_roles;
mod needed;
mod permission;
mod policy;
mod role;
mod statement;
mod wildcard;

pub use caller_roles::CallerRoles;
pub use needed::{needed, needs};
pub use permission::Permission;
pub use policy::policy_statements;
pub use role::{ADMINISTRATOR, ARTIFACT_ACCESS, ROLES, policy_of_role};
pub use statement::{Decision, Effect, Statement, evaluate};
pub use wildcard::matches as wildcard_matches;

#[cfg(test)]
mod tests;
