//! What the further sections of a buildspec do in real builds: retries, caches, reports, sources of buildspecs.

use serde_json::json;

use super::ground::{Ground, project};

fn build(rest: &str) -> String {
    format!("version: 0.2\n{rest}")
}

#[tokio::test]
async fn a_phase_is_retried_until_it_succeeds_or_may_not_be_any_more() {
    let ground = Ground::new();
    let phases = |on_failure: &str| {
        build(&format!(
            "phases:\n  build:\n    on-failure: {on_failure}\n    commands:\n      - echo x >> tries; echo try $(wc -l < tries)\n      \
             - '[ $(wc -l < tries) -ge 3 ] || {{ echo no connection; exit 4; }}'\n    finally: [echo finally]\n  \
             post_build:\n    commands: [echo post $CODEBUILD_BUILD_SUCCEEDING]\n"
        ))
    };
    let ended = ground.run(&phases("RETRY-2-no connection")).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    let tries =
        ["try 1", "no connection", "finally", "try 2", "no connection", "finally", "try 3", "finally"];
    assert_eq!(ended.output(), [&tries[..], &["post 1"]].concat());
    assert!(ended.log.contains("Retrying phase BUILD (on-failure: RETRY, 2)"), "{}", ended.log);
    for on_failure in ["RETRY-1", "RETRY-0", "RETRY-5-out of memory"] {
        let ended = ground.run(&phases(on_failure)).await;
        assert_eq!(ended.status(), "FAILED", "{on_failure}");
        assert_eq!(ended.output().last(), Some(&"post 0"), "{on_failure}");
    }
}

#[tokio::test]
async fn a_cache_is_there_in_the_next_build_if_the_project_has_one() {
    let ground = Ground::new();
    let buildspec = build(
        "phases: {build: {commands: ['cat deps/count ~/.tool/x || true; mkdir -p deps ~/.tool; echo 1 >> deps/count; \
         echo home > ~/.tool/x']}}\ncache: {paths: [deps, '/root/.tool/**/*']}\n",
    );
    let none = ground.run(&buildspec).await;
    assert!(none.log.contains("the project has none"), "{}", none.log);
    let cache = json!({ "cacheOverride": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] } });
    let first = ground.run_with(&buildspec, cache.clone()).await;
    assert!(first.log.contains("There is no cache yet"), "{}", first.log);
    let second = ground.run_with(&buildspec, cache.clone()).await;
    assert_eq!(second.output(), ["1", "home"], "{}", second.log);
    assert_eq!(second.build["cache"]["type"], "LOCAL");
    let failing = buildspec.replace("echo home", "false; exit 1; echo home");
    ground.run_with(&failing, cache.clone()).await;
    assert_eq!(ground.run_with(&buildspec, cache).await.output(), ["1", "1", "home"]);
}

#[tokio::test]
async fn the_key_of_a_cache_is_a_digest_of_files() {
    let ground = Ground::new();
    let buildspec = build(
        "phases: {build: {commands: ['cat deps || true; echo cached > deps']}}\n\
         cache: {key: 'k-$(codebuild-hash-files **/lock)', paths: [deps]}\n",
    );
    let run = async |lock: &str| {
        ground.put_source("store/src", &[("a/b/lock", lock), ("other", "x")]);
        let overrides = json!({ "sourceTypeOverride": "S3", "sourceLocationOverride": "store/src",
                                "cacheOverride": { "type": "S3", "location": "bucket" } });
        ground.run_with(&buildspec, overrides).await
    };
    let first = run("one").await;
    assert!(first.log.contains("Cached 1 file(s)"), "{}", first.log);
    assert_eq!(run("one").await.output(), ["cached"]);
    let other = run("two").await;
    assert!(other.log.contains("There is no cache yet"), "{}", other.log);
    assert_eq!(run("two").await.output(), ["cached"]);
}

#[tokio::test]
async fn reports_are_summed_up_in_the_log_and_answered_by_the_api() {
    let ground = Ground::new();
    let buildspec = build(
        r#"
phases:
  build:
    commands:
      - mkdir -p out
      - echo '<testsuite><testcase name="good"/><testcase name="bad"><failure/></testcase></testsuite>' > out/a.xml
      - echo '<testsuite><testcase name="fine"/></testsuite>' > out/b.xml
      - echo '<coverage lines-covered="1" lines-valid="2"/>' > cobertura.xml
      - echo 'nothing' > broken.xml
reports:
  unit: {files: ['*.xml'], base-directory: out}
  arn:aws:codebuild:eu-central-1:000000000000:report-group/shared: {files: [cobertura.xml], file-format: COBERTURAXML}
  broken: {files: [broken.xml]}
  missing: {files: ['none/*.xml']}
"#,
    );
    let ended = ground.run(&buildspec).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    let expected = [
        "Report demo-unit: 3 tests: 2 SUCCEEDED, 1 FAILED",
        "Failed test: bad",
        "Report shared: 50.00 % of 2 lines",
        "Error processing report demo-broken: broken.xml is no JUNITXML file: it has no elements",
        "Error processing report demo-missing: no matching artifact paths found for none/*.xml",
    ];
    for line in expected {
        assert!(ended.log.contains(line), "{line}\n{}", ended.log);
    }
    let arns = ended.build["reportArns"].clone();
    let input = json!({ "reportArns": [arns[0], arns[1], "arn:aws:codebuild:x:y:report/../..:z"] });
    let got = ground.call("BatchGetReports", input).await.unwrap();
    assert_eq!(got["reports"][0]["status"], "FAILED");
    assert_eq!(got["reports"][0]["testSummary"]["statusCounts"]["SUCCEEDED"], 2);
    assert_eq!(got["reports"][0]["executionId"], ended.build["arn"]);
    assert_eq!(got["reports"][1]["codeCoverageSummary"]["lineCoveragePercentage"], 50.0);
    assert_eq!(got["reportsNotFound"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_buildspec_can_be_an_object() {
    let ground = Ground::new();
    let text = build("phases: {build: {commands: [echo from the bucket]}}");
    ground.objects.0.lock().unwrap().insert("specs/a.yml".to_owned(), text.into_bytes());
    let input = json!({ "sourceTypeOverride": "S3", "sourceLocationOverride": "store/src" });
    ground.put_source("store/src", &[("x", "x")]);
    let found = ground.run_with("arn:aws:s3:::specs/a.yml", input.clone()).await;
    assert_eq!(found.output(), ["from the bucket"], "{}", found.log);
    let missing = ground.run_with("arn:aws:s3:::specs/b.yml", input).await;
    assert!(missing.context().contains("cannot read s3://specs/b.yml: NoSuchKey"), "{}", missing.context());
}

#[tokio::test]
async fn names_of_artifacts_may_have_hyphens() {
    let ground = Ground::new();
    ground.put_source("store/main", &[("a", "a")]);
    ground.put_source("store/my-lib", &[("b", "b")]);
    let buildspec = build(
        "phases: {build: {commands: [cat $CODEBUILD_SRC_DIR_my_lib/b > c]}}\n\
         artifacts: {secondary-artifacts: {my-out: {files: [c]}}}\n",
    );
    let output = json!({ "type": "S3", "location": "store", "name": "out", "packaging": "ZIP",
                         "artifactIdentifier": "my-out" });
    let overrides = json!({
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "store/main",
        "secondarySourcesOverride": [{ "type": "S3", "location": "store/my-lib", "sourceIdentifier": "my-lib" }],
        "secondaryArtifactsOverride": [output],
    });
    let ended = ground.run_with(&buildspec, overrides).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    assert_eq!(ground.stored_zip("store/out")["c"], "b");
}

#[tokio::test]
async fn what_has_no_effect_is_recorded_and_said() {
    let ground = Ground::new();
    ground.call("CreateProject", project("demo")).await.unwrap();
    let overrides = json!({ "imageOverride": "mine", "gitCloneDepthOverride": 1, "logsConfigOverride": {} });
    let buildspec = build("phases: {install: {runtime-versions: {php: 8}, commands: ['true']}}");
    let ended = ground.run_with(&buildspec, overrides).await;
    assert_eq!(ended.build["environment"]["image"], "mine");
    for notice in [
        "imageOverride is recorded and has no effect",
        "gitCloneDepthOverride has no effect",
        "logsConfigOverride has no effect",
        "runtime-versions asks for php 8",
    ] {
        assert!(ended.log.contains(&format!("Notice: {notice}")), "{notice}\n{}", ended.log);
    }
}
