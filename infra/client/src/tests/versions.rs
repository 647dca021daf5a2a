//! Versions: differences are shown before anything is made, and nothing is made without a yes.

use expect_test::expect;
use serde_json::{Value, json};

use super::answers::demo;
use super::fixtures::DEMO;
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

/// A pipeline of three versions; the branch changed in each.
fn versioned(version: i64) -> Value {
    let mut pipeline = demo(i32::try_from(version).unwrap());
    pipeline["stages"][0]["actions"][0]["configuration"]["BranchName"] =
        json!(["", "main", "next", "stable"][version as usize]);
    // As AWS writes it out.
    pipeline["stages"][2]["actions"][0]["inputArtifacts"] = json!([]);
    pipeline["stages"][2]["actions"][0]["runOrder"] = json!(1);
    pipeline
}

fn service() -> Service {
    Service::start(|operation, input| match operation {
        "GetPipeline" => {
            let version = input["version"].as_i64().unwrap_or(3);
            match version {
                1..=3 => Answer::Of(json!({ "pipeline": versioned(version) })),
                _ => Answer::Exception("PipelineVersionNotFoundException", format!("no version {version}")),
            }
        }
        "UpdatePipeline" => {
            let mut pipeline = input["pipeline"].clone();
            pipeline["version"] = json!(4);
            Answer::Of(json!({ "pipeline": pipeline }))
        }
        "CreatePipeline" => Answer::Exception("PipelineNameInUseException", "it is there".into()),
        other => panic!("nobody asks for {other}"),
    })
}

fn file() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipeline.yaml");
    std::fs::write(&path, DEMO).unwrap();
    let path = path.display().to_string();
    (directory, path)
}

#[tokio::test]
async fn a_new_version_is_made_after_its_difference_was_shown() {
    let service = service();
    let (_directory, path) = file();
    let asked = run(&service, &format!("update {path}")).await;
    assert_eq!(asked.exit, Exit::Usage, "{asked:?}");
    assert!(!service.calls().iter().any(|(operation, _)| operation == "UpdatePipeline"));
    let made = run(&service, &format!("update {path} --yes")).await;
    expect![[r#"
        --- demo version 3
        +++ pipeline.yaml
        @@ Source / Checkout @@
                     "version": "1"
                   },
                   "configuration": {
        -            "BranchName": "stable",
        +            "BranchName": "main",
                     "RepositoryName": "app"
                   },
                   "namespace": "checkout",
        demo is now version 4
        exit 0
    "#]]
    .assert_eq(&made.seen().replace(&path, "pipeline.yaml"));
    let sent = service.input_of("UpdatePipeline");
    assert_eq!(sent["pipeline"]["stages"][0]["actions"][0]["configuration"]["BranchName"], "main");
    assert!(sent["pipeline"].get("version").is_none(), "{sent}");
}

#[tokio::test]
async fn an_old_declaration_becomes_a_new_version() {
    let service = service();
    let reverted = run(&service, "revert demo 2 --yes --json").await;
    assert_eq!(reverted.exit, Exit::Succeeded, "{reverted:?}");
    assert_eq!(reverted.json()["pipeline"]["version"], 4);
    let changes = json!([{ "path": "stages[Source].actions[Checkout].configuration.BranchName",
                           "from": "stable", "to": "next" }]);
    assert_eq!(reverted.json()["changes"], changes);
    let same = run(&service, "revert demo 3").await;
    assert_eq!(same.seen(), "no difference: version 3 of demo stays\nexit 0\n");
    assert_eq!(run(&service, "revert demo 9 --yes").await.exit, Exit::NotFound);
}

#[tokio::test]
async fn versions_are_read_back_one_by_one_and_compared() {
    let service = service();
    expect![[r#"
        VERSION      CHANGED
        3 (current)  stages[Source].actions[Checkout].configuration.BranchName
        2            stages[Source].actions[Checkout].configuration.BranchName
        1            created
        exit 0
    "#]]
    .assert_eq(&run(&service, "versions demo").await.seen());
    expect![[r#"
        VERSION      CHANGED
        3 (current)  stages[Source].actions[Checkout].configuration.BranchName
        2 older: --all lists them too
        exit 0
    "#]]
    .assert_eq(&run(&service, "versions demo --limit 1").await.seen());
    assert_eq!(run(&service, "versions demo --quiet").await.output, "3\n2\n1\n");
    expect![[r#"
        --- demo version 1
        +++ demo version 2
        @@ Source / Checkout @@
                     "version": "1"
                   },
                   "configuration": {
        -            "BranchName": "main",
        +            "BranchName": "next",
                     "RepositoryName": "app"
                   },
                   "namespace": "checkout",
        exit 0
    "#]]
    .assert_eq(&run(&service, "diff demo 1 2").await.seen());
    let (_directory, path) = file();
    let same = run(&service, &format!("diff demo 1 {path}")).await;
    assert_eq!(same.output, format!("no difference between version 1 and {path}\n"));
    assert_eq!(run(&service, "diff demo 7").await.exit, Exit::NotFound);
}

#[tokio::test]
async fn a_name_that_is_taken_leads_to_the_next_version() {
    let (_directory, path) = file();
    let ran = run(&service(), &format!("create {path}")).await;
    assert_eq!(ran.exit, Exit::Failed, "{ran:?}");
    assert!(ran.errors.contains("pipewright update"), "{ran:?}");
}
