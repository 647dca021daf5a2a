//! The order of phases and commands, in real builds.

use super::ground::Ground;

fn build(phases: &str) -> String {
    format!("version: 0.2\nphases:\n{phases}")
}

#[tokio::test]
async fn a_good_build_goes_through_all_phases() {
    let ended = Ground::new().run(&build("  build:\n    commands: [echo hello]\n")).await;
    assert_eq!(ended.status(), "SUCCEEDED");
    assert_eq!(
        ended.phases(),
        "DOWNLOAD_SOURCE:SUCCEEDED INSTALL:SUCCEEDED PRE_BUILD:SUCCEEDED BUILD:SUCCEEDED \
         POST_BUILD:SUCCEEDED UPLOAD_ARTIFACTS:SUCCEEDED FINALIZING:SUCCEEDED"
    );
    assert_eq!(ended.output(), ["hello"]);
    assert!(ended.log.contains("Running command echo hello"), "{}", ended.log);
    assert!(ended.log.contains("Phase complete: BUILD State: SUCCEEDED"), "{}", ended.log);
}

#[tokio::test]
async fn a_failed_build_phase_runs_post_build_and_tells_it() {
    let ended = Ground::new()
        .run(&build(
            r#"
  build:
    commands:
      - echo before $CODEBUILD_BUILD_SUCCEEDING
      - exit 3
      - echo never
    finally: [echo finally $CODEBUILD_BUILD_SUCCEEDING]
  post_build:
    commands: [echo after $CODEBUILD_BUILD_SUCCEEDING]
"#,
        ))
        .await;
    assert_eq!(ended.status(), "FAILED");
    assert_eq!(ended.output(), ["before 1", "finally 0", "after 0"]);
    assert_eq!(
        ended.context(),
        "COMMAND_EXECUTION_ERROR: Error while executing command: exit 3. Reason: exit status 3"
    );
    assert!(ended.phases().contains("BUILD:FAILED POST_BUILD:SUCCEEDED UPLOAD_ARTIFACTS:SUCCEEDED"));
}

#[tokio::test]
async fn a_failed_pre_build_phase_ends_the_build_unless_it_may_continue() {
    let phases = |on_failure: &str| {
        build(&format!(
            "  pre_build:\n    on-failure: {on_failure}\n    commands: ['false']\n    finally: [echo finally]\n  \
             build:\n    commands: [echo built]\n"
        ))
    };
    let ground = Ground::new();
    let aborted = ground.run(&phases("ABORT")).await;
    assert_eq!(aborted.output(), ["finally"]);
    assert_eq!(
        aborted.phases(),
        "DOWNLOAD_SOURCE:SUCCEEDED INSTALL:SUCCEEDED PRE_BUILD:FAILED FINALIZING:SUCCEEDED"
    );
    let continued = ground.run(&phases("CONTINUE")).await;
    assert_eq!(continued.output(), ["finally", "built"]);
    assert_eq!(continued.status(), "FAILED");
}

#[tokio::test]
async fn a_refused_buildspec_fails_before_any_command() {
    let cases = [
        ("version: 0.3\nphases: {build: {commands: [echo x]}}", "there is no version \"0.3\""),
        ("version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n", "line 5, column 9"),
        (
            "version: 0.2\nrun-as: nobody\nphases: {build: {commands: [echo x]}}",
            "run-as nobody is not supported",
        ),
        ("version: 0.2\nphases: [\n", "it is not valid YAML"),
    ];
    for (buildspec, expected) in cases {
        let ended = Ground::new().run(buildspec).await;
        let context = ended.context();
        assert!(context.starts_with("YAML_FILE_ERROR: ") && context.contains(expected), "{context}");
        assert_eq!(ended.phases(), "DOWNLOAD_SOURCE:FAILED FINALIZING:SUCCEEDED");
        assert!(ended.output().is_empty());
    }
}
