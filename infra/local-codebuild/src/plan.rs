//! Which phase follows which. Pure.
//!
//! Source: "Build phase transitions" in the CodeBuild user guide. That artifacts are uploaded also
//! after a failed build or post_build phase is how CodeBuild behaves; its logs show it.

use serde::{Deserialize, Serialize};

use crate::buildspec::OnFailure;

/// A phase of a build, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PhaseType {
    Submitted,
    Queued,
    Provisioning,
    DownloadSource,
    Install,
    PreBuild,
    Build,
    PostBuild,
    UploadArtifacts,
    Finalizing,
    Completed,
}

impl PhaseType {
    /// CodeBuild's name of the phase.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Queued => "QUEUED",
            Self::Provisioning => "PROVISIONING",
            Self::DownloadSource => "DOWNLOAD_SOURCE",
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
            Self::UploadArtifacts => "UPLOAD_ARTIFACTS",
            Self::Finalizing => "FINALIZING",
            Self::Completed => "COMPLETED",
        }
    }

    /// The phases that a build's log tells of.
    pub fn has_log_lines(self) -> bool {
        let (first, last) = (Self::DownloadSource, Self::UploadArtifacts);
        (first..=last).contains(&self)
    }
}

/// The phase after `phase`, which ended by itself. A stopped or timed out build has no next phase.
pub fn next_phase(phase: PhaseType, succeeded: bool, on_failure: &OnFailure) -> PhaseType {
    use PhaseType as P;
    let following = match phase {
        P::Submitted => P::Queued,
        P::Queued => P::Provisioning,
        P::Provisioning => P::DownloadSource,
        P::DownloadSource => P::Install,
        P::Install => P::PreBuild,
        P::PreBuild => P::Build,
        P::Build => P::PostBuild,
        P::PostBuild => P::UploadArtifacts,
        P::UploadArtifacts => P::Finalizing,
        P::Finalizing | P::Completed => P::Completed,
    };
    if succeeded {
        return following;
    }
    match (phase, on_failure) {
        (P::Finalizing | P::Completed, _) => P::Completed,
        (P::Install | P::PreBuild | P::Build | P::PostBuild, OnFailure::Continue) => following,
        (P::Build | P::PostBuild, OnFailure::Unspecified | OnFailure::Retry(_)) => following,
        _ => P::Finalizing,
    }
}

/// Whether a phase that failed is run again: it may be, and what it failed with matches its pattern.
/// `texts`: the reason of the failure, and what the failed command printed.
pub fn is_retried(on_failure: &OnFailure, retries_so_far: u32, texts: &[&str]) -> bool {
    let OnFailure::Retry(retry) = on_failure else { return false };
    // The parser took it for a regular expression.
    let pattern = regex::Regex::new(&retry.pattern).ok();
    retries_so_far < retry.times
        && pattern.is_some_and(|pattern| texts.iter().any(|text| pattern.is_match(text)))
}

/// The commands of one phase that are still to be run, given how those before ended: the next
/// command, or `None` at the phase's end. A failed command skips the rest of its block; `finally`
/// always gets its turn.
pub fn next_command(commands: usize, finally: usize, ended: &[bool]) -> Option<CommandPlace> {
    let main_ended = &ended[..ended.len().min(commands)];
    let first_failure = main_ended.iter().position(|succeeded| !succeeded);
    let main_run = first_failure.map_or(commands, |failed| failed + 1);
    if ended.len() < main_run {
        return Some(CommandPlace::Commands(ended.len()));
    }
    let finally_ended = &ended[main_run..];
    let stopped = finally_ended.contains(&false) || finally_ended.len() >= finally;
    (!stopped).then_some(CommandPlace::Finally(finally_ended.len()))
}

/// Where a command stands in its phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandPlace {
    Commands(usize),
    Finally(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buildspec::Retry;

    /// The phases after DOWNLOAD_SOURCE when `failing` fails with `on_failure`.
    fn phases(failing: Option<PhaseType>, on_failure: &OnFailure) -> String {
        let mut phase = PhaseType::DownloadSource;
        let mut names = Vec::new();
        while phase != PhaseType::Completed {
            phase = next_phase(phase, Some(phase) != failing, on_failure);
            names.push(phase.name());
        }
        names.join(" ")
    }

    #[test]
    fn a_failed_phase_leads_where_codebuild_says() {
        use OnFailure::{Abort, Continue, Unspecified};
        use PhaseType as P;
        let all = "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING COMPLETED";
        let cases = [
            (None, Unspecified, all),
            (Some(P::DownloadSource), Unspecified, "FINALIZING COMPLETED"),
            (Some(P::Install), Unspecified, "INSTALL FINALIZING COMPLETED"),
            (Some(P::Install), Continue, all),
            (Some(P::PreBuild), Unspecified, "INSTALL PRE_BUILD FINALIZING COMPLETED"),
            (Some(P::PreBuild), Abort, "INSTALL PRE_BUILD FINALIZING COMPLETED"),
            (Some(P::PreBuild), Continue, all),
            (Some(P::Build), Unspecified, all),
            (Some(P::Build), Continue, all),
            (Some(P::Build), Abort, "INSTALL PRE_BUILD BUILD FINALIZING COMPLETED"),
            (Some(P::PostBuild), Unspecified, all),
            (Some(P::PostBuild), Abort, "INSTALL PRE_BUILD BUILD POST_BUILD FINALIZING COMPLETED"),
            (Some(P::UploadArtifacts), Unspecified, all),
            (Some(P::Finalizing), Unspecified, all),
        ];
        for (failing, on_failure, expected) in cases {
            assert_eq!(phases(failing, &on_failure), expected, "{failing:?} fails, {on_failure:?}");
        }
    }

    #[test]
    fn a_phase_is_retried_as_often_as_it_may_while_its_failure_matches() {
        let retry = |times, pattern: &str| OnFailure::Retry(Retry { times, pattern: pattern.into() });
        let texts = ["Reason: exit status 1", "Error: no connection\n"];
        let cases = [
            (OnFailure::Unspecified, 0, false),
            (OnFailure::Continue, 0, false),
            (retry(3, ".*"), 2, true),
            (retry(3, ".*"), 3, false),
            (retry(0, ".*"), 0, false),
            (retry(1, "no connection"), 0, true),
            (retry(1, "exit status [12]"), 0, true),
            (retry(1, "out of memory"), 0, false),
        ];
        for (on_failure, so_far, expected) in cases {
            assert_eq!(is_retried(&on_failure, so_far, &texts), expected, "{on_failure:?}");
        }
    }

    /// The commands that run, as `c0 c1 f0`, when those in `failing` fail.
    fn run(commands: usize, finally: usize, failing: &[&str]) -> String {
        let mut ended = Vec::new();
        let mut names = Vec::new();
        while let Some(place) = next_command(commands, finally, &ended) {
            let name = match place {
                CommandPlace::Commands(index) => format!("c{index}"),
                CommandPlace::Finally(index) => format!("f{index}"),
            };
            ended.push(!failing.contains(&name.as_str()));
            names.push(name);
        }
        names.join(" ")
    }

    #[test]
    fn a_failed_command_skips_its_block_and_finally_always_runs() {
        let cases: [(usize, usize, &[&str], &str); 8] = [
            (0, 0, &[], ""),
            (2, 0, &[], "c0 c1"),
            (2, 2, &[], "c0 c1 f0 f1"),
            (3, 2, &["c0"], "c0 f0 f1"),
            (3, 2, &["c2"], "c0 c1 c2 f0 f1"),
            (3, 2, &["c1", "f0"], "c0 c1 f0"),
            (0, 2, &[], "f0 f1"),
            (2, 1, &["f0"], "c0 c1 f0"),
        ];
        for (commands, finally, failing, expected) in cases {
            assert_eq!(run(commands, finally, failing), expected, "{commands} {finally} {failing:?}");
        }
    }
}
