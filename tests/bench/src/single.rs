//! The reference work, one execution at a time and many at once.

use std::fs;
use std::path::Path;
use std::time::Instant;

use futures::future::join_all;

use crate::service::{Service, usage};
use crate::statistics::{median, milliseconds, percentile};
use crate::{reference, shell};

const PIPELINE: &str = "reference";

pub async fn create(service: &Service, place: &Path) {
    let pipeline = reference::pipeline(PIPELINE);
    service.create(&pipeline, &place.join("reference.json"), &place.join("data")).await;
}

async fn run(service: &Service, place: &Path, name: &str) -> std::path::PathBuf {
    let workspace = place.join(name);
    fs::create_dir_all(&workspace).expect("a workspace");
    let trace = workspace.join("trace");
    let variables = [
        ("WS", workspace.to_string_lossy().into_owned()),
        ("RUN", name.to_owned()),
        ("TRACE", trace.to_string_lossy().into_owned()),
    ];
    let id = service.begin(PIPELINE, &variables).await;
    service.wait(PIPELINE, &id, &trace, "notify").await;
    trace
}

/// Wall time beside the script's, and the gaps from the end of an action to the start of the next.
pub async fn one(service: &Service, place: &Path, repository: &Path, runs: usize) {
    let script = shell::write_script(place, repository);
    for warm in 0..3 {
        run(service, place, &format!("warm-{warm}")).await;
        shell::run(&script, place, &format!("warm-shell-{warm}"));
    }
    let (mut ours, mut ratios, mut overheads, mut gaps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for index in 0..runs {
        let floor = milliseconds(shell::run(&script, place, &format!("shell-{index}")));
        let begun = Instant::now();
        let trace = run(service, place, &format!("run-{index}")).await;
        let wall = milliseconds(begun.elapsed());
        ours.push(wall);
        ratios.push(wall / floor);
        overheads.push(wall - floor);
        gaps.extend(reference::gaps(&trace));
    }
    println!(
        "one: {:.1} ms, {:.2} times the shell, {:.1} ms more ({runs} pairs, medians)",
        median(&ours),
        median(&ratios),
        median(&overheads)
    );
    println!("gap: median {:.2} ms, p99 {:.2} ms", median(&gaps), percentile(&gaps, 99.0));
}

/// Executions a second, and CPU of each, beside the script's.
pub async fn many(service: &Service, place: &Path, repository: &Path, runs: usize) {
    let script = shell::write_script(place, repository);
    let before = usage(std::process::id()).0;
    let floor = shell::run_many(&script, place, runs);
    let floor_cpu = usage(std::process::id()).0 - before;
    let before = usage(service.id()).0;
    let begun = Instant::now();
    let names: Vec<_> = (0..runs).map(|index| format!("many-{index}")).collect();
    join_all(names.iter().map(|name| run(service, place, name))).await;
    let wall = begun.elapsed();
    let cpu = usage(service.id()).0 - before;
    let rate = runs as f64 / wall.as_secs_f64();
    let floor_rate = runs as f64 / floor.as_secs_f64();
    println!(
        "many: {rate:.1} a second, {:.2} of the shell's rate with {:.2} times its CPU ({runs} at once)",
        rate / floor_rate,
        cpu / floor_cpu
    );
}
