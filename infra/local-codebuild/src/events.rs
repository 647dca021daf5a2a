//! CodeBuild's EventBridge events. Pure.
//!
//! Source of the format: "Build notifications input format reference" in the CodeBuild user guide.

use serde_json::{Value, json};

use crate::model::{Build, BuildPhase, BuildStatus};
use crate::moment::Moment;
use crate::settings::Account;

pub const SOURCE: &str = "aws.codebuild";
pub const PHASE_CHANGE: &str = "CodeBuild Build Phase Change";

/// "CodeBuild Build State Change": the build began or ended.
pub fn state_change(build: &Build, account: &Account, id: &str, now: Moment) -> Value {
    let current_phase = build.phases.last();
    let detail = json!({
        "build-status": build.build_status.name(),
        "project-name": build.project_name,
        "build-id": build.arn,
        "additional-information": additional_information(build),
        "current-phase": build.current_phase.name(),
        "current-phase-context": contexts(current_phase),
        "version": "1",
    });
    envelope("CodeBuild Build State Change", detail, build, account, id, now)
}

/// "CodeBuild Build Phase Change": `phase` has ended.
pub fn phase_change(build: &Build, phase: &BuildPhase, account: &Account, id: &str, now: Moment) -> Value {
    let ended = phase.end_time.unwrap_or(now);
    // COMPLETED has no status of its own; its event carries the build's.
    let status = phase.phase_status.unwrap_or(build.build_status);
    let detail = json!({
        "completed-phase": phase.phase_type.name(),
        "project-name": build.project_name,
        "build-id": build.arn,
        "completed-phase-context": contexts(Some(phase)),
        "additional-information": additional_information(build),
        "completed-phase-status": status.name(),
        "completed-phase-duration-seconds": phase.start_time.seconds_until(ended),
        "version": "1",
        "completed-phase-start": phase.start_time.in_detail(),
        "completed-phase-end": ended.in_detail(),
    });
    envelope(PHASE_CHANGE, detail, build, account, id, now)
}

fn envelope(
    detail_type: &str,
    detail: Value,
    build: &Build,
    account: &Account,
    id: &str,
    now: Moment,
) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": SOURCE,
        "account": account.id,
        "time": now.in_envelope(),
        "region": account.region,
        "resources": [build.arn],
        "detail": detail,
    })
}

fn additional_information(build: &Build) -> Value {
    let variables: Vec<Value> = build
        .environment
        .environment_variables
        .iter()
        .map(|variable| {
            json!({
                "name": variable.name,
                "value": variable.value,
                "type": variable.variable_type,
            })
        })
        .collect();
    let mut information = json!({
        "artifact": { "location": build.artifacts.location },
        "environment": {
            "image": build.environment.image,
            "privileged-mode": build.environment.privileged_mode,
            "compute-type": build.environment.compute_type,
            "type": build.environment.environment_type,
            "environment-variables": variables,
        },
        "timeout-in-minutes": build.timeout_in_minutes,
        "queued-timeout-in-minutes": build.queued_timeout_in_minutes,
        "build-complete": build.build_complete,
        "build-number": build.build_number,
        "initiator": build.initiator,
        "build-start-time": build.start_time.in_detail(),
        "source": {
            "type": build.source.source_type,
            "location": build.source.location.as_deref().unwrap_or(""),
        },
        "logs": {
            "group-name": build.logs.group_name,
            "stream-name": build.logs.stream_name,
            "deep-link": build.logs.deep_link,
        },
        "phases": build.phases.iter().map(phase).collect::<Vec<_>>(),
    });
    if let Some(sum) = &build.artifacts.sha256sum {
        information["artifact"]["sha256sum"] = json!(sum);
    }
    if !build.exported_environment_variables.is_empty() {
        information["exported-environment-variables"] = json!(build.exported_environment_variables);
    }
    information
}

fn phase(phase: &BuildPhase) -> Value {
    let mut value = json!({
        "phase-type": phase.phase_type.name(),
        "start-time": phase.start_time.in_detail(),
    });
    if let Some(ended) = phase.end_time {
        value["end-time"] = json!(ended.in_detail());
        value["duration-in-seconds"] = json!(phase.start_time.seconds_until(ended));
        value["phase-context"] = json!(context_lines(phase));
    }
    if let Some(status) = phase.phase_status {
        value["phase-status"] = json!(BuildStatus::name(status));
    }
    value
}

/// As CodeBuild writes it: `[CODE: message, …]`.
fn contexts(phase: Option<&BuildPhase>) -> String {
    format!("[{}]", phase.map(context_lines).unwrap_or_default().join(", "))
}

fn context_lines(phase: &BuildPhase) -> Vec<String> {
    let line = |context: &crate::model::PhaseContext| format!("{}: {}", context.status_code, context.message);
    phase.contexts.iter().map(line).collect()
}
