//! Scripts of a deployment that outlived the process that ran them.
//!
//! A script carries in its environment which event of which deployment it belongs to, and so does everything
//! that it started, in whatever process group. What an event left running on purpose (a server) belongs to
//! an event that has ended, and lives on.

use std::collections::BTreeSet;

use local_process::marked_processes;

use crate::lifecycle::{EventStatus, LifecycleEvent};
use crate::record::Deployment;

pub(super) const HOOK_MARK: &str = "CODEDEPLOY_HOOK";

pub(super) fn hook_mark(deployment_id: &str, target: &str, event: LifecycleEvent) -> String {
    format!("{deployment_id}/{target}/{}", event.name())
}

/// Kills what still runs of the events that were in progress.
pub(super) fn end_scripts<'d>(interrupted: impl Iterator<Item = &'d Deployment>) {
    let in_progress: BTreeSet<String> = interrupted.flat_map(marks).collect();
    // Looking at every process takes milliseconds; nearly always there is nothing to look for.
    if in_progress.is_empty() {
        return;
    }
    for process in marked_processes(HOOK_MARK, |mark| in_progress.contains(mark)) {
        let ended = process.kill(HOOK_MARK);
        let (number, command) = (process.number, &process.command_line);
        tracing::warn!(number, command, ended, "a script of an interrupted deployment was still running");
    }
}

fn marks(deployment: &Deployment) -> Vec<String> {
    let targets = deployment.targets.iter().flat_map(|target| {
        let in_progress = target.events.0.iter().filter(|record| record.status == EventStatus::InProgress);
        in_progress.map(|record| hook_mark(&deployment.id, &target.target.name, record.event))
    });
    targets.collect()
}
