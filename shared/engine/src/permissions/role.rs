//! The roles that every service has. Their policies are documents beside this file; a service may have others in
//! their place, but for the administrator's, so that nobody locks everybody out.

/// Who may do everything. Keys without another role are an administrator's.
pub const ADMINISTRATOR: &str = "administrator";

/// Of the keys that open artifacts to workers and to functions of pipelines.
pub const ARTIFACT_ACCESS: &str = "artifact-access";

/// Names, and policy documents.
pub const ROLES: [(&str, &str); 6] = [
    (ADMINISTRATOR, include_str!("roles/administrator.json")),
    ("operator", include_str!("roles/operator.json")),
    ("approver", include_str!("roles/approver.json")),
    ("reader", include_str!("roles/reader.json")),
    ("job-worker", include_str!("roles/job-worker.json")),
    (ARTIFACT_ACCESS, include_str!("roles/artifact-access.json")),
];

/// The policy document of a role, unless the service has another; `None` for a role that nobody knows.
pub fn policy_of_role(name: &str) -> Option<&'static str> {
    ROLES.iter().find(|(role, _)| *role == name).map(|(_, policy)| *policy)
}
