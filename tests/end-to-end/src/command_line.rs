//! `pipewright run` as a process: what it prints, what its exit status says, and what a second one does.

use serde_json::json;

use crate::declare::{CONNECTION, SOURCE_BUCKET, approval, commands, pipeline, stage};
use crate::process::{Running, Workplace, command, pipewright, run_at_its_gate};

#[test]
fn a_run_prints_its_stages_logs_and_artifacts_and_succeeds() {
    let workplace = Workplace::with([stage("Build", [commands("Compile", ["cat hello.txt", "echo built"])])]);
    let ended = workplace.run(&[]);
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    ended.assert_says(&[
        "stage Build",
        "Compile | hello",
        "Compile | built",
        "Build / Compile succeeded",
        "sha256:",
    ]);
    ended.assert_says(&["Succeeded in"]);
}

#[test]
fn a_run_takes_the_working_tree_as_it_is_each_time() {
    let workplace = Workplace::with([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    for text in ["first words", "second words"] {
        workplace.write("app/hello.txt", text);
        workplace.run(&[]).assert_says(&[&format!("Compile | {text}")]);
    }
}

#[test]
fn a_run_takes_the_working_tree_in_the_place_of_an_object_too() {
    let workplace = Workplace::with([]);
    let declared = pipeline([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    workplace.write("pipeline.json", &declared.to_string());
    let resources = json!({ "buckets": [{ "name": SOURCE_BUCKET, "versioned": true }] });
    workplace.write("local-resources.yaml", &resources.to_string());
    for text in ["first words", "second words"] {
        workplace.write("app/hello.txt", text);
        workplace.run(&[]).assert_says(&[&format!("Compile | {text}")]);
    }
}

#[test]
fn a_failing_build_shows_its_last_lines_and_what_to_do() {
    let failing = "echo 'hello.txt:1: this is no program' >&2; exit 4";
    let deploy = stage("Deploy", [commands("Deploy", ["echo out"])]);
    let workplace = Workplace::with([stage("Build", [commands("Compile", [failing])]), deploy]);
    let ended = workplace.run(&[]);
    assert_eq!(ended.status, Some(1), "{}", ended.output);
    let (_, end) =
        ended.output.rsplit_once("Build / Compile failed").expect("the failure is told at the end");
    for text in ["exit status 4", "hello.txt:1: this is no program", "What to do", "codebuild/logs"] {
        assert!(end.contains(text), "there is no {text:?} in\n{end}");
    }
    assert!(!ended.output.contains("stage Deploy"), "{}", ended.output);
}

#[test]
fn an_approval_without_a_terminal_is_refused_before_anything_runs() {
    let workplace = Workplace::with([stage("Approve", [approval("Approve")])]);
    let refused = workplace.run(&[]);
    assert_eq!(refused.status, Some(2), "{}", refused.output);
    refused.assert_says(&["--approve", "'Approve'"]);
    let approved = workplace.run(&["--approve"]);
    assert_eq!(approved.status, Some(0), "{}", approved.output);
    approved.assert_says(&["Approve / Approve succeeded"]);
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let workplace = Workplace::with([stage("Build", [commands("Compile", ["echo \"#{variables.nmae}\""])])]);
    let misspelt = workplace.run(&[]);
    assert_eq!(misspelt.status, Some(2), "{}", misspelt.output);
    misspelt.assert_says(&["pipeline.json", "variables.nmae"]);

    workplace.declare([stage("Build", [commands("Compile", ["echo hi"])])]);
    let cases: [(&[&str], &str); 4] = [
        (&["--source", "Sauce=app"], "Sauce"),
        (&["--source", "Source=nowhere"], "nowhere"),
        (&["--var", "name=value"], "'name'"),
        (&["--resources", "nowhere.yaml"], "nowhere.yaml"),
    ];
    for (options, expected) in cases {
        let ended = workplace.run(options);
        assert_eq!(ended.status, Some(2), "{options:?}\n{}", ended.output);
        ended.assert_says(&[expected]);
        assert!(!ended.output.contains("stage Source"), "{options:?}\n{}", ended.output);
    }
    workplace.write("local-resources.yaml", "connections: []\n");
    let nothing = workplace.run(&[]);
    assert_eq!(nothing.status, Some(2), "{}", nothing.output);
    nothing.assert_says(&["local-resources.yaml", CONNECTION]);
}

#[test]
fn a_second_process_on_the_same_data_is_refused_and_the_first_goes_on() {
    let (workplace, gate, mut first) = run_at_its_gate();
    let second = workplace.run(&[]);
    assert_eq!(second.status, Some(7), "{}", second.output);
    second.assert_says(&["is in use by another process", "--data"]);
    gate.open();
    first.until_it_says("Build / Compile succeeded");
    assert_eq!(first.end().status, Some(0));
}

#[test]
fn after_a_kill_the_next_run_on_the_same_data_works() {
    let (workplace, gate, run) = run_at_its_gate();
    run.signal("KILL");
    drop(run);
    gate.open();
    let ended = workplace.run(&[]);
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    ended.assert_says(&["Build / Compile succeeded", "Deploy / Deploy succeeded"]);
}

#[test]
fn validate_tells_every_error_with_its_line() {
    let workplace = Workplace::with([]);
    let broken = [stage("Build", [commands("Compile", [""; 0])]), stage("Bu ild", [commands("C", ["ls"])])];
    let text = serde_json::to_string_pretty(&pipeline(broken)).expect("JSON");
    workplace.write("broken.json", &text);
    let mut validate = command(pipewright());
    validate.current_dir(workplace.path()).args(["validate", "broken.json"]);
    let ended = Running::start(validate, workplace.path().join("out.txt")).end();
    assert_eq!(ended.status, Some(1), "{}", ended.output);
    let line_of =
        |text: &str, part: &str| text.lines().position(|line| line.contains(part)).expect("it is there") + 1;
    ended.assert_says(&[&format!("broken.json:{}", line_of(&text, "Bu ild")), "commands"]);
}
