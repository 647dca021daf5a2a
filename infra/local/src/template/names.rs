//! Physical names, and what `Ref` and `Fn::GetAtt` give for each type of resource.
//!
//! CloudFormation makes up a name with random letters for what is not named; here it is always
//! `<stack>-<logical id>`, so that data of an earlier start is found again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TemplateError;
use super::intrinsics::{Reference, Scope, scalar_text};
use super::stack::Surroundings;

/// Names may depend on parameters, not on other resources: `scope` has no references yet.
pub(super) fn reference(
    logical_id: &str,
    kind: &str,
    properties: &Value,
    scope: &Scope,
    surroundings: &Surroundings,
) -> Result<Reference, TemplateError> {
    let Surroundings { stack_name, account, .. } = surroundings;
    let name = physical_name(logical_id, kind, properties, scope, stack_name)?;
    let iam_arn = |resource: &str| format!("arn:aws:iam::{}:{resource}/{name}", account.id);
    let (value, attributes) = match kind {
        "AWS::Serverless::Function" => {
            let arn = account.arn("lambda", &format!("function:{name}"));
            (name, vec![("Arn", arn)])
        }
        "AWS::Serverless::StateMachine" => {
            let arn = account.arn("states", &format!("stateMachine:{name}"));
            (arn.clone(), vec![("Arn", arn), ("Name", name)])
        }
        "AWS::DynamoDB::Table" => {
            let arn = account.arn("dynamodb", &format!("table/{name}"));
            // AWS puts the time at its end at which the stream was enabled.
            let stream =
                properties.get("StreamSpecification").map(|_| ("StreamArn", format!("{arn}/stream/local")));
            (name, [("Arn", arn)].into_iter().chain(stream).collect())
        }
        "AWS::S3::Bucket" => {
            let arn = format!("arn:aws:s3:::{name}");
            (name, vec![("Arn", arn)])
        }
        "AWS::CodeBuild::Project" => {
            let arn = account.arn("codebuild", &format!("project/{name}"));
            (name, vec![("Arn", arn)])
        }
        "AWS::SecretsManager::Secret" => {
            // AWS draws the six characters behind the name.
            let arn = account.arn("secretsmanager", &format!("secret:{name}-local0"));
            (arn, Vec::new())
        }
        "AWS::ApiGatewayV2::Api" => {
            let of_aws = || format!("https://{name}.execute-api.{}.amazonaws.com", account.region);
            let endpoint = surroundings.api_endpoint.clone().unwrap_or_else(of_aws);
            (name, vec![("ApiEndpoint", endpoint)])
        }
        "AWS::IAM::ManagedPolicy" => (iam_arn("policy"), Vec::new()),
        "AWS::IAM::Role" => {
            let arn = iam_arn("role");
            (name, vec![("Arn", arn)])
        }
        "AWS::SNS::Topic" => (account.arn("sns", &name), Vec::new()),
        "AWS::SQS::Queue" => {
            let url = format!("https://sqs.{}.amazonaws.com/{}/{name}", account.region, account.id);
            let arn = account.arn("sqs", &name);
            (url, vec![("Arn", arn), ("QueueName", name)])
        }
        "AWS::Logs::LogGroup" => {
            let arn = account.arn("logs", &format!("log-group:{name}:*"));
            (name, vec![("Arn", arn)])
        }
        _ => (name, Vec::new()),
    };
    Ok(Reference { value, attributes: BTreeMap::from_iter(attributes) })
}

/// What the template names it, or what is made up for it.
fn physical_name(
    logical_id: &str,
    kind: &str,
    properties: &Value,
    scope: &Scope,
    stack_name: &str,
) -> Result<String, TemplateError> {
    let name_property = match kind {
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::SQS::Queue" => "QueueName",
        _ => "Name",
    };
    match properties.get(name_property) {
        Some(name) => {
            let path = format!("Resources.{logical_id}.Properties.{name_property}");
            scalar_text(&scope.resolve(name, &path)?, &path)
        }
        // Part of the stack's own data here, so no other stack has one of this name.
        None if kind == "AWS::SecretsManager::Secret" => Ok(logical_id.to_owned()),
        None if kind == "AWS::S3::Bucket" => Ok(format!("{stack_name}-{logical_id}").to_ascii_lowercase()),
        None => Ok(format!("{stack_name}-{logical_id}")),
    }
}
