//! Which permissions a request of an AWS SDK needs.

use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use super::{Permission, cloudwatch, dynamodb, json_services, lambda, query_services, s3, sts};
use crate::connector::{CLOUDWATCH, cloudwatch_input, cloudwatch_operation, is_query};
use crate::template::Account;

/// A request that cannot be reduced to what IAM would be asked; it is not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRequest(pub String);

impl fmt::Display for UnknownRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not supported by the local stack", self.0)
    }
}

impl std::error::Error for UnknownRequest {}

/// What IAM would be asked for this request.
///
/// CloudWatch is told by its path, a JSON service by `X-Amz-Target`, a service with forms by the `Action` in them;
/// what has none is Lambda when it was signed for it, and S3, path-style, otherwise. Which resource an action is
/// checked on is from the Service Authorization Reference. Where AWS knows the resource and the request does not name
/// it (the deployment group of a deployment id), the resource is the ARN with `*` for the unknown part, which only a
/// policy for all of them covers.
pub fn request_of(
    request: &http::Request<Bytes>,
    account: &Account,
) -> Result<Vec<Permission>, UnknownRequest> {
    if let Some(operation) = cloudwatch_operation(request.uri().path(), request.headers()) {
        let input = cloudwatch_input(request.body()).unwrap_or_default();
        return Ok(cloudwatch::permissions(operation, &input, account));
    }
    let Some(target) = request.headers().get("x-amz-target") else {
        return match service_of(request) {
            Some("lambda") => lambda::permissions(request.uri().path(), account),
            Some("sts") => Ok(sts::permissions(request.body())),
            Some(service) if is_query(request.headers()) => {
                Ok(query_services::permissions(service, request.body(), account))
            }
            _ => s3::permissions(request),
        };
    };
    let target = target.to_str().unwrap_or_default();
    let (service, operation) =
        target.split_once('.').ok_or_else(|| UnknownRequest(format!("X-Amz-Target {target}")))?;
    if service == "DynamoDB_20120810" {
        return Ok(dynamodb::permissions(operation, request.body(), account));
    }
    let input: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let permissions = match service {
        "AWSStepFunctions" => json_services::step_functions(operation, &input),
        "CodeBuild_20161006" => json_services::codebuild(operation, &input, account),
        "CodeDeploy_20141006" => json_services::codedeploy(operation, &input, account),
        "secretsmanager" => json_services::secrets_manager(operation, &input, account),
        "AmazonSSM" => json_services::parameter_store(operation, &input, account),
        "Logs_20140328" => json_services::logs(operation, &input, account),
        CLOUDWATCH => cloudwatch::permissions(operation, &input, account),
        "AWSEvents" => json_services::event_bridge(operation, &input, account),
        "AmazonEC2ContainerServiceV20141113" => json_services::on_all("ecs", operation),
        "AmazonEC2ContainerRegistry_V20150921" => json_services::on_all("ecr", operation),
        _ => return Err(UnknownRequest(target.to_owned())),
    };
    Ok(permissions)
}

/// What a request was signed for, where its path alone could be that of a bucket.
fn service_of(request: &http::Request<Bytes>) -> Option<&str> {
    let header = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scope, _) = header.split_once("/aws4_request")?;
    scope.rsplit_once('/').map(|(_, service)| service)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account() -> Account {
        Account { id: "123456789012".into(), region: "us-east-1".into() }
    }

    fn asked(request: http::Request<Bytes>) -> Vec<String> {
        request_of(&request, &account())
            .expect("a known request")
            .into_iter()
            .map(|permission| {
                permission.to_string().replace(":us-east-1:123456789012:", "::").replace("arn:aws:", "")
            })
            .collect()
    }

    fn json_call(target: &str, input: Value) -> http::Request<Bytes> {
        http::Request::post("https://aws.test/")
            .header("x-amz-target", target)
            .body(input.to_string().into())
            .expect("a request")
    }

    #[test]
    fn of_each_event_bus() {
        let entries = json!({"Entries": [{"Source": "a"}, {"Source": "b", "EventBusName": "orders"}]});
        let asked = asked(json_call("AWSEvents.PutEvents", entries));
        let on = ["event-bus/default", "event-bus/orders"];
        assert_eq!(asked, on.map(|bus| format!("events:PutEvents on events::{bus}")));
    }

    #[test]
    fn of_the_json_services() {
        let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
        let execution = "arn:aws:states:us-east-1:123456789012:execution:m:e";
        let table: &[(&str, Value, &[&str])] = &[
            (
                "DynamoDB_20120810.PutItem",
                json!({"TableName": "t"}),
                &["dynamodb:PutItem on dynamodb::table/t"],
            ),
            (
                "DynamoDB_20120810.Query",
                json!({"TableName": "t", "IndexName": "i"}),
                &["dynamodb:Query on dynamodb::table/t/index/i"],
            ),
            (
                "DynamoDB_20120810.TransactWriteItems",
                json!({"TransactItems": [
                    {"Put": {"TableName": "t"}},
                    {"Update": {"TableName": "u"}},
                    {"Delete": {"TableName": "t"}},
                    {"ConditionCheck": {"TableName": "t"}},
                    {"Put": {"TableName": "t"}},
                ]}),
                &[
                    "dynamodb:ConditionCheckItem on dynamodb::table/t",
                    "dynamodb:DeleteItem on dynamodb::table/t",
                    "dynamodb:PutItem on dynamodb::table/t",
                    "dynamodb:UpdateItem on dynamodb::table/u",
                ],
            ),
            (
                "DynamoDB_20120810.TransactGetItems",
                json!({"TransactItems": [{"Get": {"TableName": "t"}}]}),
                &["dynamodb:GetItem on dynamodb::table/t"],
            ),
            (
                "DynamoDB_20120810.BatchGetItem",
                json!({"RequestItems": {"t": {}, "u": {}}}),
                &["dynamodb:BatchGetItem on dynamodb::table/t", "dynamodb:BatchGetItem on dynamodb::table/u"],
            ),
            ("DynamoDB_20120810.ListTables", json!({}), &["dynamodb:ListTables on *"]),
            (
                "AWSStepFunctions.StartExecution",
                json!({"stateMachineArn": machine}),
                &["states:StartExecution on states::stateMachine:m"],
            ),
            (
                "AWSStepFunctions.StopExecution",
                json!({"executionArn": execution}),
                &["states:StopExecution on states::execution:m:e"],
            ),
            ("AWSStepFunctions.SendTaskSuccess", json!({"taskToken": "x"}), &["states:SendTaskSuccess on *"]),
            (
                "CodeBuild_20161006.StartBuild",
                json!({"projectName": "p"}),
                &["codebuild:StartBuild on codebuild::project/p"],
            ),
            (
                "CodeBuild_20161006.BatchGetBuilds",
                json!({"ids": ["p:1", "p:2", "q:3"]}),
                &[
                    "codebuild:BatchGetBuilds on codebuild::project/p",
                    "codebuild:BatchGetBuilds on codebuild::project/q",
                ],
            ),
            (
                "CodeBuild_20161006.StopBuild",
                json!({"id": "arn:aws:codebuild:us-east-1:123456789012:build/p:1"}),
                &["codebuild:StopBuild on codebuild::project/p"],
            ),
            (
                "CodeBuild_20161006.StartBuildBatch",
                json!({"projectName": "p"}),
                &["codebuild:StartBuildBatch on codebuild::project/p"],
            ),
            (
                "CodeBuild_20161006.BatchGetBuildBatches",
                json!({"ids": ["p:1"]}),
                &["codebuild:BatchGetBuildBatches on codebuild::project/p"],
            ),
            (
                "CodeBuild_20161006.StopBuildBatch",
                json!({"id": "arn:aws:codebuild:us-east-1:123456789012:build-batch/p:1"}),
                &["codebuild:StopBuildBatch on codebuild::project/p"],
            ),
            (
                "CodeDeploy_20141006.CreateDeployment",
                json!({"applicationName": "a", "deploymentGroupName": "g", "deploymentConfigName": "c"}),
                &[
                    "codedeploy:CreateDeployment on codedeploy::deploymentgroup:a/g",
                    "codedeploy:GetDeploymentConfig on codedeploy::deploymentconfig:c",
                    "codedeploy:RegisterApplicationRevision on codedeploy::application:a",
                ],
            ),
            (
                "CodeDeploy_20141006.GetDeployment",
                json!({"deploymentId": "d-1"}),
                &["codedeploy:GetDeployment on codedeploy::deploymentgroup:*/*"],
            ),
            (
                "CodeDeploy_20141006.RegisterApplicationRevision",
                json!({"applicationName": "a"}),
                &["codedeploy:RegisterApplicationRevision on codedeploy::application:a"],
            ),
            (
                "CodeDeploy_20141006.StopDeployment",
                json!({"deploymentId": "d-1"}),
                &["codedeploy:StopDeployment on *"],
            ),
        ];
        for (target, input, expected) in table {
            assert_eq!(asked(json_call(target, input.clone())), *expected, "{target} {input}");
        }
    }

    #[test]
    fn of_secrets_parameters_and_logs() {
        let table: &[(&str, Value, &[&str])] = &[
            (
                "secretsmanager.GetSecretValue",
                json!({"SecretId": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf"}),
                &["secretsmanager:GetSecretValue on secretsmanager::secret:s-AbCdEf"],
            ),
            (
                "secretsmanager.GetSecretValue",
                json!({"SecretId": "s"}),
                &["secretsmanager:GetSecretValue on secretsmanager::secret:s"],
            ),
            (
                "AmazonSSM.GetParameters",
                json!({"Names": ["/shop/licence", "hosts"]}),
                &[
                    "ssm:GetParameters on ssm::parameter/shop/licence",
                    "ssm:GetParameters on ssm::parameter/hosts",
                ],
            ),
            (
                "Logs_20140328.GetLogEvents",
                json!({"logGroupName": "/aws/codebuild/p", "logStreamName": "u"}),
                &["logs:GetLogEvents on logs::log-group:/aws/codebuild/p:log-stream:u"],
            ),
            (
                "Logs_20140328.FilterLogEvents",
                json!({"logGroupName": "/aws/codebuild/p"}),
                &["logs:FilterLogEvents on logs::log-group:/aws/codebuild/p:*"],
            ),
        ];
        for (target, input, expected) in table {
            assert_eq!(asked(json_call(target, input.clone())), *expected, "{target} {input}");
        }
    }

    #[test]
    fn of_lambda() {
        for function in ["notify", "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Anotify%3Alive"]
        {
            let request =
                http::Request::post(format!("https://l.test/2015-03-31/functions/{function}/invocations"))
                    .header(
                        "authorization",
                        "AWS4-HMAC-SHA256 Credential=F/20261122/us-east-1/lambda/aws4_request",
                    )
                    .body(Bytes::new())
                    .expect("a request");
            assert_eq!(asked(request), ["lambda:InvokeFunction on lambda::function:notify"], "{function}");
        }
    }

    #[test]
    fn of_cloudwatch() {
        let ours = "/service/GraniteServiceVersion20100801/operation";
        let both = json!({ "AlarmNames": ["errors"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        let set = json!({ "AlarmName": "errors", "StateValue": "OK" });
        for (operation, input, expected) in [
            (
                "DescribeAlarms",
                json!({ "AlarmNames": ["errors", "latency"] }),
                &[
                    "cloudwatch:DescribeAlarms on cloudwatch::alarm:errors",
                    "cloudwatch:DescribeAlarms on cloudwatch::alarm:latency",
                ][..],
            ),
            ("DescribeAlarms", both, &["cloudwatch:DescribeAlarms on *"]),
            ("DescribeAlarms", json!({}), &["cloudwatch:DescribeAlarms on *"]),
            ("SetAlarmState", set, &["cloudwatch:SetAlarmState on cloudwatch::alarm:errors"]),
            ("PutMetricData", json!({}), &["cloudwatch:PutMetricData on *"]),
        ] {
            let request = http::Request::post(format!("https://monitoring.test{ours}/{operation}"))
                .header("smithy-protocol", "rpc-v2-cbor")
                .body(cbor::encode(&input, &[]).expect("it is written").into())
                .expect("a request");
            assert_eq!(asked(request), expected, "{operation} {input}");
            let in_json = json_call(&format!("GraniteServiceVersion20100801.{operation}"), input);
            assert_eq!(asked(in_json), expected, "{operation}");
        }
    }

    #[test]
    fn of_sts() {
        let request = http::Request::post("https://sts.test/")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=F/20261122/us-east-1/sts/aws4_request")
            .body("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr".into())
            .expect("a request");
        assert_eq!(asked(request), ["sts:AssumeRole on iam::123456789012:role/r"]);
    }

    #[test]
    fn of_services_with_forms() {
        for (service, body, expected) in [
            (
                "cloudformation",
                "Action=CreateStack&StackName=shop&RoleARN=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr",
                &[
                    "cloudformation:CreateStack on cloudformation::stack/shop/*",
                    "iam:PassRole on iam::123456789012:role/r",
                ][..],
            ),
            (
                "cloudformation",
                "Action=DescribeStacks&StackName=arn%3Aaws%3Acloudformation%3Aus-east-1%3A123456789012%3Astack%2Fa%2F1",
                &["cloudformation:DescribeStacks on cloudformation::stack/a/1"],
            ),
            (
                "sns",
                "Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Ateam",
                &["sns:Publish on sns::team"],
            ),
            (
                "elasticloadbalancing",
                "Action=DescribeTargetHealth",
                &["elasticloadbalancing:DescribeTargetHealth on *"],
            ),
        ] {
            let signed = format!("AWS4-HMAC-SHA256 Credential=F/20261122/us-east-1/{service}/aws4_request");
            let request = http::Request::post("https://aws.test/")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("authorization", signed)
                .body(body.into())
                .expect("a request");
            assert_eq!(asked(request), expected, "{body}");
        }
    }

    #[test]
    fn of_s3() {
        type Row =
            (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
        let table: &[Row] = &[
            ("GET", "/b/k/l.zip", &[], &["s3:GetObject on s3:::b/k/l.zip"]),
            ("GET", "/b/a%20b?x-id=GetObject", &[], &["s3:GetObject on s3:::b/a b"]),
            ("GET", "/b/k?versionId=1", &[], &["s3:GetObjectVersion on s3:::b/k"]),
            ("HEAD", "/b/k", &[], &["s3:GetObject on s3:::b/k"]),
            ("PUT", "/b/k?x-id=PutObject", &[], &["s3:PutObject on s3:::b/k"]),
            (
                "PUT",
                "/b/k",
                &[("x-amz-acl", "public-read")],
                &["s3:PutObject on s3:::b/k", "s3:PutObjectAcl on s3:::b/k"],
            ),
            (
                "PUT",
                "/b/k",
                &[("x-amz-copy-source", "/c/from?versionId=7")],
                &["s3:GetObjectVersion on s3:::c/from", "s3:PutObject on s3:::b/k"],
            ),
            ("PUT", "/b/k?partNumber=1&uploadId=u", &[], &["s3:PutObject on s3:::b/k"]),
            ("POST", "/b/k?uploads", &[], &["s3:PutObject on s3:::b/k"]),
            ("DELETE", "/b/k?uploadId=u", &[], &["s3:AbortMultipartUpload on s3:::b/k"]),
            ("DELETE", "/b/k", &[], &["s3:DeleteObject on s3:::b/k"]),
            ("GET", "/b?list-type=2&prefix=x", &[], &["s3:ListBucket on s3:::b"]),
            ("GET", "/b/?versions", &[], &["s3:ListBucketVersions on s3:::b"]),
            ("GET", "/b?versioning", &[], &["s3:GetBucketVersioning on s3:::b"]),
            ("HEAD", "/b", &[], &["s3:ListBucket on s3:::b"]),
            ("PUT", "/b", &[], &["s3:CreateBucket on s3:::b"]),
            ("POST", "/b?delete", &[], &["s3:DeleteObject on s3:::b/*"]),
            ("GET", "/", &[], &["s3:ListAllMyBuckets on *"]),
        ];
        for (method, path, headers, expected) in table {
            let mut request = http::Request::builder().method(*method).uri(format!("https://s3.test{path}"));
            for (name, value) in *headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Bytes::new()).expect("a request");
            assert_eq!(asked(request), *expected, "{method} {path} {headers:?}");
        }
    }

    #[test]
    fn what_is_unknown_is_not_let_through() {
        for request in [
            json_call("AmazonSNS.Publish", json!({})),
            json_call("nonsense", json!({})),
            http::Request::get("https://s3.test/b/k?torrent").body(Bytes::new()).expect("a request"),
        ] {
            let error = request_of(&request, &account()).expect_err("unknown");
            assert!(error.to_string().contains("is not supported by the local stack"), "{error}");
        }
    }
}
