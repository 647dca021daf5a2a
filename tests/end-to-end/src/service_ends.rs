//! The service ends while something runs: orderly, impatiently, or killed.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::declare::{PIPELINE, commands, stage};
use crate::gate::Gate;
use crate::served::Served;

/// A service with an execution whose build waits at a gate, and which deploys then.
fn at_the_gate() -> (Served, Gate) {
    let served = Served::open();
    let gate = Gate::new(served.workplace.path(), "build");
    let pid = served.workplace.path().join("pid");
    let compile = [format!("echo $$ > {}", pid.display()), gate.wait()];
    served.create([
        stage("Build", [commands("Compile", compile)]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    while gate.arrivals() == 0 {
        sleep(Duration::from_millis(20));
    }
    (served, gate)
}

/// What the newest execution's action `Compile` died of.
fn why(served: &Served) -> String {
    let said = served.say(&["history", PIPELINE, "--actions", "--json"]).assert_status(0);
    let history: Value = serde_json::from_str(&said.output).expect("JSON");
    let actions = history["actionExecutionDetails"].as_array().expect("a list");
    let compile = actions.iter().find(|action| action["actionName"] == "Compile").expect("it ran");
    compile["output"]["executionResult"]["errorDetails"]["message"].as_str().unwrap_or_default().to_owned()
}

fn retry(served: &Served, gate: &Gate) {
    gate.open();
    served.say(&["retry", PIPELINE, "Build", "--wait"]).assert_status(0);
}

#[test]
fn a_build_may_end_and_what_follows_it_waits_for_the_next_start() {
    let (mut served, gate) = at_the_gate();
    served.signal("TERM");
    served.service().until_it_says("stopping: nothing new begins; 1 build");
    gate.open();
    let ended = served.end();
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    assert!(!ended.output.contains("succeeded in"), "Deploy has not begun: {}", ended.output);
    served.start(&[]);
    assert_eq!(served.newest_end(), "Succeeded");
}

#[test]
fn an_impatient_end_ends_the_build_and_says_why() {
    let (mut served, gate) = at_the_gate();
    served.signal("INT");
    served.service().until_it_says("stopping");
    served.signal("INT");
    let ended = served.end();
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    ended.assert_says(&["retry the stage", "Compile failed"]);
    served.start(&[]);
    assert_eq!(served.newest_end(), "Failed");
    assert!(why(&served).contains("start the build again"), "{}", why(&served));
    retry(&served, &gate);
}

#[test]
fn after_the_grace_the_build_is_ended() {
    let (mut served, gate) = at_the_gate();
    served.kill();
    served.start(&["--grace", "0"]);
    assert_eq!(served.newest_end(), "Failed");
    let before = gate.arrivals();
    served.say(&["retry", PIPELINE, "Build"]).assert_status(0);
    while gate.arrivals() == before {
        sleep(Duration::from_millis(20));
    }
    served.signal("TERM");
    let ended = served.end();
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    served.start(&[]);
    assert_eq!(served.newest_end(), "Failed");
    retry(&served, &gate);
}

#[test]
fn a_killed_service_takes_its_builds_along_and_tells_of_them_when_it_is_back() {
    let (mut served, gate) = at_the_gate();
    let pid = fs::read_to_string(served.workplace.path().join("pid")).expect("the build wrote it");
    served.kill();
    let process = format!("/proc/{}", pid.trim());
    for _ in 0..250 {
        if fs::metadata(&process).is_err() {
            break;
        }
        sleep(Duration::from_millis(20));
    }
    assert!(fs::metadata(&process).is_err(), "the build of a killed service goes on unnoticed");
    assert!(served.data().join("service.json").exists(), "nobody removed it");
    served.say(&["list"]).assert_status(7);
    served.start(&[]);
    assert_eq!(served.newest_end(), "Failed");
    assert!(why(&served).contains("start the build again"), "{}", why(&served));
    retry(&served, &gate);
}

/// Whatever moment it is killed at, no execution is lost and none hangs.
#[test]
fn killed_again_and_again_it_loses_nothing() {
    let mut served = Served::with([
        stage("Build", [commands("Compile", ["cat hello.txt"])]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    let mut started = 1;
    for kill in 0..6 {
        let said = served.say(&["start", PIPELINE, "--quiet"]);
        started += usize::from(said.status == Some(0));
        sleep(Duration::from_millis(40 * kill));
        served.kill();
        served.start(&[]);
    }
    assert!(served.newest_end().len() > 1, "the newest ends");
    let executions = served.executions();
    assert_eq!(executions.len(), started, "{executions:?}");
    for execution in &executions {
        assert!(
            ["Succeeded", "Failed"].contains(&execution["status"].as_str().unwrap_or_default()),
            "{execution}"
        );
    }
    served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
}
