//! Projects, lists and refusals.

use serde_json::{Value, json};

use super::ground::{Ground, project};

#[tokio::test]
async fn a_project_is_created_changed_listed_and_deleted_and_survives() {
    let ground = Ground::new();
    let created = ground.call("CreateProject", project("demo")).await.unwrap();
    assert_eq!(created["project"]["arn"], "arn:aws:codebuild:eu-central-1:000000000000:project/demo");
    let twice = ground.call("CreateProject", project("demo")).await.unwrap_err();
    assert_eq!(twice.code, "ResourceAlreadyExistsException");
    let change = json!({ "name": "demo", "description": "changed", "timeoutInMinutes": 30 });
    ground.call("UpdateProject", change).await.unwrap();
    let reopened = Ground { service: ground.reopened(), ..ground };
    let got = reopened.call("BatchGetProjects", json!({ "names": ["demo", "other"] })).await.unwrap();
    assert_eq!(got["projects"][0]["description"], "changed");
    assert_eq!(got["projects"][0]["timeoutInMinutes"], 30);
    assert_eq!(got["projects"][0]["environment"]["image"], "aws/codebuild/standard:7.0");
    assert_eq!(got["projectsNotFound"], json!(["other"]));
    assert_eq!(reopened.call("ListProjects", json!({})).await.unwrap()["projects"], json!(["demo"]));
    reopened.call("DeleteProject", json!({ "name": "demo" })).await.unwrap();
    assert_eq!(reopened.call("ListProjects", json!({})).await.unwrap()["projects"], json!([]));
    let gone = reopened.call("StartBuild", json!({ "projectName": "demo" })).await.unwrap_err();
    assert_eq!(gone.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn builds_are_listed_newest_first_and_found_by_id_or_arn() {
    let ground = Ground::new();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let ended = ground.run("version: 0.2\nphases: {build: {commands: ['true']}}").await;
        ids.push(ended.build["id"].as_str().unwrap().to_owned());
    }
    let arn = ground.build(&ids[0]).await["arn"].clone();
    assert_eq!(ground.build(arn.as_str().unwrap()).await["id"], json!(ids[0]));
    let ascending = json!({ "projectName": "demo", "sortOrder": "ASCENDING" });
    assert_eq!(ground.call("ListBuildsForProject", ascending).await.unwrap()["ids"], json!(ids));
    ids.reverse();
    let listed = ground.call("ListBuildsForProject", json!({ "projectName": "demo" })).await.unwrap();
    assert_eq!(listed["ids"], json!(ids));
    let missing = ground.call("BatchGetBuilds", json!({ "ids": ["demo:../../x"] })).await.unwrap();
    assert_eq!(missing["buildsNotFound"], json!(["demo:../../x"]));
}

#[tokio::test]
async fn what_is_not_supported_is_refused_before_anything_runs() {
    let ground = Ground::new();
    ground.call("CreateProject", project("demo")).await.unwrap();
    let mut pipeline = project("pipeline");
    pipeline["source"] = json!({ "type": "CODEPIPELINE" });
    pipeline["artifacts"] = json!({ "type": "CODEPIPELINE" });
    ground.call("CreateProject", pipeline).await.unwrap();
    let variable = |kind: &str, value: &str| json!([{ "name": "A", "value": value, "type": kind }]);
    let artifacts = json!({ "type": "S3", "location": "b" });
    let cases = [
        (json!({ "projectName": "pipeline" }), "give sourceTypeOverride S3"),
        (json!({ "projectName": "pipeline", "sourceTypeOverride": "S3" }), "bucket/key"),
        (
            json!({ "projectName": "pipeline", "sourceTypeOverride": "S3", "sourceLocationOverride": "b/k" }),
            "give artifactsOverride",
        ),
        (json!({ "projectName": "demo", "sourceTypeOverride": "GITHUB" }), "is not supported here"),
        (json!({ "projectName": "demo", "buildspecOverride": "other.yml" }), "needs the text of a buildspec"),
        (
            json!({ "projectName": "demo", "environmentVariablesOverride": variable("SECRETS_MANAGER", ":k") }),
            "does not name a secret",
        ),
        (
            json!({ "projectName": "demo", "environmentVariablesOverride": variable("PARAMETER_STORE", "") }),
            "does not name a secret or a parameter",
        ),
        (json!({ "projectName": "demo", "fleetOverride": { "fleetArn": "x" } }), "fleetOverride"),
        (json!({ "projectName": "demo", "environmentTypeOverride": "WINDOWS_CONTAINER" }), "Linux host"),
        (json!({ "projectName": "demo", "timeoutInMinutesOverride": 3 }), "between 5 and 2160"),
        (json!({ "projectName": "demo", "debugSessionEnabled": true }), "debugSessionEnabled"),
        (json!({ "projectName": "demo", "secondaryArtifactsOverride": [artifacts] }), "artifactIdentifier"),
        (
            json!({ "projectName": "pipeline", "sourceTypeOverride": "S3", "sourceLocationOverride": "b/k",
                    "sourceVersion": "abc", "artifactsOverride": { "type": "NO_ARTIFACTS" } }),
            "versions of S3 objects",
        ),
    ];
    for (input, expected) in cases {
        let error = ground.call("StartBuild", input.clone()).await.expect_err(&input.to_string());
        assert_eq!(error.code, "InvalidInputException", "{input}");
        assert!(error.message.contains(expected), "{input}: {}", error.message);
    }
    assert!(ground.events.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_project_that_cannot_run_here_is_refused() {
    let ground = Ground::new();
    let with = |member: &str, value: Value| {
        let mut project = project("demo");
        project[member] = value;
        project
    };
    let cases = [
        (with("name", json!("../x")), "is not valid"),
        (with("source", json!({ "type": "GITHUB", "location": "https://github.com/a/b" })), "GITHUB"),
        (with("source", json!({ "type": "S3", "location": "bucket" })), "bucket/key"),
        (with("fileSystemLocations", json!([{ "type": "EFS" }])), "fileSystemLocations"),
        (with("artifacts", json!({ "type": "S3" })), "location"),
        (with("timeoutInMinutes", json!(1)), "between 5 and 2160"),
    ];
    for (input, expected) in cases {
        let error = ground.call("CreateProject", input).await.unwrap_err();
        assert_eq!(error.code, "InvalidInputException");
        assert!(error.message.contains(expected), "{}", error.message);
    }
    let unsupported = ground.call("StartSandbox", json!({})).await.unwrap_err();
    assert_eq!(unsupported.code, "UnsupportedOperation");
}

#[tokio::test]
async fn a_token_is_one_build_and_one_set_of_parameters() {
    let ground = Ground::new();
    ground.call("CreateProject", project("demo")).await.unwrap();
    let start =
        |image: &str| json!({ "projectName": "demo", "idempotencyToken": "t", "imageOverride": image });
    let (one, two) =
        tokio::join!(ground.call("StartBuild", start("a")), ground.call("StartBuild", start("a")));
    assert_eq!(one.unwrap()["build"]["id"], two.unwrap()["build"]["id"]);
    let mismatch = ground.call("StartBuild", start("b")).await.unwrap_err();
    assert_eq!(mismatch.code, "InvalidInputException");
}

#[tokio::test]
async fn a_projects_own_limit_is_an_exception() {
    let ground = Ground::new();
    let mut limited = project("demo");
    limited["concurrentBuildLimit"] = json!(1);
    ground.call("CreateProject", limited).await.unwrap();
    ground.start("version: 0.2\nphases: {build: {commands: [sleep 60]}}", json!({})).await;
    let error = ground.call("StartBuild", json!({ "projectName": "demo" })).await.unwrap_err();
    assert_eq!(error.code, "AccountLimitExceededException");
    ground.service.shutdown().await;
}
