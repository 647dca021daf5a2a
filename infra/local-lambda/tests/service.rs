//! Functions through the API, with real commands and a real URL.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use local_lambda::{End, Ends, Function, LocalLambda, Runs, Settings};
use local_service::{BoxFuture, Service};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

#[derive(Default)]
struct Told {
    ends: Mutex<Vec<End>>,
    told: Notify,
}

impl Ends for Told {
    fn ended<'a>(&'a self, end: &'a End) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.ends.lock().unwrap().push(end.clone());
            self.told.notify_one();
        })
    }
}

struct Ground {
    directory: tempfile::TempDir,
    told: Arc<Told>,
}

fn ground() -> Ground {
    Ground { directory: tempfile::tempdir().unwrap(), told: Arc::default() }
}

impl Ground {
    fn open(&self) -> LocalLambda {
        let settings = Settings {
            region: "eu-west-1".into(),
            account_id: "123456789012".into(),
            environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            ends: Some(self.told.clone()),
        };
        LocalLambda::open(&self.directory.path().join("lambda"), settings).unwrap()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    async fn end(&self) -> End {
        self.told.told.notified().await;
        self.told.ends.lock().unwrap().remove(0)
    }

    fn accepted(&self) -> usize {
        let listed = std::fs::read_dir(self.path().join("lambda/invocations"));
        listed.map_or(0, Iterator::count)
    }
}

fn script(ground: &Ground, text: &str) -> Function {
    let command = vec!["sh".to_owned(), "-c".to_owned(), text.to_owned()];
    Function {
        name: "f".into(),
        runs: Runs::Command { command, directory: ground.path().to_owned() },
        timeout_seconds: 30,
        environment: BTreeMap::from([("GREETING".into(), "hello".into())]),
    }
}

fn invoke(invocation_type: &str) -> Value {
    json!({ "FunctionName": "f", "InvocationType": invocation_type, "Payload": { "name": "world" } })
}

#[tokio::test]
async fn a_command_reads_its_event_and_answers_with_its_last_line() {
    let ground = ground();
    let lambda = ground.open();
    let endpoint = ("AWS_ENDPOINT_URL".to_owned(), "http://127.0.0.1:1".to_owned());
    lambda.surround_with(Arc::new(move || vec![endpoint.clone()]));
    let text = "echo working; event=$(cat); \
        echo \"{\\\"event\\\": $event, \\\"said\\\": \\\"$GREETING $AWS_REGION $AWS_LAMBDA_FUNCTION_NAME \
        $AWS_ENDPOINT_URL $HOME $(pwd)\\\"}\"; echo done >&2";
    lambda.define(script(&ground, text)).unwrap();
    let answer = lambda.call("Invoke", invoke("RequestResponse")).await.unwrap();
    let directory = ground.path().display();
    let said = format!("hello eu-west-1 f http://127.0.0.1:1  {directory}");
    assert_eq!(
        answer,
        json!({ "StatusCode": 200, "Payload": { "event": { "name": "world" }, "said": said } })
    );
    assert_eq!(ground.accepted(), 0, "whoever waits for an answer needs no record");
}

#[tokio::test]
async fn an_asynchronous_invocation_is_accepted_at_once_and_its_end_is_told() {
    let ground = ground();
    let lambda = ground.open();
    lambda.define(script(&ground, "echo '{\"a\": 1}'")).unwrap();
    assert_eq!(lambda.call("Invoke", invoke("Event")).await.unwrap(), json!({ "StatusCode": 202 }));
    let end = ground.end().await;
    assert_eq!((end.function_name.as_str(), end.was_command), ("f", true));
    assert_eq!((end.payload, end.answer), (json!({ "name": "world" }), Ok(json!({ "a": 1 }))));

    lambda.define(script(&ground, "echo it broke >&2; exit 3")).unwrap();
    lambda.call("Invoke", invoke("Event")).await.unwrap();
    let end = ground.end().await;
    let error = end.answer.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Runtime.ExitError: The command ended with exit status 3:\n[stderr] it broke"
    );
    let log = std::fs::read_to_string(lambda.log_path("f", &end.request_id)).unwrap();
    assert_eq!(log, "[stderr] it broke\n");
    lambda.shutdown().await;
    assert_eq!(ground.accepted(), 0);
}

#[tokio::test]
async fn what_cannot_be_run_says_why() {
    let ground = ground();
    let lambda = ground.open();
    let missing = lambda.call("Invoke", invoke("Event")).await.unwrap_err();
    assert_eq!((missing.code.as_str(), missing.status), ("ResourceNotFoundException", 404));
    let trial = lambda.call("Invoke", invoke("DryRun")).await.unwrap_err();
    assert_eq!(trial.code, "ResourceNotFoundException");
    let unknown = lambda.call("CreateFunction", json!({})).await.unwrap_err();
    assert_eq!(unknown.code, "UnsupportedOperation");

    let slow = Function { timeout_seconds: 1, ..script(&ground, "sleep 60") };
    lambda.define(slow).unwrap();
    assert_eq!(lambda.call("Invoke", invoke("DryRun")).await.unwrap(), json!({ "StatusCode": 204 }));
    let answer = lambda.call("Invoke", invoke("RequestResponse")).await.unwrap();
    assert_eq!(answer["FunctionError"], "Unhandled");
    assert_eq!(
        answer["Payload"],
        json!({ "errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds" })
    );
}

#[test]
fn an_invocation_that_a_dead_process_left_is_told_once_as_interrupted() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ground = ground();
    let first = runtime();
    first.block_on(async {
        let lambda = ground.open();
        lambda.define(script(&ground, "touch begun; exec sleep 300")).unwrap();
        lambda.call("Invoke", invoke("Event")).await.unwrap();
        while !ground.path().join("begun").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    drop(first);
    assert_eq!(ground.accepted(), 1);
    runtime().block_on(async {
        let lambda = ground.open();
        lambda.tell_interrupted().await;
        let end = ground.end().await;
        assert!(end.answer.unwrap_err().error_message.contains("was interrupted"));
        assert_eq!(end.payload, json!({ "name": "world" }));
        lambda.tell_interrupted().await;
        assert!(ground.told.ends.lock().unwrap().is_empty(), "it is told once");
        let trial = lambda.call("Invoke", invoke("DryRun")).await.unwrap();
        assert_eq!(trial, json!({ "StatusCode": 204 }), "the function is still there");
    });
}

/// Answers one request with this, and gives back what it was sent.
async fn serve_once(response: String) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/invocations", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        while !String::from_utf8_lossy(&received).ends_with("{\"name\":\"world\"}") {
            let mut chunk = [0; 4096];
            let size = stream.read(&mut chunk).await.unwrap();
            received.extend_from_slice(&chunk[..size]);
        }
        stream.write_all(response.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&received).into_owned()
    });
    (url, served)
}

#[tokio::test]
async fn a_url_is_posted_the_event() {
    let ground = ground();
    let lambda = ground.open();
    let function = |url: String| Function { runs: Runs::Url(url), ..script(&ground, "") };
    let body = "{\"a\":1}";
    let length = body.len();
    let (url, served) =
        serve_once(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"))
            .await;
    lambda.define(function(url)).unwrap();
    let answer = lambda.call("Invoke", invoke("RequestResponse")).await.unwrap();
    assert_eq!(answer, json!({ "StatusCode": 200, "Payload": { "a": 1 } }));
    let request = served.await.unwrap();
    assert!(request.starts_with("POST /invocations HTTP/1.1\r\n"), "{request}");

    let (url, _served) =
        serve_once("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()).await;
    lambda.define(function(url)).unwrap();
    lambda.call("Invoke", invoke("Event")).await.unwrap();
    let end = ground.end().await;
    assert!(!end.was_command);
    assert!(end.answer.unwrap_err().error_message.contains("status 500"));

    lambda.define(function("http://127.0.0.1:1/".into())).unwrap();
    let answer = lambda.call("Invoke", invoke("RequestResponse")).await.unwrap();
    let message = answer["Payload"]["errorMessage"].as_str().unwrap();
    assert!(message.contains("cannot be reached") && message.contains("refused"), "{message}");
}
