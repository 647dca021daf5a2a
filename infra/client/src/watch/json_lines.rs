//! For programs: a line of JSON for every change.

use serde_json::{Value, json};

use super::display::Display;
use super::view::{Change, View};
use crate::execution::{ActionView, reason_to_json};
use crate::progress::WatchedAction;
use crate::resolve::Execution;
use crate::session::Session;
use crate::text::rfc3339;

pub(super) struct JsonLines<'a> {
    pub execution: &'a Execution,
    pub session: &'a Session,
}

impl JsonLines<'_> {
    fn say(&self, event: &str, mut value: Value) {
        value["event"] = json!(event);
        value["pipelineName"] = json!(self.execution.pipeline);
        value["pipelineExecutionId"] = json!(self.execution.id);
        self.session.terminal.say_json_line(&value);
    }
}

impl Display for JsonLines<'_> {
    fn begin(&mut self, view: &View, stages: &[String]) {
        self.say(
            "Watching",
            json!({
                "pipelineVersion": view.version,
                "status": view.status,
                "stages": stages,
                "rollbackTargetPipelineExecutionId": view.rollback_target,
            }),
        );
    }

    fn change(&mut self, change: &Change, view: &View) {
        match change {
            Change::StageEntered(stage) => self.say("StageEntered", json!({ "stageName": stage })),
            Change::StageSkipped(stage) => self.say("StageSkipped", json!({ "stageName": stage })),
            Change::ActionStarted(action) if action.is_rule() => {
                self.say("RuleStarted", action_to_json(action))
            }
            Change::ActionStarted(action) => self.say("ActionStarted", action_to_json(action)),
            Change::ApprovalWaits(action) => self.say("ApprovalWaits", action_to_json(action)),
            Change::ActionEnded(action) if action.is_rule() => self.say("RuleEnded", action_to_json(action)),
            Change::ActionEnded(action) => self.say("ActionEnded", action_to_json(action)),
            Change::Waits(reason) => self.say("Waits", reason_to_json(reason)),
            Change::Stopping => self.say("Stopping", json!({ "message": view.summary })),
            Change::Ended => {
                let exit = view.exit().map(|exit| exit.code());
                let ended = json!({
                    "status": view.status, "message": view.summary, "exitStatus": exit,
                    "rolledBackBy": view.rolled_back_by,
                });
                self.say("Ended", ended);
            }
        }
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        let mut value = action_to_json(action);
        value["message"] = json!(line);
        self.say("Log", value);
    }

    fn note(&mut self, _text: &str) {}
    fn end(&mut self) {}
}

fn action_to_json(action: &ActionView) -> Value {
    let (id, name) = match action.is_rule() {
        true => ("ruleExecutionId", "ruleName"),
        false => ("actionExecutionId", "actionName"),
    };
    json!({
        id: action.id,
        "stageName": action.stage,
        name: action.name,
        "status": action.status,
        "startTime": action.started.as_ref().and_then(rfc3339),
        "lastUpdateTime": action.updated.as_ref().and_then(rfc3339),
        "externalExecutionId": action.external_id,
        "externalExecutionUrl": action.url,
        "summary": action.summary,
        "error": action.error,
    })
}
