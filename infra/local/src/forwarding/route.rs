//! Who answers a call.

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response};
use local_service::ApiError;
use serde_json::Value;

use super::AwsEndpoints;
use super::services::{Answered, OutsideService, service_signed_for};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// An embedded service.
    Here,
    /// An embedded service; whoever is there, if that knows nothing of what is asked for.
    HereOrThere(&'a Authority),
    There(&'a Authority),
    Nowhere(ApiError),
}

/// `service`: that the request was signed for. `own_machines`: names of the stack's own state machines, of which nobody
/// else knows anything.
pub(crate) fn route<'a>(
    endpoints: &'a AwsEndpoints,
    own_machines: &[String],
    service: &str,
    request: &Request<Bytes>,
) -> Route<'a> {
    let Some(outside) = service_signed_for(service) else { return Route::Here };
    match (outside.answered, endpoints.of(service)) {
        (Answered::Nowhere, Some(there)) => Route::There(there),
        (Answered::Nowhere, None) => Route::Nowhere(nobody(outside)),
        (Answered::Partly, None) => Route::Here,
        (Answered::Partly, Some(_)) if is_of_the_stack(own_machines, request) => Route::Here,
        (Answered::Partly, Some(there)) => Route::HereOrThere(there),
    }
}

fn nobody(service: &OutsideService) -> ApiError {
    ApiError::client("UnsupportedOperation", format!("{} {}", service.title, service.how_to_answer()))
}

/// The workflows of stages: tokens of their tasks, and what names their machine.
fn is_of_the_stack(own_machines: &[String], request: &Request<Bytes>) -> bool {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let Some(operation) = target.and_then(|target| target.strip_prefix("AWSStepFunctions.")) else {
        return false;
    };
    let input: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let arns = ["stateMachineArn", "executionArn"].into_iter().filter_map(|name| input[name].as_str());
    let mut names = arns.filter_map(|arn| arn.split(':').nth(6));
    operation.starts_with("SendTask") || names.any(|name| own_machines.iter().any(|own| own == name))
}

/// Whether an embedded service has answered that it does not know what it was asked for, or how to do it.
pub(crate) fn is_unknown_here(answer: &Response<Bytes>) -> bool {
    if !answer.status().is_client_error() {
        return false;
    }
    let header = answer.headers().get("x-amzn-errortype").and_then(|code| code.to_str().ok());
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let code = header.or(body["__type"].as_str()).unwrap_or_default();
    code == "UnsupportedOperation" || code.contains("DoesNotExist") || code.contains("NotFound")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(target: &str, input: &Value) -> Request<Bytes> {
        Request::post("/").header("x-amz-target", target).body(input.to_string().into()).expect("a request")
    }

    #[test]
    fn the_endpoint_is_asked_what_nothing_here_answers() {
        let given = ["ecs=http://localhost:1", "states=http://localhost:2"];
        let endpoints: AwsEndpoints = given.iter().map(|text| text.parse().expect("an endpoint")).collect();
        let own = ["pipewright-stage-execution".to_owned()];
        let on = |kind: &str, name: &str| format!("arn:aws:states:us-east-1:123456789012:{kind}:{name}");
        let machine = json!({ "stateMachineArn": on("stateMachine", "theirs") });
        let ours = json!({ "executionArn": on("execution", "pipewright-stage-execution:e") });
        let there = |port: &str| Authority::from_maybe_shared(format!("localhost:{port}")).expect("a host");
        let (ecs, states) = (there("1"), there("2"));
        for (service, request, expected) in [
            ("ecs", call("AmazonEC2ContainerServiceV20141113.UpdateService", &json!({})), Route::There(&ecs)),
            ("dynamodb", call("DynamoDB_20120810.Query", &json!({})), Route::Here),
            ("ssm", call("AmazonSSM.SendCommand", &json!({})), Route::Here),
            ("states", call("AWSStepFunctions.StartExecution", &machine), Route::HereOrThere(&states)),
            ("states", call("AWSStepFunctions.DescribeExecution", &ours), Route::Here),
            ("states", call("AWSStepFunctions.SendTaskSuccess", &json!({})), Route::Here),
        ] {
            assert_eq!(route(&endpoints, &own, service, &request), expected, "{service}");
        }
        let request = call("", &json!({}));
        let Route::Nowhere(error) = route(&endpoints, &own, "cloudformation", &request) else {
            panic!("it is answered");
        };
        assert_eq!(
            error.message,
            "CloudFormation is not answered locally; give --aws-endpoint cloudformation=URL with the URL of an \
             emulator"
        );
    }
}
