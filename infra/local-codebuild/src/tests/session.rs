//! One shell session per build: what a command leaves to the next.

use serde_json::json;

use super::ground::Ground;

fn commands(shell: &str, lines: &[&str]) -> String {
    let commands: String = lines.iter().map(|line| format!("      - {}\n", json!(line))).collect();
    format!("version: 0.2\nenv: {{shell: {shell}}}\nphases:\n  build:\n    commands:\n{commands}")
}

#[tokio::test]
async fn variables_and_the_directory_outlive_their_command_and_phase() {
    let buildspec = r#"
version: 0.2
phases:
  install:
    commands: ["mkdir -p 'a b'", "cd 'a b'", "export A=\"it's $((1 + 1))\" B=b", "PLAIN=plain", "unset B HOSTNAME"]
  build:
    commands: ["pwd | sed 's,.*/,,'", 'echo "$A ${B-unset} $PLAIN"', "sh -c 'echo $PLAIN'"]
"#;
    let ended = Ground::new().run(buildspec).await;
    assert_eq!(ended.output(), ["a b", "it's 2 unset plain", "plain"], "{}", ended.log);
}

#[tokio::test]
async fn any_value_of_a_variable_survives_and_is_never_run() {
    let value = "$(touch hacked) `touch hacked` \"; touch hacked; ' \\ \n second line\t*";
    for shell in ["sh", "bash"] {
        let ground = Ground::new();
        let buildspec =
            commands(shell, &["true", "OTHER=$VALUE", "true", "printf '%s' \"$OTHER\" > out; ls"]);
        let buildspec = buildspec.replace("env: {shell", "env: {exported-variables: [OTHER], shell");
        let variables = json!([{ "name": "VALUE", "value": value }, { "name": "with.dot", "value": "x" }]);
        let ended = ground.run_with(&buildspec, json!({ "environmentVariablesOverride": variables })).await;
        assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
        assert_eq!(ended.exported("OTHER"), Some(value), "{shell}");
        assert_eq!(ended.output(), ["out"], "{shell}");
    }
}

#[tokio::test]
async fn bash_keeps_functions_and_arrays() {
    let lines = ["greet() { echo \"hello $1\"; }", "LIST=(one 'two 2')", "greet \"${LIST[1]}\""];
    let ended = Ground::new().run(&commands("bash", &lines)).await;
    assert_eq!(ended.output(), ["hello two 2"], "{}", ended.log);
}

#[tokio::test]
async fn commands_of_version_0_1_leave_nothing_to_each_other() {
    let buildspec = "version: 0.1\nenvironment_variables: {plaintext: {A: a}}\nphases:\n  build:\n    commands:\n      \
                     - cd /; export A=changed B=b; touch \"$CODEBUILD_SRC_DIR/file\"\n      - echo $A ${B-unset} *\n";
    let ended = Ground::new().run(buildspec).await;
    assert_eq!(ended.output(), ["a unset file"], "{}", ended.log);
}

#[tokio::test]
async fn a_trace_shows_the_command_and_nothing_of_ours() {
    for (shell, depth) in [("sh", "+"), ("bash", "++")] {
        let ended = Ground::new().run(&commands(shell, &["set -x; echo traced", "echo quiet"])).await;
        assert_eq!(ended.output(), [&format!("{depth} echo traced"), "traced", "quiet"], "{}", ended.log);
    }
}

#[tokio::test]
async fn exit_ends_the_command_and_not_the_session() {
    let lines = ["export A=1; cd /; exit 0", "echo $A $(pwd)", "set -e; false; echo never"];
    let ended = Ground::new().run(&commands("sh", &lines)).await;
    assert_eq!(ended.output(), ["1 /"], "{}", ended.log);
    assert!(ended.context().ends_with("Reason: exit status 1"));
}

#[tokio::test]
async fn a_background_process_serves_later_commands_and_ends_with_the_build() {
    let lines =
        ["(echo serving; exec sleep 300) & echo $! > pid", "kill -0 $(cat pid)", "echo PID $(cat pid)"];
    let ended = Ground::new().run(&commands("sh", &lines)).await;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.log);
    assert!(ended.output().contains(&"serving"));
    let pid = ended.output().iter().find_map(|line| line.strip_prefix("PID ")).unwrap().to_owned();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[tokio::test]
async fn the_environment_is_documented_and_nothing_else() {
    let buildspec = commands("sh", &["env -0 | tr '\\n\\0' ' \\n' | cut -d= -f1 | sort"]);
    let ended = Ground::new().run(&buildspec).await;
    let expected = "AWS_DEFAULT_REGION AWS_REGION CI CODEBUILD_BUILD_ARN CODEBUILD_BUILD_ID CODEBUILD_BUILD_IMAGE \
                    CODEBUILD_BUILD_NUMBER CODEBUILD_BUILD_SUCCEEDING CODEBUILD_CI CODEBUILD_INITIATOR \
                    CODEBUILD_LOG_PATH CODEBUILD_SRC_DIR CODEBUILD_START_TIME HOME PATH PWD USER";
    assert_eq!(ended.output().join(" "), expected);
}

#[tokio::test]
async fn the_start_beats_the_project_and_the_project_beats_the_buildspec() {
    let ground = Ground::new();
    let mut project = super::ground::project("demo");
    let variable = |name: &str, value: &str| json!({ "name": name, "value": value, "type": "PLAINTEXT" });
    project["environment"]["environmentVariables"] =
        json!([variable("A", "project"), variable("B", "project")]);
    ground.call("CreateProject", project).await.unwrap();
    let buildspec = "version: 0.2\nenv: {variables: {A: spec, B: spec, C: 1.10}}\n\
                     phases: {build: {commands: ['echo $A $B $C']}}";
    let overrides = json!({ "environmentVariablesOverride": [variable("A", "start")] });
    assert_eq!(ground.run_with(buildspec, overrides).await.output(), ["start project 1.10"]);
}
