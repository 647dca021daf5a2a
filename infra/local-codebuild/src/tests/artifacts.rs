//! From a source zip to stored artifacts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ground::Ground;

fn files(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn s3(location: &str, name: &str) -> Value {
    json!({ "type": "S3", "location": location, "path": "pipeline/Out", "name": name, "packaging": "ZIP",
            "namespaceType": "NONE" })
}

#[tokio::test]
async fn a_pipelines_build_takes_its_source_from_an_object_and_stores_a_zip() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nphases: {build: {commands: ['mkdir out; tr a-z A-Z < in.txt > out/up.txt']}}\n\
                     artifacts: {files: ['**/*'], base-directory: out, exclude-paths: ['*.tmp']}\n";
    ground.put_source("store/pipeline/Src/abc", &[("in.txt", "hello"), ("buildspec.yml", buildspec)]);
    ground.call("CreateProject", super::ground::project("demo")).await.unwrap();
    let input = json!({
        "projectName": "demo",
        "idempotencyToken": "token-1",
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "store/pipeline/Src/abc",
        "buildspecOverride": "buildspec.yml",
        "artifactsOverride": s3("store", "xyz"),
    });
    let id = ground.call("StartBuild", input.clone()).await.unwrap()["build"]["id"].clone();
    let again = ground.call("StartBuild", input).await.unwrap()["build"]["id"].clone();
    assert_eq!(id, again);
    let ended = ground.ended(id.as_str().unwrap()).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    assert_eq!(ground.stored_zip("store/pipeline/Out/xyz"), files(&[("up.txt", "HELLO")]));
    assert_eq!(ended.build["artifacts"]["location"], "arn:aws:s3:::store/pipeline/Out/xyz");
    assert_eq!(ended.build["artifacts"]["sha256sum"].as_str().unwrap().len(), 64);
    ground.no_work_directories().await;
}

#[tokio::test]
async fn secondary_sources_and_artifacts_have_their_own_places() {
    let ground = Ground::new();
    ground.put_source("store/main", &[("a.txt", "a")]);
    ground.put_source("store/lib", &[("b.txt", "b")]);
    let buildspec = r#"
version: 0.2
phases: {build: {commands: ['cp "$CODEBUILD_SRC_DIR_Lib/b.txt" copied.txt', 'mkdir -p d/e; echo deep > d/e/f.txt']}}
artifacts:
  files: [a.txt]
  secondary-artifacts:
    One: {files: [copied.txt]}
    Two: {files: ['**/*.txt'], base-directory: d, discard-paths: yes}
    Unused: {files: [missing]}
"#;
    let secondary = |identifier: &str| {
        let mut artifacts = s3("store", identifier);
        artifacts["artifactIdentifier"] = json!(identifier);
        artifacts
    };
    let overrides = json!({
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "store/main",
        "secondarySourcesOverride": [{ "type": "S3", "location": "store/lib", "sourceIdentifier": "Lib" }],
        "artifactsOverride": s3("store", "Main"),
        "secondaryArtifactsOverride": [secondary("One"), secondary("Two")],
    });
    let ended = ground.run_with(buildspec, overrides).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    assert_eq!(ground.stored_zip("store/pipeline/Out/Main"), files(&[("a.txt", "a")]));
    assert_eq!(ground.stored_zip("store/pipeline/Out/One"), files(&[("copied.txt", "b")]));
    assert_eq!(ground.stored_zip("store/pipeline/Out/Two"), files(&[("f.txt", "deep\n")]));
    assert_eq!(ended.build["secondaryArtifacts"][1]["artifactIdentifier"], "Two");
}

#[tokio::test]
async fn names_and_paths_are_expanded_by_the_shell() {
    let ground = Ground::new();
    let buildspec = r#"
version: 0.2
phases: {build: {commands: ['export OUT=dist; mkdir dist; touch "dist/app-$CODEBUILD_BUILD_NUMBER.js"']}}
artifacts: {files: ['app-$CODEBUILD_BUILD_NUMBER.*'], base-directory: $OUT, name: $(AWS_REGION)-$(echo x)}
"#;
    let mut artifacts = s3("store", "ignored");
    artifacts["overrideArtifactName"] = json!(true);
    let ended = ground.run_with(buildspec, json!({ "artifactsOverride": artifacts })).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    assert_eq!(ground.stored_zip("store/pipeline/Out/eu-central-1-x"), files(&[("app-1.js", "")]));
}

#[tokio::test]
async fn unpackaged_artifacts_are_one_object_per_file() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nphases: {build: {commands: ['mkdir d; echo 1 > d/x; echo 2 > y']}}\n\
                     artifacts: {files: ['**/*']}\n";
    let artifacts = json!({ "type": "S3", "location": "site", "name": "www", "packaging": "NONE" });
    let ended = ground.run_with(buildspec, json!({ "artifactsOverride": artifacts })).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    let objects = ground.objects.0.lock().unwrap();
    let mut keys: Vec<&String> = objects.keys().collect();
    keys.sort();
    assert_eq!(keys, ["site/www/d/x", "site/www/y"]);
}

#[tokio::test]
async fn symbolic_links_become_files_or_stay_links() {
    for (enable, expected) in [("no", "text\n"), ("yes", "-> file")] {
        let ground = Ground::new();
        let buildspec = format!(
            "version: 0.2\nphases: {{build: {{commands: ['echo text > file; ln -s file link']}}}}\n\
             artifacts: {{files: [file, link], enable-symlinks: {enable}}}\n"
        );
        let ended = ground.run_with(&buildspec, json!({ "artifactsOverride": s3("store", "z") })).await;
        assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
        let expected = files(&[("file", "text\n"), ("link", expected)]);
        assert_eq!(ground.stored_zip("store/pipeline/Out/z"), expected);
    }
}

#[tokio::test]
async fn what_is_missing_is_a_failed_build_that_says_what() {
    let cases = [
        ("artifacts: {files: [missing.txt]}", json!({}), "no matching artifact paths found for missing.txt"),
        (
            "artifacts: {files: [x], base-directory: nowhere}",
            json!({}),
            "no matching base directory path found for nowhere",
        ),
        ("artifacts: {files: [../x]}", json!({}), "leads out of the source directory"),
        (
            "",
            json!({ "secondaryArtifactsOverride": [{ "type": "S3", "location": "b", "artifactIdentifier": "Two" }] }),
            "artifacts.secondary-artifacts.Two",
        ),
        (
            "",
            json!({ "sourceTypeOverride": "S3", "sourceLocationOverride": "store/none" }),
            "s3://store/none: NoSuchKey",
        ),
    ];
    for (artifacts, mut overrides, expected) in cases {
        let ground = Ground::new();
        overrides["artifactsOverride"] = s3("store", "z");
        let buildspec = format!("version: 0.2\nphases: {{build: {{commands: ['true']}}}}\n{artifacts}\n");
        let ended = ground.run_with(&buildspec, overrides).await;
        assert_eq!(ended.status(), "FAILED");
        assert!(ended.context().contains(expected), "{}", ended.context());
        assert!(!ground.objects.0.lock().unwrap().contains_key("store/pipeline/Out/z"));
    }
}
