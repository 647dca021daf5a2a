//! CloudFormation, SNS and the other services that are called with forms.

use super::Permission;
use crate::connector::form_fields;
use crate::template::Account;

/// `service`: the prefix of its actions. `body`: of the request. Where the resource is not told apart here, it is all
/// of them, which only a policy for all of them covers.
pub(super) fn permissions(service: &str, body: &[u8], account: &Account) -> Vec<Permission> {
    let fields = form_fields(body);
    let text = |name: &str| fields.get(name).and_then(|value| value.as_str());
    let resource = match service {
        "cloudformation" => text("StackName").map(|name| stack(name, account)),
        "sns" => text("TopicArn").or(text("TargetArn")).map(str::to_owned),
        _ => None,
    };
    let action = format!("{service}:{}", text("Action").unwrap_or("*"));
    let mut needed = vec![Permission::new(action, resource.unwrap_or_else(|| "*".to_owned()))];
    // A role that is handed to CloudFormation.
    needed.extend(text("RoleARN").map(|role| Permission::new("iam:PassRole", role)));
    needed
}

/// A stack is named by its name, or by its ARN, which ends in an id that the name does not tell.
fn stack(name: &str, account: &Account) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => account.arn("cloudformation", &format!("stack/{name}/*")),
    }
}
