//! The floor: the work alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::reference;

pub fn write_script(place: &Path, repository: &Path) -> PathBuf {
    let script = place.join("reference.sh");
    fs::write(&script, reference::script(repository)).expect("a script");
    script
}

/// Runs the script in a workspace of its own.
pub fn run(script: &Path, place: &Path, run: &str) -> Duration {
    let workspace = place.join(run);
    fs::create_dir_all(&workspace).expect("a workspace");
    let begun = Instant::now();
    let status = Command::new("sh")
        .arg(script)
        .env("WS", &workspace)
        .env("RUN", run)
        .env("TRACE", workspace.join("trace"))
        .status()
        .expect("sh runs");
    assert!(status.success(), "the script failed");
    begun.elapsed()
}

/// Several at once, as many as there are processors.
pub fn run_many(script: &Path, place: &Path, runs: usize) -> Duration {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for worker in 0..2 {
            scope.spawn(move || {
                for index in (worker..runs).step_by(2) {
                    run(script, place, &format!("shell-many-{index}"));
                }
            });
        }
    });
    begun.elapsed()
}
