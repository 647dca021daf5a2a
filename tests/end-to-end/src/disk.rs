//! When the service waits for the disk: before it tells a client that something was done, and hardly ever else.
//! Counted with strace, so that the load of the machine does not matter.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::declare::{PIPELINE, commands, stage};
use crate::served::Served;

/// Of a pipeline with four stages and six actions.
const SYNCS_OF_AN_EXECUTION_MAX: usize = 20;
/// Of those, what its start waits for: the database, and the workflow of its first stage.
const SYNCS_OF_A_START_MAX: usize = 5;
const EXECUTIONS: usize = 3;
/// What nobody waits for has followed by then.
const SETTLED: Duration = Duration::from_secs(2);

fn traced(stages: impl IntoIterator<Item = Value>) -> Served {
    let mut served = Served::closed();
    served.start_traced("syncs.txt", &["--resources", "local-resources.yaml"]);
    served.create(stages);
    assert_eq!(served.newest_end(), "Succeeded");
    sleep(SETTLED);
    served
}

/// The files that were brought to the disk, one a line.
fn syncs(served: &Served) -> Vec<String> {
    let trace = fs::read_to_string(served.workplace.path().join("syncs.txt")).expect("strace writes it");
    trace.lines().map(str::to_owned).collect()
}

#[test]
fn an_execution_waits_for_the_disk_a_few_times_only() {
    let with_output = |name: &str| {
        let mut action = commands(name, ["echo made > made.txt"]);
        action["outputArtifacts"] = json!([{ "name": name, "files": ["made.txt"] }]);
        action
    };
    let mut notify = commands("Notify", ["true"]);
    notify["runOrder"] = json!(2);
    let served = traced([
        stage("Build", [with_output("Compile"), with_output("Lint")]),
        stage("Test", [commands("Test", ["true"])]),
        stage("Deploy", [commands("Deploy", ["true"]), notify]),
    ]);
    let before = syncs(&served).len();
    for _ in 0..EXECUTIONS {
        served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
        sleep(SETTLED);
    }
    let made = syncs(&served).split_off(before);
    let each = made.len().div_ceil(EXECUTIONS);
    assert!(each <= SYNCS_OF_AN_EXECUTION_MAX, "{each} for each execution:\n{}", made.join("\n"));
    // While the next one begins, what the last one wrote has not followed yet.
    served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
    let before = syncs(&served).len();
    served.say(&["start", PIPELINE]).assert_status(0);
    let made = syncs(&served).split_off(before);
    assert!(made.len() <= SYNCS_OF_A_START_MAX, "{}", made.join("\n"));
}

#[test]
fn nobody_is_told_of_a_change_that_is_not_on_the_disk() {
    let served = traced([stage("Build", [commands("Compile", ["true"])])]);
    let table: [&[&str]; 3] = [
        &["disable", PIPELINE, "Build", "--reason", "a holiday"],
        &["enable", PIPELINE, "Build"],
        &["start", PIPELINE],
    ];
    for command in table {
        sleep(SETTLED);
        let before = syncs(&served).len();
        served.say(command).assert_status(0);
        let made = syncs(&served).split_off(before);
        assert!(made.iter().any(|line| line.contains("dynamodb.sqlite-wal")), "{command:?}: {made:?}");
    }
    assert_eq!(served.newest_end(), "Succeeded");
    sleep(SETTLED);
    let before = syncs(&served).len();
    served.say(&["state", PIPELINE]).assert_status(0);
    assert_eq!(syncs(&served).len(), before, "who only reads waits for no disk");
}
