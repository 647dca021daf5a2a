//! The lifecycle events of a deployment to one target: their order, and what follows from each end.
//!
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>

use local_service::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum LifecycleEvent {
    ApplicationStop,
    DownloadBundle,
    BeforeInstall,
    Install,
    AfterInstall,
    ApplicationStart,
    ValidateService,
}

impl LifecycleEvent {
    /// In place, without a load balancer.
    pub(crate) const ORDER: [Self; 7] = [
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ApplicationStop => "ApplicationStop",
            Self::DownloadBundle => "DownloadBundle",
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::ApplicationStart => "ApplicationStart",
            Self::ValidateService => "ValidateService",
        }
    }

    /// DownloadBundle and Install are the agent's own work.
    pub(crate) fn takes_scripts(self) -> bool {
        !matches!(self, Self::DownloadBundle | Self::Install)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventStatus {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

/// `LifecycleErrorCode` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ErrorCode {
    Success,
    ScriptMissing,
    ScriptNotExecutable,
    ScriptTimedOut,
    ScriptFailed,
    UnknownError,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Diagnostics {
    pub(crate) error_code: ErrorCode,
    pub(crate) script_name: String,
    pub(crate) message: String,
    /// The last lines that the event's scripts printed.
    pub(crate) log_tail: String,
}

impl Diagnostics {
    pub(crate) fn success(log_tail: String) -> Self {
        Self {
            error_code: ErrorCode::Success,
            script_name: String::new(),
            message: "Succeeded".into(),
            log_tail,
        }
    }

    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self {
            error_code: ErrorCode::UnknownError,
            script_name: String::new(),
            message: message.into(),
            log_tail: String::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventRecord {
    pub(crate) event: LifecycleEvent,
    pub(crate) status: EventStatus,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) diagnostics: Option<Diagnostics>,
}

/// How far the deployment to one target is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Progress(pub(crate) Vec<EventRecord>);

/// `TargetStatus` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TargetStatus {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let pending = |event| EventRecord {
            event,
            status: EventStatus::Pending,
            started: None,
            ended: None,
            diagnostics: None,
        };
        Self(LifecycleEvent::ORDER.map(pending).into())
    }

    pub(crate) fn start(&mut self, event: LifecycleEvent, now: Timestamp) {
        if let Some(record) = self.record(event) {
            record.status = EventStatus::InProgress;
            record.started = Some(now);
        }
    }

    /// A failure ends the target: all events behind it are skipped. `goes_on` is
    /// `ignoreApplicationStopFailures`.
    pub(crate) fn finish(
        &mut self,
        event: LifecycleEvent,
        diagnostics: Diagnostics,
        goes_on: bool,
        now: Timestamp,
    ) {
        let failed = diagnostics.error_code != ErrorCode::Success;
        if let Some(record) = self.record(event) {
            record.status = if failed { EventStatus::Failed } else { EventStatus::Succeeded };
            record.started.get_or_insert(now);
            record.ended = Some(now);
            record.diagnostics = Some(diagnostics);
        }
        if failed && !goes_on {
            self.skip_rest();
        }
    }

    /// Nothing that has not begun will.
    pub(crate) fn skip_rest(&mut self) {
        for record in &mut self.0 {
            if record.status == EventStatus::Pending {
                record.status = EventStatus::Skipped;
            }
        }
    }

    /// Ends what is in progress, and everything behind it.
    pub(crate) fn interrupt(&mut self, reason: &str, now: Timestamp) {
        for record in &mut self.0 {
            if record.status == EventStatus::InProgress {
                record.status = EventStatus::Failed;
                record.ended = Some(now);
                record.diagnostics = Some(Diagnostics::unknown(reason));
            }
        }
        self.skip_rest();
    }

    pub(crate) fn status(&self) -> TargetStatus {
        let all = |status| self.0.iter().all(|record| record.status == status);
        let any = |status| self.0.iter().any(|record| record.status == status);
        if all(EventStatus::Pending) {
            TargetStatus::Pending
        } else if all(EventStatus::Skipped) {
            TargetStatus::Skipped
        } else if any(EventStatus::InProgress) || any(EventStatus::Pending) {
            TargetStatus::InProgress
        } else if any(EventStatus::Skipped) {
            TargetStatus::Failed
        } else if self.0.last().is_some_and(|last| last.status == EventStatus::Succeeded) {
            TargetStatus::Succeeded
        } else {
            TargetStatus::Failed
        }
    }

    /// The failure that ended the target.
    pub(crate) fn failure(&self) -> Option<(&EventRecord, &Diagnostics)> {
        let failed = self.0.iter().rev().find(|record| record.status == EventStatus::Failed)?;
        Some((failed, failed.diagnostics.as_ref()?))
    }

    fn record(&mut self, event: LifecycleEvent) -> Option<&mut EventRecord> {
        self.0.iter_mut().find(|record| record.event == event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorCode::{ScriptFailed, Success};
    use LifecycleEvent::{ApplicationStop, BeforeInstall, DownloadBundle, ValidateService};

    fn after(ends: &[(LifecycleEvent, ErrorCode, bool)]) -> Progress {
        let mut progress = Progress::new();
        for (event, error_code, goes_on) in ends {
            progress.start(*event, 1);
            let diagnostics = Diagnostics { error_code: *error_code, ..Diagnostics::unknown("") };
            progress.finish(*event, diagnostics, *goes_on, 2);
        }
        progress
    }

    #[test]
    fn the_status_of_a_target_follows_from_its_events() {
        let all: Vec<_> = LifecycleEvent::ORDER.map(|event| (event, Success, false)).into();
        let mut ignored_stop = all.clone();
        ignored_stop[0] = (ApplicationStop, ScriptFailed, true);
        let mut last_failed = all.clone();
        last_failed[6] = (ValidateService, ScriptFailed, false);
        let cases = [
            (after(&[]), TargetStatus::Pending),
            (after(&[(ApplicationStop, Success, false)]), TargetStatus::InProgress),
            (after(&[(ApplicationStop, ScriptFailed, true)]), TargetStatus::InProgress),
            (after(&[(ApplicationStop, ScriptFailed, false)]), TargetStatus::Failed),
            (after(&[(DownloadBundle, ScriptFailed, false)]), TargetStatus::Failed),
            (after(&all), TargetStatus::Succeeded),
            (after(&ignored_stop), TargetStatus::Succeeded),
            (after(&last_failed), TargetStatus::Failed),
        ];
        for (progress, status) in cases {
            assert_eq!(progress.status(), status, "{progress:?}");
        }
        let mut skipped = Progress::new();
        skipped.skip_rest();
        assert_eq!(skipped.status(), TargetStatus::Skipped);
    }

    #[test]
    fn nothing_runs_behind_a_failure() {
        let progress = after(&[
            (ApplicationStop, Success, false),
            (DownloadBundle, Success, false),
            (BeforeInstall, ScriptFailed, false),
        ]);
        let statuses: Vec<EventStatus> = progress.0.iter().map(|record| record.status).collect();
        use EventStatus::{Failed, Skipped, Succeeded};
        assert_eq!(statuses, [Succeeded, Succeeded, Failed, Skipped, Skipped, Skipped, Skipped]);
        assert_eq!(progress.failure().map(|(record, _)| record.event), Some(BeforeInstall));
    }

    #[test]
    fn an_interruption_fails_what_was_in_progress() {
        let mut progress = after(&[(ApplicationStop, Success, false)]);
        progress.start(DownloadBundle, 3);
        progress.interrupt("the service stopped", 4);
        assert_eq!(progress.status(), TargetStatus::Failed);
        let (record, diagnostics) = progress.failure().expect("a failure");
        assert_eq!((record.event, diagnostics.message.as_str()), (DownloadBundle, "the service stopped"));
    }
}
