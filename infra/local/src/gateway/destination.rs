//! Where a request belongs.
//!
//! CodePipeline's operations, and every path of the template's HTTP API, go to functions. A target of another
//! service, and a request that is signed for S3, go to the embedded services.

use http::{HeaderMap, Method};

use crate::connector::{CLOUDWATCH, cloudwatch_operation};
use crate::stack;

/// What stands before the dot in `X-Amz-Target`, and the name for signing. Requests without a target are
/// CloudWatch's in its other protocol, by their path, or S3's.
const SERVICES: [(&str, &str); 10] = [
    ("AWSEvents", "events"),
    ("AWSStepFunctions", "states"),
    ("AmazonSSM", "ssm"),
    ("CodeBuild_20161006", "codebuild"),
    ("CodeDeploy_20141006", "codedeploy"),
    ("DynamoDB_20120810", "dynamodb"),
    (CLOUDWATCH, MONITORING),
    ("Logs_20140328", "logs"),
    ("secretsmanager", "secretsmanager"),
    (PIPEWRIGHT, "pipewright"),
];

const MONITORING: &str = "monitoring";
const CODEPIPELINE: &str = "CodePipeline_20150709";
/// Of this service's own operations, which there are none of on AWS.
pub const PIPEWRIGHT: &str = "Pipewright";
pub const WRITE_SNAPSHOT: &str = "WriteSnapshot";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// Anybody may ask how the service is.
    Health,
    /// The service copies its data.
    Snapshot,
    /// An embedded service, by its name for signing.
    Service {
        name: &'static str,
    },
    /// By a route of the template.
    Function,
    Unknown {
        target: &'a str,
    },
}

pub fn destination<'a>(method: &Method, path: &str, headers: &'a HeaderMap) -> Destination<'a> {
    if cloudwatch_operation(path, headers).is_some() {
        return Destination::Service { name: MONITORING };
    }
    let Some(target) = headers.get("x-amz-target") else {
        let is_read = *method == Method::GET || *method == Method::HEAD;
        return match signed_for(headers) {
            Some("s3") => Destination::Service { name: "s3" },
            _ if is_read && path == "/health" => Destination::Health,
            _ => Destination::Function,
        };
    };
    let target = target.to_str().unwrap_or_default();
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    if prefix == CODEPIPELINE {
        return Destination::Function;
    }
    match SERVICES.iter().find(|(known, _)| *known == prefix) {
        Some((PIPEWRIGHT, _)) if operation == WRITE_SNAPSHOT => Destination::Snapshot,
        // What a deployed service has, too.
        Some((PIPEWRIGHT, _)) => Destination::Function,
        None => Destination::Unknown { target },
        Some((_, name)) => Destination::Service { name },
    }
}

/// Whether nothing changes by a request: by its operation, or its method where there is none.
pub fn only_reads(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    if let Some(operation) = cloudwatch_operation(path, headers) {
        return stack::only_reads(operation);
    }
    let Some(target) = headers.get("x-amz-target") else {
        return *method == Method::GET || *method == Method::HEAD;
    };
    let target = target.to_str().unwrap_or_default();
    target.split_once('.').is_some_and(|(_, operation)| stack::only_reads(operation))
}

/// `Credential=<key id>/<date>/<region>/<service>/aws4_request`
fn signed_for(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = authorization.split_once("Credential=")?;
    scope.split(',').next()?.trim().split('/').nth(3)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn cloudwatch_is_told_by_its_path_and_protocol() {
        let path = |operation: &str| format!("/service/GraniteServiceVersion20100801/operation/{operation}");
        let mut headers = HeaderMap::new();
        assert_eq!(destination(&Method::POST, &path("DescribeAlarms"), &headers), Destination::Function);
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
        for (operation, reads) in [("DescribeAlarms", true), ("SetAlarmState", false)] {
            let path = path(operation);
            let expected = Destination::Service { name: "monitoring" };
            assert_eq!(destination(&Method::POST, &path, &headers), expected, "{operation}");
            assert_eq!(only_reads(&Method::POST, &path, &headers), reads, "{operation}");
        }
        let codepipeline = "/service/CodePipeline_20150709/operation/ListPipelines";
        assert_eq!(destination(&Method::POST, codepipeline, &headers), Destination::Function);
    }

    #[test]
    fn requests_go_where_their_target_or_their_signature_says() {
        use Destination::{Function, Health, Snapshot, Unknown};
        let service = |name| Destination::Service { name };
        let table = [
            ("POST", "/", "CodePipeline_20150709.ListPipelines", "codepipeline", Function),
            ("POST", "/", "CodePipeline_20150709.ListPipelines", "", Function),
            ("POST", "/", "Logs_20140328.GetLogEvents", "logs", service("logs")),
            ("POST", "/", "DynamoDB_20120810.Scan", "", service("dynamodb")),
            (
                "POST",
                "/",
                "GraniteServiceVersion20100801.DescribeAlarms",
                "monitoring",
                service("monitoring"),
            ),
            ("POST", "/", "DynamoDB_20120810.Scan", "s3", service("dynamodb")),
            ("POST", "/", "Nobody.Knows", "logs", Unknown { target: "Nobody.Knows" }),
            ("POST", "/", "nonsense", "", Unknown { target: "nonsense" }),
            ("POST", "/", "Pipewright.WriteSnapshot", "", Snapshot),
            ("POST", "/", "Pipewright.ListConnections", "", Function),
            ("PUT", "/bucket/key", "", "s3", service("s3")),
            ("GET", "/health", "", "s3", service("s3")),
            ("GET", "/health", "", "", Health),
            ("HEAD", "/health", "", "", Health),
            ("POST", "/health", "", "", Function),
            ("GET", "/bucket/key", "", "", Function),
        ];
        for (method, path, target, service, expected) in table {
            let mut headers = HeaderMap::new();
            if !target.is_empty() {
                headers.insert("x-amz-target", HeaderValue::from_static(target));
            }
            if !service.is_empty() {
                let signed =
                    format!("AWS4-HMAC-SHA256 Credential=PW/20261122/us-east-1/{service}/aws4_request");
                headers.insert("authorization", HeaderValue::from_str(&signed).expect("a header"));
            }
            let method: Method = method.parse().expect("a method");
            assert_eq!(destination(&method, path, &headers), expected, "{method} {path} {target} {service}");
        }
    }
}
