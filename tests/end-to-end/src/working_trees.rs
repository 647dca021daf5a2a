//! `--source` from wherever somebody stands, and beside sources that are not replaced.

use std::fs;

use serde_json::json;

use crate::declare::{CONNECTION, commands, git_source, pipeline_from, stage, with};
use crate::process::{Ended, Running, Workplace, command, pipewright};

/// `pipewright run` with these arguments, in the directory `standing_in` of the workplace.
fn run(workplace: &Workplace, standing_in: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut run = command(pipewright());
    run.current_dir(workplace.path().join(standing_in)).arg("run").args(arguments);
    run.envs(variables.iter().copied());
    Running::start(run, workplace.path().join("output.txt")).end()
}

fn listing() -> Workplace {
    let workplace = Workplace::with([stage("Build", [commands("List", ["find . -type f | sort"])])]);
    workplace.write("app/deep/down.txt", "down\n");
    workplace
}

#[test]
fn a_working_tree_is_taken_whole_wherever_one_stands_in_it() {
    let workplace = listing();
    let arguments = ["../../pipeline.json", "--data", "../../data", "--source", "Source=.."];
    let ended = run(&workplace, "app/deep", &arguments, &[]);
    ended.assert_says(&["List | ./deep/down.txt", "List | ./hello.txt"]);
}

#[test]
fn a_run_inside_of_a_git_hook_leaves_the_repository_of_the_hook_alone() {
    let workplace = listing();
    let index = workplace.path().join("index");
    fs::write(&index, "not ours").expect("a file");
    let index_text = index.to_string_lossy();
    let hook = [("GIT_DIR", "/nowhere"), ("GIT_INDEX_FILE", &*index_text), ("GIT_WORK_TREE", "/nowhere")];
    let ended = run(&workplace, ".", &["./pipeline.json", "--source", "Source=app"], &hook);
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    assert_eq!(fs::read_to_string(&index).expect("it is there"), "not ours");
}

#[test]
fn a_working_tree_stands_in_for_one_action_and_not_for_its_neighbour() {
    let workplace = listing();
    let repository = workplace.path().join("shop/app");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"];
        let ran = command("git").arg("-C").arg(&repository).args(identity).args(arguments).status();
        assert!(ran.expect("git starts").success(), "git {arguments:?}");
    };
    workplace.write("shop/app/committed.txt", "committed\n");
    git(&["init", "--quiet"]);
    git(&["checkout", "--quiet", "-b", "main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "First"]);

    let other = with(with(git_source(), "name", json!("Other")), "namespace", json!("OtherVariables"));
    let other = with(other, "outputArtifacts", json!([{ "name": "OtherOutput" }]));
    let both = with(
        commands("List", ["ls", "ls \"$CODEBUILD_SRC_DIR_OtherOutput\""]),
        "inputArtifacts",
        json!([
            { "name": "SourceOutput" }, { "name": "OtherOutput" },
        ]),
    );
    let mut declared = pipeline_from(git_source(), [stage("Build", [both])]);
    declared["stages"][0]["actions"].as_array_mut().expect("actions").push(other);
    workplace.write("pipeline.json", &declared.to_string());
    assert!(declared.to_string().contains(CONNECTION));
    let ended = run(&workplace, ".", &["./pipeline.json", "--source", "Source=app"], &[]);
    ended.assert_says(&["List | hello.txt", "List | committed.txt"]);
}
