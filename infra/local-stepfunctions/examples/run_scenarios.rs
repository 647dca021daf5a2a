//! Runs scenarios (a machine, its input, stubbed functions) from standard input and prints how each
//! ended: one side of the differential test in `tests/differential`.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use local_service::{AdjustableClock, BoxFuture, Service as _};
use local_stepfunctions::{FunctionError, LambdaInvoker, LocalStepFunctions, Place};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Scenario {
    definition: Value,
    input: Value,
    #[serde(default)]
    functions: HashMap<String, Function>,
}

#[derive(Deserialize)]
struct Function {
    /// The field of the payload whose text chooses the answers; without it, those of `*`.
    select: Option<String>,
    answers: HashMap<String, Vec<Answer>>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default, deny_unknown_fields)]
struct Answer {
    #[serde(rename = "return")]
    output: Value,
    echo: bool,
    error: Option<(String, String)>,
    /// After the function has returned: what becomes of `taskToken` in its payload.
    token: Option<TokenAnswer>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
enum TokenAnswer {
    Success(Value),
    Failure(String, String),
}

/// How long after its function has returned a token is answered.
const TOKEN_DELAY: Duration = Duration::from_millis(20);

struct Stubs {
    functions: HashMap<String, Function>,
    calls: Mutex<HashMap<(String, String), usize>>,
    service: Arc<OnceLock<LocalStepFunctions>>,
}

impl Stubs {
    fn answer(&self, name: &str, payload: &Value) -> Option<Answer> {
        let function = self.functions.get(name)?;
        let selected = function.select.as_ref().and_then(|field| payload[field].as_str());
        let key = selected.filter(|key| function.answers.contains_key(*key)).unwrap_or("*");
        let answers = function.answers.get(key)?;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = calls.entry((name.to_owned(), key.to_owned())).or_default();
        let answer = answers.get(*call).or(answers.last()).cloned();
        *call += 1;
        answer
    }
}

impl LambdaInvoker for Stubs {
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        payload: Value,
    ) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(async move {
            let Some(answer) = self.answer(function, &payload) else {
                let error_type = "Lambda.ResourceNotFoundException".to_owned();
                return Err(FunctionError { error_type, cause: format!("Function not found: {function}") });
            };
            if let Some((error_type, message)) = answer.error {
                let cause = json!({ "errorMessage": message, "errorType": error_type }).to_string();
                return Err(FunctionError { error_type, cause });
            }
            if let Some(token) = answer.token {
                tokio::spawn(complete(self.service.clone(), payload["taskToken"].clone(), token));
            }
            Ok(if answer.echo { payload } else { answer.output })
        })
    }
}

async fn complete(service: Arc<OnceLock<LocalStepFunctions>>, token: Value, answer: TokenAnswer) {
    tokio::time::sleep(TOKEN_DELAY).await;
    let Some(service) = service.get() else { return };
    let (operation, input) = match answer {
        TokenAnswer::Success(output) => {
            ("SendTaskSuccess", json!({ "taskToken": token, "output": output.to_string() }))
        }
        TokenAnswer::Failure(error, cause) => {
            ("SendTaskFailure", json!({ "taskToken": token, "error": error, "cause": cause }))
        }
    };
    if let Err(error) = service.call(operation, input).await {
        eprintln!("{operation}: {error}");
    }
}

async fn run(scenario: Scenario) -> Result<Value, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let opened = Arc::new(OnceLock::new());
    let stubs = Stubs { functions: scenario.functions, calls: Mutex::default(), service: opened.clone() };
    let clock = Arc::new(AdjustableClock::default());
    let service = LocalStepFunctions::open(directory.path(), Place::default(), Arc::new(stubs), clock)?;
    let service = opened.get_or_init(|| service);

    let role = "arn:aws:iam::123456789012:role/role";
    let definition = scenario.definition.to_string();
    let create = json!({ "name": "machine", "definition": definition, "roleArn": role });
    let machine = service.call("CreateStateMachine", create).await?;
    let start = json!({
        "stateMachineArn": machine["stateMachineArn"],
        "name": "execution",
        "input": scenario.input.to_string(),
    });
    let execution = service.call("StartExecution", start).await?["executionArn"].clone();
    let description = loop {
        let description = service.call("DescribeExecution", json!({ "executionArn": execution })).await?;
        if description["status"] != "RUNNING" {
            break description;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let history = json!({ "executionArn": execution, "maxResults": 1000 });
    let history = service.call("GetExecutionHistory", history).await?;
    Ok(json!({ "description": description, "events": history["events"] }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let scenarios: Vec<Scenario> = serde_json::from_reader(std::io::stdin())?;
    let results = futures::future::try_join_all(scenarios.into_iter().map(run)).await?;
    println!("{}", serde_json::to_string(&results)?);
    Ok(())
}
