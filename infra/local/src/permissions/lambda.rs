//! Lambda: the function that is invoked.

use super::Permission;
use super::request::UnknownRequest;
use crate::connector::function_name;
use crate::template::Account;

/// `path`: of the request.
pub(super) fn permissions(path: &str, account: &Account) -> Result<Vec<Permission>, UnknownRequest> {
    let Some(name) = function_name(path) else { return Err(UnknownRequest(format!("Lambda {path}"))) };
    let name = name.rsplit_once(":function:").map_or(name.as_str(), |(_, name)| name);
    let name = name.split(':').next().unwrap_or_default();
    let function = account.arn("lambda", &format!("function:{name}"));
    Ok(vec![Permission::new("lambda:InvokeFunction", function)])
}
