//! Secrets reach the commands that need them, and nothing else.

use std::path::Path;
use std::sync::Arc;

use local_service::{ApiError, BoxFuture, Service};
use serde_json::{Value, json};

use super::ground::Ground;
use crate::KeptWorkDirectories;

const TOKEN: &str = "canary-4f9a/7c+2=e1'x\"y";
const PASSWORD: &str = "canary pass word one\ncanary line two";

struct Stores;

impl Service for Stores {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        let answer = match (operation, input["SecretId"].as_str().or(input["Name"].as_str())) {
            ("GetParameter", Some("/app/token")) => Ok(json!({ "Parameter": { "Value": TOKEN } })),
            ("GetParameter", Some("short")) => Ok(json!({ "Parameter": { "Value": "abc" } })),
            ("GetSecretValue", Some("db")) => {
                Ok(json!({ "SecretString": json!({ "password": PASSWORD, "port": 5432 }).to_string() }))
            }
            ("GetSecretValue", Some("plain")) => Ok(json!({ "SecretString": "not-json-canary" })),
            _ => Err(ApiError::client("ResourceNotFoundException", "there is no such secret")),
        };
        Box::pin(async { answer })
    }
}

fn ground() -> Ground {
    Ground::with(|settings| {
        settings.secrets_manager = Some(Arc::new(Stores));
        settings.parameter_store = Some(Arc::new(Stores));
        settings.kept_work_directories = KeptWorkDirectories::OfFailedBuilds;
    })
}

/// The files below `directory` that hold `needle`.
fn files_with(directory: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(needle) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn a_canary_is_found_nowhere_after_a_build_that_prints_it_in_every_way() {
    let ground = ground();
    let buildspec = r#"
version: 0.2
env:
  shell: bash
  parameter-store: {TOKEN: /app/token}
  secrets-manager: {PASSWORD: 'db:password', PORT: 'db:port'}
  exported-variables: [TOKEN, DERIVED, HARMLESS]
phases:
  pre_build:
    on-failure: CONTINUE
    commands: ['echo "$TOKEN" >&2; exit 3']
  build:
    commands:
      - echo "$TOKEN" "$PASSWORD"; printf '%s' "$TOKEN" | base64; printf 'x%s' "$TOKEN" | base64 -w0
      - printf '%s' "$TOKEN" | od -An -tx1 | tr -d ' \n'; echo
      - printf '%q\n' "$TOKEN"; export | grep TOKEN; set -x; echo "$TOKEN" > /dev/null
      - export DERIVED="Bearer $TOKEN" HARMLESS=fine
      - 'test "$PORT" = 5432 && eval "echo $HARMLESS; false"'
"#;
    let variable = json!([{ "name": "API", "value": "/app/token", "type": "PARAMETER_STORE" }]);
    let ended = ground.run_with(buildspec, json!({ "environmentVariablesOverride": variable })).await;
    assert_eq!(ended.status(), "FAILED");
    assert!(ended.output().contains(&"fine"), "{}", ended.log);
    assert!(ended.log.contains("*** ***"), "{}", ended.log);
    assert_eq!(ended.exported("HARMLESS"), Some("fine"));
    assert_eq!((ended.exported("TOKEN"), ended.exported("DERIVED")), (None, None));
    assert_eq!(ended.build["environment"]["environmentVariables"][0]["value"], "/app/token");
    assert!(ended.log.contains("the value of PORT is shorter than 6 characters"), "{}", ended.log);
    for needle in ["canary", "Y2FuYXJ5", "63616e617279"] {
        assert_eq!(
            files_with(ground.directory.path(), needle),
            Vec::<String>::new(),
            "{needle}\n{}",
            ended.log
        );
        assert!(!ended.build.to_string().contains(needle));
        assert!(ground.events.0.lock().unwrap().iter().all(|event| !event.to_string().contains(needle)));
    }
}

#[tokio::test]
async fn a_secret_that_is_not_there_fails_the_build_before_its_first_command() {
    let cases = [
        ("secrets-manager: {A: nothing}", "Secrets Manager Error Message: A: ResourceNotFoundException"),
        ("secrets-manager: {A: 'db:user'}", "Secrets Manager Error Message: A: the secret has no key user"),
        ("secrets-manager: {A: 'plain:user'}", "A: the secret is no JSON object, so it has no key user"),
        ("parameter-store: {A: nothing}", "Decrypted Variables Error Message: A: ResourceNotFoundException"),
    ];
    for (env, expected) in cases {
        let buildspec = format!("version: 0.2\nenv: {{{env}}}\nphases: {{build: {{commands: [echo x]}}}}");
        let ended = ground().run(&buildspec).await;
        assert!(ended.context().contains(expected), "{}", ended.context());
        assert_eq!(ended.phases(), "DOWNLOAD_SOURCE:FAILED FINALIZING:SUCCEEDED");
    }
    let buildspec = "version: 0.2\nenv: {parameter-store: {A: x}}\nphases: {build: {commands: [echo x]}}";
    let without = Ground::new().run(buildspec).await;
    assert!(without.context().contains("Parameter Store is not there"), "{}", without.context());
}
