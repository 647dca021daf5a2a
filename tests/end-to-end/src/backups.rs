//! Backups of a service that runs and of one that does not, and data of older versions.

use std::fs::{self, File};

use serde_json::Value;

use crate::declare::{PIPELINE, approval, commands, stage};
use crate::gate::Gate;
use crate::process::{Running, command, pipewright};
use crate::served::Served;
use crate::shop::copy_tree;

/// The pipeline of the golden data directory.
const GOLDEN_PIPELINE: &str = "shop";

#[test]
fn a_backup_of_a_running_service_goes_on_from_its_moment() {
    let mut served = Served::open();
    let gate = Gate::new(served.workplace.path(), "build");
    served.create([
        stage("Build", [commands("Compile", ["cat hello.txt"])]),
        stage("Approve", [approval("Approve")]),
        stage("Deploy", [commands("Deploy", [gate.wait()])]),
    ]);
    served.service().until_it_says("Approve waits for an approval");
    served.say(&["backup", "waiting.zip"]).assert_status(0);
    served.say(&["approve", PIPELINE, "--yes"]).assert_status(0);
    while gate.arrivals() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    served.say(&["backup", "deploying"]).assert_status(0);
    gate.open();
    assert_eq!(served.newest_end(), "Succeeded", "the service was not disturbed");
    served.signal("TERM");
    served.end();
    served.say(&["backup", "stopped.zip"]).assert_status(0);

    for (backup, expected) in
        [("waiting.zip", "InProgress"), ("deploying", "Failed"), ("stopped.zip", "Succeeded")]
    {
        let data = format!("restored-{backup}");
        served.say_to(&data, &["restore", backup]).assert_status(0);
        served.start_on(&data, &[]);
        if expected == "InProgress" {
            assert_eq!(served.executions_of(&data)[0]["status"], expected, "{backup}");
            served.say_to(&data, &["approve", PIPELINE, "--yes"]).assert_status(0);
        }
        let watched = served.say_to(&data, &["watch", PIPELINE, "--latest"]);
        assert_eq!(watched.status, Some(i32::from(expected == "Failed")), "{backup}: {}", watched.output);
        served.say_to(&data, &["start", PIPELINE]).assert_status(0);
        served.kill();
    }
}

#[test]
fn a_backup_that_is_torn_foreign_or_newer_is_refused_and_nothing_is_made() {
    let mut served = Served::open();
    served.signal("TERM");
    served.end();
    let place = served.workplace.path();
    served.say(&["backup", "whole.zip"]).assert_status(0);
    served.say(&["backup", "whole"]).assert_status(0);
    let zip = fs::read(place.join("whole.zip")).expect("it is there");
    fs::write(place.join("half.zip"), &zip[..zip.len() / 2]).expect("a file");
    fs::write(place.join("text.zip"), "hello\n").expect("a file");
    let changed = |name: &str, change: &dyn Fn(&std::path::Path)| {
        copy_tree(&place.join("whole"), &place.join(name));
        change(&place.join(name));
    };
    changed("no-manifest", &|copy| fs::remove_file(copy.join("backup.json")).expect("it was there"));
    changed("lacks-a-file", &|copy| fs::remove_file(copy.join("data/region")).expect("it was there"));
    changed("has-another-file", &|copy| fs::write(copy.join("data/more"), "").expect("a file"));
    changed("flipped", &|copy| fs::write(copy.join("data/region"), "xx-east-1\n").expect("a file"));
    changed("newer", &|copy| {
        let path = copy.join("backup.json");
        let mut manifest: Value =
            serde_json::from_slice(&fs::read(&path).expect("it is there")).expect("JSON");
        manifest["format"] = 99.into();
        manifest["version"] = "9.0.0".into();
        fs::write(path, manifest.to_string()).expect("a file");
    });
    for (backup, status, part) in [
        ("half.zip", 1, "no backup"),
        ("text.zip", 1, "no backup"),
        ("nowhere", 1, "nowhere"),
        ("no-manifest", 1, "no backup"),
        ("lacks-a-file", 1, "region is missing"),
        ("has-another-file", 1, "more was not backed up"),
        ("flipped", 1, "region is not what was backed up"),
        ("newer", 1, "9.0.0"),
    ] {
        served.say_to("restored", &["restore", backup]).assert_status(status).assert_says(&[part]);
        assert!(!place.join("restored").exists(), "{backup}");
    }
    served.say(&["restore", "whole.zip"]).assert_status(2).assert_says(&["not overwritten"]);
    served.say(&["backup", "whole.zip"]).assert_status(2).assert_says(&["not overwritten"]);
    served.say_to("nothing", &["backup", "new.zip"]).assert_status(3).assert_says(&["there is no data"]);
    assert!(!place.join("nothing").exists() && !place.join("new.zip").exists());
}

#[test]
fn data_of_the_first_format_are_brought_up_to_date_and_go_on() {
    let mut served = Served::closed();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/local/tests/format-1.zip");
    let golden = File::open(golden).expect("the golden data are there");
    archive::unpack(golden, &served.data(), &archive::Limits::default()).expect("it is a data directory");
    assert!(!served.data().join("format").exists(), "it is of the first format");
    served.start(&[]);
    let read = |name: &str| fs::read_to_string(served.data().join(name)).expect("it was written");
    assert_eq!((read("format").trim(), read("region").trim()), ("3", "us-east-1"));
    served.say(&["list"]).assert_status(0).assert_says(&[GOLDEN_PIPELINE]);
    let history = served.say(&["history", GOLDEN_PIPELINE, "--json"]).assert_status(0);
    let history: Value = serde_json::from_str(&history.output).expect("JSON");
    let executions = history["pipelineExecutionSummaries"].as_array().expect("a list");
    assert_eq!(executions.len(), 2, "{history}");
    assert_eq!(executions[1]["status"], "Succeeded", "{history}");
    served
        .say(&["logs", GOLDEN_PIPELINE, "Compile", "--execution", "6eff6cdd"])
        .assert_status(0)
        .assert_says(&["hello"]);
    // The second waits for an approval; after some days it has waited too long.
    served.say(&["start", GOLDEN_PIPELINE]).assert_status(0);
    served.service().until("the build of a new execution", |output| output.contains("started, version 1"));
}

#[test]
fn data_of_a_newer_format_are_refused() {
    let served = Served::closed();
    served.workplace.write("data/format", "99\n");
    let mut up = command(pipewright());
    up.current_dir(served.workplace.path()).args(["up", "--data", "data", "--port", "0"]);
    let refused = Running::start(up, served.workplace.path().join("refused.txt")).end();
    refused.assert_status(7).assert_says(&["format is 99", "Use the version that wrote it"]);
}
