//! What of the template has no counterpart on one machine: it is known, and nothing is made of it.
//!
//! The list is closed, as everything here: a resource of another type is refused. docs/local.md has it for users.

/// Types of resources, in the order of their names: who may reach something from outside, what providers' work may do
/// in the account, where lines are kept, who is told of what, where events go that nobody took. Here nobody is outside,
/// lines go to the terminal, and an event is held until its function takes it.
const TYPES: [&str; 9] = [
    "AWS::CloudWatch::Alarm",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
];

/// What Lambda does with a function's role, and the function's code never: it writes lines, reads streams and hands on
/// failed events by itself.
const ACTIONS_OF_LAMBDA: [&str; 7] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
];

pub(super) fn is_resource(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// A statement that keeps Lambda from what AWS's own policies let it do besides.
pub(super) fn is_statement(statement: &serde_json::Value) -> bool {
    let actions: Option<Vec<&str>> = match &statement["Action"] {
        serde_json::Value::Array(actions) => actions.iter().map(serde_json::Value::as_str).collect(),
        one => one.as_str().map(|one| vec![one]),
    };
    let of_lambda = |action: &&str| ACTIONS_OF_LAMBDA.contains(action);
    statement["Effect"] == "Deny"
        && statement.get("NotResource").is_some()
        && actions.is_some_and(|actions| !actions.is_empty() && actions.iter().all(of_lambda))
}

/// A permission to hand a role to one service, without the service: whoever names a role in a call of another service
/// has to have a permission for that call.
pub(super) fn without_recipient(statement: &serde_json::Value) -> serde_json::Value {
    let mut statement = statement.clone();
    let condition = &statement["Condition"]["StringEquals"];
    let names_the_service_only = condition["iam:PassedToService"].is_string()
        && condition.as_object().is_some_and(|fields| fields.len() == 1)
        && statement["Condition"].as_object().is_some_and(|fields| fields.len() == 1);
    if statement["Action"] == "iam:PassRole"
        && names_the_service_only
        && let Some(fields) = statement.as_object_mut()
    {
        fields.remove("Condition");
    }
    statement
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_denials_of_what_lambda_does_are_passed_over() {
        let deny = |actions| json!({"Effect": "Deny", "Action": actions, "NotResource": "x"});
        for (statement, expected) in [
            (deny(json!("logs:PutLogEvents")), true),
            (deny(json!(["logs:PutLogEvents", "dynamodb:GetRecords"])), true),
            (deny(json!(["logs:PutLogEvents", "s3:GetObject"])), false),
            (deny(json!([])), false),
            (json!({"Effect": "Allow", "Action": "logs:PutLogEvents", "NotResource": "x"}), false),
            (json!({"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "x"}), false),
        ] {
            assert_eq!(is_statement(&statement), expected, "{statement}");
        }
    }

    #[test]
    fn only_the_service_that_a_role_is_handed_to_is_passed_over() {
        let statement = |action: &str, condition| json!({"Action": action, "Condition": condition});
        let service = json!({"StringEquals": {"iam:PassedToService": "x"}});
        let more = json!({"StringEquals": {"iam:PassedToService": "x", "aws:PrincipalTag/a": "b"}});
        let other = json!({"StringEquals": {"iam:PassedToService": "x"}, "Bool": {}});
        for (statement, is_passed_over) in [
            (statement("iam:PassRole", service.clone()), true),
            (statement("iam:PassRole", more), false),
            (statement("iam:PassRole", other), false),
            (statement("s3:GetObject", service), false),
        ] {
            let left = without_recipient(&statement);
            assert_eq!(left.get("Condition").is_none(), is_passed_over, "{statement}");
        }
    }
}
