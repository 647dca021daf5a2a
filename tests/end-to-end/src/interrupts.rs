//! Ctrl-C at a running `pipewright run`.

use crate::process::run_at_its_gate;

#[test]
fn ctrl_c_waits_for_what_runs_and_begins_nothing_else() {
    let (_workplace, gate, mut run) = run_at_its_gate();
    run.signal("INT");
    run.until_it_says("Stopping");
    gate.open();
    let ended = run.end();
    assert_eq!(ended.status, Some(5), "{}", ended.output);
    ended.assert_says(&["Build / Compile succeeded", "Stopped in"]);
    assert!(!ended.output.contains("stage Deploy"), "{}", ended.output);
}

#[test]
fn a_second_ctrl_c_abandons_what_runs() {
    let (_workplace, _gate, mut run) = run_at_its_gate();
    run.signal("INT");
    run.until_it_says("Stopping");
    run.signal("INT");
    let ended = run.end();
    assert_eq!(ended.status, Some(5), "{}", ended.output);
    ended.assert_says(&["Build / Compile abandoned", "Stopped in"]);
}
