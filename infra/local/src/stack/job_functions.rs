//! The functions of `local-resources.yaml`, and what becomes of their jobs.
//!
//! A function that CodePipeline invokes reports its job with the API. A command that has ended can do so no
//! more: what it has not reported by then its exit status reports. So a plain script is a function, and one
//! that crashes fails its action at once, where CodePipeline waits for its timeout.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use local_lambda::{End, Ends, LocalLambda, Settings};
use local_service::BoxFuture;
use serde_json::{Value, json};

use super::StartError;
use super::error::part;
use crate::data_directory::DataDirectory;
use crate::invoker::Invoker;
use crate::template::{Account, Stack};

/// PutJobFailureResult takes so many characters.
const MESSAGE_MAX: usize = 5000;
/// A report that meets a fault is tried again so often, each time twice as long after.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Of a command's answer, what PutJobSuccessResult takes.
const REPORTED: [&str; 4] = ["outputVariables", "continuationToken", "executionDetails", "currentRevision"];

pub(super) fn open_lambda(
    directory: &DataDirectory,
    template: &Stack,
    invoker: &Arc<Invoker>,
    environment: BTreeMap<String, String>,
) -> Result<LocalLambda, StartError> {
    let Account { id: account_id, region } = template.account.clone();
    let api = template.functions.iter().find(|function| function.binary == "api");
    let reports = Reports {
        invoker: invoker.clone(),
        api: api.map(|function| function.arn.clone()).unwrap_or_default(),
    };
    let settings = Settings { region, account_id, environment, ends: Some(Arc::new(reports)) };
    LocalLambda::open(&directory.join("lambda"), settings).map_err(part("Lambda"))
}

/// Tells what became of functions that ran when the process before ended.
pub(super) fn tell_interrupted(lambda: LocalLambda) {
    tokio::spawn(async move { lambda.tell_interrupted().await });
}

/// Reports jobs in the name of the functions that worked on them.
struct Reports {
    invoker: Arc<Invoker>,
    /// The ARN of the function that answers the API.
    api: String,
}

impl Ends for Reports {
    fn ended<'a>(&'a self, end: &'a End) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some((operation, input)) = report_of(end) else { return };
            let refused = self.report(operation, input, &end.function_name).await;
            // What a command printed is not what the API takes: that is the command's mistake.
            if let (Some(message), "PutJobSuccessResult") = (refused, operation) {
                let message = format!("the last line of the function {}: {message}", end.function_name);
                let input = failure(&end.payload["CodePipeline.job"]["id"], &message);
                self.report("PutJobFailureResult", input, &end.function_name).await;
            }
        })
    }
}

impl Reports {
    /// Answers with the message of a refused input. A job that is over needs no report.
    async fn report(&self, operation: &str, input: Value, function_name: &str) -> Option<String> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..ATTEMPTS {
            let platform = self.invoker.platform_of(&self.api)?;
            let request = api::Request {
                operation: operation.to_owned(),
                input: input.clone(),
                caller: function_name.to_owned(),
                ..api::Request::default()
            };
            let response = api::call(&platform, &request).await;
            let code = response.body["__type"].as_str().unwrap_or_default();
            let message = || response.body["message"].as_str().unwrap_or_default().to_owned();
            match (response.status, code) {
                (200, _) | (_, "InvalidJobStateException" | "JobNotFoundException") => return None,
                (400, "ValidationException" | "SerializationException") => return Some(message()),
                _ => tracing::warn!(operation, function_name, message = message(), "a job is reported again"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        tracing::error!(
            operation,
            function_name,
            "a job could not be reported; its action waits for its timeout"
        );
        None
    }
}

/// `None` when there is no job, or when it goes on elsewhere.
fn report_of(end: &End) -> Option<(&'static str, Value)> {
    let job = &end.payload["CodePipeline.job"]["id"];
    job.as_str()?;
    match &end.answer {
        Err(error) => {
            let message = format!("The function {} failed: {}", end.function_name, error.error_message);
            Some(("PutJobFailureResult", failure(job, &message)))
        }
        Ok(answer) if end.was_command => {
            let mut input = json!({ "jobId": job });
            for name in REPORTED {
                if let Some(reported) = answer.get(name) {
                    input[name] = reported.clone();
                }
            }
            Some(("PutJobSuccessResult", input))
        }
        Ok(_) => None,
    }
}

fn failure(job: &Value, message: &str) -> Value {
    let message: String = message.chars().take(MESSAGE_MAX).collect();
    json!({ "jobId": job, "failureDetails": { "type": "JobFailed", "message": message } })
}

#[cfg(test)]
mod tests {
    use local_lambda::FunctionError;

    use super::*;

    fn end(was_command: bool, answer: Result<Value, &str>) -> End {
        End {
            request_id: "r".into(),
            function_name: "f".into(),
            was_command,
            payload: json!({ "CodePipeline.job": { "id": "j" } }),
            answer: answer.map_err(|message| FunctionError {
                error_type: "Runtime.ExitError".into(),
                error_message: message.into(),
            }),
        }
    }

    #[test]
    fn how_a_function_ended_is_the_report_of_its_job() {
        let variables = json!({ "outputVariables": { "url": "x" }, "more": 1 });
        for (what, end, expected) in [
            (
                "a command that succeeded",
                end(true, Ok(json!(null))),
                Some(("PutJobSuccessResult", json!({ "jobId": "j" }))),
            ),
            (
                "a command that says more",
                end(true, Ok(variables)),
                Some(("PutJobSuccessResult", json!({ "jobId": "j", "outputVariables": { "url": "x" } }))),
            ),
            ("a URL that answered may go on elsewhere", end(false, Ok(json!({}))), None),
            (
                "a function that failed",
                end(false, Err("exit status 3")),
                Some((
                    "PutJobFailureResult",
                    json!({ "jobId": "j", "failureDetails": {
                        "type": "JobFailed", "message": "The function f failed: exit status 3",
                    }}),
                )),
            ),
            ("no job", End { payload: json!({}), ..end(true, Ok(json!(null))) }, None),
        ] {
            assert_eq!(report_of(&end), expected, "{what}");
        }
    }
}
