//! The disk gets full under a service and under a run: it is said, nothing that was acknowledged is lost, nothing is
//! begun by halves, and when there is space again everything goes on.

use std::thread::sleep;
use std::time::Duration;

use crate::declare::{PIPELINE, approval, commands, stage};
use crate::gate::Gate;
use crate::process::{Running, Workplace};
use crate::served::Served;
use crate::small_disk::SmallDisk;

/// The build ends, and what follows is tried.
const UNDER_WAY: Duration = Duration::from_secs(3);

const CHANGES: [&[&str]; 3] = [
    &["start", PIPELINE],
    &["approve", PIPELINE, "--yes"],
    &["disable", PIPELINE, "Build", "--reason", "a holiday"],
];

#[test]
fn a_service_on_a_full_disk_refuses_what_it_cannot_record_and_goes_on_when_there_is_space() {
    let mut served = Served::on_a_small_disk();
    served.start(&["--resources", "local-resources.yaml"]);
    served.create([
        stage("Build", [commands("Compile", ["cat hello.txt"])]),
        stage("Approve", [approval("Approve")]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    served.service().until_it_says("Approve waits for an approval");
    served.fill_the_disk();
    for change in CHANGES {
        let refused = served.say(change);
        assert_eq!(refused.status, Some(7), "{change:?}: {}", refused.output);
        if served.disk_is_seen() {
            refused.assert_says(&["the disk of the data directory", "is full", "Free some"]);
        }
    }
    served.say(&["state", PIPELINE]).assert_status(0).assert_says(&["waits for an approval"]);
    if served.disk_is_seen() {
        served.say(&["doctor"]).assert_status(7).assert_says(&["✖ disk", "free some space"]);
        served.kill();
        served.refused_start().assert_status(7).assert_says(&["is full", "Free some and run again"]);
        served.make_space();
        served.start(&[]);
    } else {
        served.make_space();
    }
    served.say(&["approve", PIPELINE, "--yes"]).assert_status(0);
    assert_eq!(served.newest_end(), "Succeeded");
    assert_eq!(served.executions().len(), 1, "no start was acknowledged");
    served.say(&["start", PIPELINE]).assert_status(0);
}

#[test]
fn what_is_under_way_when_the_disk_gets_full_ends_when_there_is_space() {
    let mut served = Served::on_a_small_disk();
    served.start(&["--resources", "local-resources.yaml"]);
    let gate = Gate::new(served.workplace.path(), "build");
    served.create([
        stage("Build", [commands("Compile", [gate.wait(), "cat hello.txt".to_owned()])]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    served.service().until("the build at its gate", |_| gate.arrivals() == 1);
    if !served.disk_is_seen() {
        // A limit of files is also one of the builds' own files; and nobody notices when it is lifted.
        return;
    }
    served.fill_the_disk();
    gate.open();
    sleep(UNDER_WAY);
    served.make_space();
    assert_eq!(served.newest_end(), "Succeeded", "{}", served.service().output());
    assert_eq!(served.executions().len(), 1);
}

#[test]
fn a_run_on_a_full_disk_does_not_begin_and_one_that_fills_it_ends_and_says_why() {
    let workplace = Workplace::with([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    let data = workplace.path().join("data");
    let disk = SmallDisk::at(&data);
    let run = |name: &str| {
        let mut run = disk.pipewright(workplace.path());
        run.args(["run", "pipeline.json", "--data", "data", "--source", "Source=app"]);
        Running::start(run, workplace.path().join(name)).end()
    };
    run("first.txt").assert_status(0);
    if disk.is_seen() {
        disk.fill(None);
        run("full.txt").assert_status(7).assert_says(&[
            "the disk of the data directory",
            "is full",
            "Free some",
        ]);
        disk.make_space(None);
        let fill = "head -c 100000000 /dev/zero > large; sleep 30";
        workplace.declare([stage("Build", [commands("Compile", [fill])])]);
        run("filling.txt").assert_status(7).assert_says(&["is full", "Free some and run again"]);
    }
    workplace.declare([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    run("again.txt").assert_status(0).assert_says(&["Compile | hello"]);
}
