//! The start of one build of a batch, from the start of the batch. Pure.

use serde_json::{Map, Value, json};

use crate::buildspec::BatchTask;

/// Members of StartBuildBatch that a build does not have.
const OF_THE_BATCH: [&str; 3] =
    ["idempotencyToken", "buildBatchConfigOverride", "reportBuildBatchStatusOverride"];

/// The input of StartBuild for `task`. Each build stores its artifacts below the place of the batch's.
pub fn start_input(batch_input: &Map<String, Value>, task: &BatchTask, artifacts: Artifacts<'_>) -> Value {
    let mut input = batch_input.clone();
    input.retain(|name, _| !OF_THE_BATCH.contains(&name.as_str()));
    if let Some(timeout) = input.remove("buildTimeoutInMinutesOverride") {
        input.insert("timeoutInMinutesOverride".into(), timeout);
    }
    let environment = &task.environment;
    let texts = [
        ("buildspecOverride", &task.buildspec),
        ("computeTypeOverride", &environment.compute_type),
        ("environmentTypeOverride", &environment.environment_type),
        ("imageOverride", &environment.image),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            input.insert(name.into(), json!(value));
        }
    }
    if let Some(is_privileged) = environment.is_privileged {
        input.insert("privilegedModeOverride".into(), json!(is_privileged));
    }
    let given = input.remove("environmentVariablesOverride");
    let mut variables = given.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    let identifier = ("CODEBUILD_BATCH_BUILD_IDENTIFIER".to_owned(), task.identifier.clone());
    for (name, value) in environment.variables.iter().chain([&identifier]) {
        variables.retain(|variable| variable["name"] != json!(name));
        variables.push(json!({ "name": name, "value": value, "type": "PLAINTEXT" }));
    }
    input.insert("environmentVariablesOverride".into(), json!(variables));
    let secondary = artifacts.secondary.iter().map(|artifacts| below(artifacts, &task.identifier));
    input.insert("secondaryArtifactsOverride".into(), secondary.collect());
    input.insert("artifactsOverride".into(), below(artifacts.primary, &task.identifier));
    Value::Object(input)
}

/// Where the batch's artifacts go: each a ProjectArtifacts with its name resolved.
#[derive(Clone, Copy)]
pub struct Artifacts<'a> {
    pub primary: &'a Value,
    pub secondary: &'a [Value],
}

/// `path/name` becomes the path, and the identifier the name.
fn below(artifacts: &Value, identifier: &str) -> Value {
    let mut artifacts = artifacts.clone();
    if artifacts["type"] == "S3" {
        let part = |name: &str| artifacts[name].as_str().unwrap_or_default().trim_matches('/').to_owned();
        let path = [part("path"), part("name")].into_iter().filter(|part| !part.is_empty());
        artifacts["path"] = json!(path.collect::<Vec<_>>().join("/"));
        artifacts["name"] = json!(identifier);
        artifacts["overrideArtifactName"] = json!(false);
    }
    artifacts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buildspec::TaskEnvironment;

    #[test]
    fn a_build_has_the_start_of_its_batch_with_what_its_task_says() {
        let batch = json!({
            "projectName": "demo",
            "idempotencyToken": "t",
            "imageOverride": "of the batch",
            "buildTimeoutInMinutesOverride": 7,
            "environmentVariablesOverride": [
                { "name": "A", "value": "batch", "type": "PLAINTEXT" },
                { "name": "B", "value": "/b", "type": "PARAMETER_STORE" },
            ],
        });
        let variables = vec![("A".to_owned(), "task".to_owned())];
        let environment =
            TaskEnvironment { image: Some("of the task".into()), variables, ..TaskEnvironment::default() };
        let task = BatchTask {
            identifier: "one".into(),
            buildspec: Some("one.yml".into()),
            environment,
            ..BatchTask::default()
        };
        let primary =
            json!({ "type": "S3", "location": "b", "path": "p/", "name": "out", "packaging": "ZIP" });
        let artifacts = Artifacts { primary: &primary, secondary: &[] };
        let input = start_input(batch.as_object().unwrap(), &task, artifacts);
        let expected = json!({
            "projectName": "demo",
            "imageOverride": "of the task",
            "buildspecOverride": "one.yml",
            "timeoutInMinutesOverride": 7,
            "environmentVariablesOverride": [
                { "name": "B", "value": "/b", "type": "PARAMETER_STORE" },
                { "name": "A", "value": "task", "type": "PLAINTEXT" },
                { "name": "CODEBUILD_BATCH_BUILD_IDENTIFIER", "value": "one", "type": "PLAINTEXT" },
            ],
            "artifactsOverride": { "type": "S3", "location": "b", "path": "p/out", "name": "one",
                "packaging": "ZIP", "overrideArtifactName": false },
            "secondaryArtifactsOverride": [],
        });
        assert_eq!(input, expected);
    }
}
