//! The reference work: four stages, six actions, each one trivial shell command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

pub fn act() -> PathBuf {
    let mut path = std::env::current_exe().expect("this program");
    path.set_file_name("act");
    path
}

/// A repository of 12 files, some 24 KB, 3 commits, bare.
pub fn repository(place: &Path) -> PathBuf {
    let work = place.join("work");
    fs::create_dir_all(work.join("src")).expect("a directory");
    fs::write(work.join("a.txt"), "marker a\n".repeat(100)).expect("a file");
    fs::write(work.join("b.txt"), "marker b\n".repeat(100)).expect("a file");
    for file in 0..10_u32 {
        let mut seed = 12345 + file;
        let mut text = String::new();
        for _ in 0..2200 {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12345);
            text.push(char::from(b"abcdefgh \n"[(seed >> 16) as usize % 10]));
        }
        fs::write(work.join(format!("src/f{file}.txt")), text).expect("a file");
    }
    git(&work, &["init", "-q", "-b", "main"]);
    for commit in 1..=3 {
        fs::write(work.join("count.txt"), format!("{commit}\n")).expect("a file");
        git(&work, &["add", "."]);
        git(&work, &["-c", "user.name=r", "-c", "user.email=r@x", "commit", "-qm", &format!("{commit}")]);
    }
    let bare = place.join("repo.git");
    git(place, &["clone", "-q", "--bare", "work", "repo.git"]);
    bare
}

fn git(place: &Path, arguments: &[&str]) {
    let status = Command::new("git").current_dir(place).args(arguments).status().expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

fn shell_action(name: &str, command: &str) -> String {
    format!("{} \"$TRACE\" \"$RUN\" {name} '{command}'", act().display())
}

/// The same work as a shell script.
pub fn script(repository: &Path) -> String {
    let quoted = |name: &str, command: &str| format!("sh -c {}", quote(&shell_action(name, command)));
    let clone = format!("git clone -q {} \"$WS/src\"", repository.display());
    let build =
        |side: &str| format!("mkdir -p \"$WS/out\"; cat \"$WS/src/{side}.txt\" > \"$WS/out/{side}.bin\"");
    [
        "#!/bin/sh".to_owned(),
        "set -e".to_owned(),
        quoted("source", &clone),
        format!("{} & p=$!", quoted("build_a", &build("a"))),
        quoted("build_b", &build("b")),
        "wait $p".to_owned(),
        quoted("test", "grep -q marker \"$WS/out/a.bin\""),
        quoted("deploy", "mkdir -p \"$WS/deploy\"; cp \"$WS/out/a.bin\" \"$WS/out/b.bin\" \"$WS/deploy/\""),
        quoted("notify", "echo \"done $RUN\" > \"$WS/notify\""),
        String::new(),
    ]
    .join("\n")
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn commands(name: &str, command: &str, inputs: &[&str], output: Option<&str>, run_order: u32) -> Value {
    let line = format!(
        "{} '#{{variables.TRACE}}' '#{{variables.RUN}}' {name} 'WS=#{{variables.WS}}; RUN=#{{variables.RUN}}; {command}'",
        act().display()
    );
    let inputs: Vec<_> = inputs.iter().map(|name| json!({ "name": name })).collect();
    let mut action = json!({
        "name": name, "runOrder": run_order, "commands": [line],
        "actionTypeId": { "category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1" },
        "inputArtifacts": inputs,
    });
    if let Some(output) = output {
        action["outputArtifacts"] = json!([{ "name": output, "files": ["*.bin"] }]);
    }
    action
}

/// The same work as a pipeline: the source is cloned, zipped and stored, each build hands its file on as an artifact.
pub fn pipeline(name: &str) -> Value {
    let source = json!({
        "name": "source", "outputArtifacts": [{ "name": "Source" }],
        "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1" },
        "configuration": { "RepositoryName": "reference", "BranchName": "main" },
    });
    let deploy = "mkdir -p \"$WS/deploy\"; cp a.bin \"$CODEBUILD_SRC_DIR_B\"/b.bin \"$WS/deploy/\"";
    let stages = json!([
        { "name": "Source", "actions": [source] },
        { "name": "Build", "actions": [
            commands("build_a", "cat a.txt > a.bin", &["Source"], Some("A"), 1),
            commands("build_b", "cat b.txt > b.bin", &["Source"], Some("B"), 1),
        ] },
        { "name": "Test", "actions": [commands("test", "grep -q marker a.bin", &["A"], None, 1)] },
        { "name": "Deploy", "actions": [
            commands("deploy", deploy, &["A", "B"], None, 1),
            commands("notify", "echo \"done $RUN\" > \"$WS/notify\"", &["A"], None, 2),
        ] },
    ]);
    let variables: Vec<_> = ["WS", "RUN", "TRACE"].map(|name| json!({ "name": name })).to_vec();
    json!({
        "name": name, "roleArn": "arn:aws:iam::123456789012:role/bench", "pipelineType": "V2",
        "artifactStore": { "type": "S3", "location": "bench-artifacts" }, "executionMode": "PARALLEL",
        "variables": variables, "stages": stages,
    })
}

/// Start and end of each action, in nanoseconds.
pub fn stamps(trace: &Path) -> BTreeMap<String, (u128, u128)> {
    let mut found = BTreeMap::<String, (u128, u128)>::new();
    for line in fs::read_to_string(trace).unwrap_or_default().lines() {
        let words: Vec<_> = line.split(' ').collect();
        let time: u128 = words[3].parse().expect("a time");
        let stamp = found.entry(words[1].to_owned()).or_default();
        if words[2] == "S" { stamp.0 = time } else { stamp.1 = time }
    }
    found
}

/// From the end of an action to the start of the next, in milliseconds.
pub fn gaps(trace: &Path) -> Vec<f64> {
    let stamps = stamps(trace);
    assert_eq!(stamps.len(), 5, "{stamps:?}");
    let built = stamps["build_a"].1.max(stamps["build_b"].1);
    vec![
        between(built, stamps["test"].0),
        between(stamps["test"].1, stamps["deploy"].0),
        between(stamps["deploy"].1, stamps["notify"].0),
    ]
}

/// The same for a chain of any length.
pub fn gaps_in_order(trace: &Path) -> Vec<f64> {
    let mut stamps: Vec<_> = stamps(trace).into_values().collect();
    stamps.sort_unstable();
    stamps.windows(2).map(|two| between(two[0].1, two[1].0)).collect()
}

fn between(end: u128, start: u128) -> f64 {
    (start as f64 - end as f64) / 1e6
}

const ACTIONS_OF_A_STAGE: usize = 40;

/// `size` actions of the command `true`, after a source.
pub fn trivial_pipeline(name: &str, size: usize, is_chain: bool) -> Value {
    let action = |index: usize| {
        let act = act();
        let last = if index + 1 == size { "last".to_owned() } else { format!("t{index:04}") };
        json!({
            "name": last, "runOrder": if is_chain { index % ACTIONS_OF_A_STAGE + 1 } else { 1 },
            "commands": [format!("{} '#{{variables.TRACE}}' run {last} true", act.display())],
            "actionTypeId": { "category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1" },
            "inputArtifacts": [{ "name": "Source" }],
        })
    };
    let actions: Vec<_> = (0..size).map(action).collect();
    let stages = actions.chunks(ACTIONS_OF_A_STAGE).enumerate();
    let stages =
        stages.map(|(index, actions)| json!({ "name": format!("Stage{index}"), "actions": actions }));
    let mut pipeline = pipeline(name);
    let source = pipeline["stages"][0].clone();
    pipeline["stages"] = std::iter::once(source).chain(stages).collect();
    pipeline["variables"] = json!([{ "name": "TRACE" }]);
    pipeline
}
