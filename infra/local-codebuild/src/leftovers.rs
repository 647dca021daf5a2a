//! Processes of builds that have ended, or whose service has.
//!
//! On CodeBuild a build's processes end with its container. Here the process groups of its commands are
//! killed; what left its group is found by the build's ARN in its environment.

use local_process::marked_processes;

use crate::environment::BUILD_MARK;

/// Ends all processes of these builds, and says what they were, a line for each.
pub fn end_marked(arns: &[String]) -> Vec<String> {
    let found = marked_processes(BUILD_MARK, |mark| arns.iter().any(|arn| arn == mark));
    let ended = found.iter().filter(|process| process.kill(BUILD_MARK));
    let line = |process: &local_process::MarkedProcess| {
        format!("Process {} was still running and was ended: {}", process.number, process.command_line)
    };
    ended.map(line).collect()
}
