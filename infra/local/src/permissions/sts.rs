//! STS: the role that is assumed.

use super::Permission;
use crate::connector::form_fields;

/// `body`: of the request.
pub(super) fn permissions(body: &[u8]) -> Vec<Permission> {
    let fields = form_fields(body);
    let text = |name: &str| fields.get(name).and_then(|value| value.as_str());
    let action = format!("sts:{}", text("Action").unwrap_or("*"));
    vec![Permission::new(action, text("RoleArn").unwrap_or("*"))]
}
