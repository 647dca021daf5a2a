//! `events [-f] [PIPELINE]`: state-change events, as the service has put them to EventBridge.
//!
//! A service of one's own keeps them in a log group. AWS keeps no events: there one makes a rule.

use std::collections::VecDeque;

use serde_json::Value;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logs::{Line, LogGroup};
use crate::session::Session;
use crate::terminal::{Form, Look};
use crate::text::{Mark, first_line};
use crate::watch::Patience;

/// Where `pipewright up` keeps them.
const LOG_GROUP: &str = "/aws/events/pipewright";

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Of this pipeline only
    pub pipeline: Option<String>,
    /// Wait for more events until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// How many of those that were told before are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub last: usize,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let mut log = LogGroup::new(LOG_GROUP);
    let mut recent = VecDeque::new();
    let keep = &mut |line: &Line| {
        recent.extend(event_of(line, arguments));
        if recent.len() > arguments.last {
            recent.pop_front();
        }
    };
    log.read(session, keep).await.map_err(|failure| explained(failure, session))?;
    recent.iter().for_each(|event| print(event, session));
    if !arguments.follow {
        if recent.is_empty() {
            session.terminal.note("no event is known: nothing has changed lately\n");
        }
        return Ok(Exit::Succeeded);
    }
    follow(&mut log, arguments, session).await
}

async fn follow(log: &mut LogGroup, arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let mut patience = Patience::new();
    loop {
        if session.terminal.is_gone() {
            return Ok(Exit::Succeeded);
        }
        let say = &mut |line: &Line| event_of(line, arguments).iter().for_each(|event| print(event, session));
        match log.read(session, say).await {
            Ok(()) => {
                if let Some(note) = patience.renew() {
                    session.terminal.note(&format!("{note}\n"));
                }
                session.clock.wait(session.api.look).await;
            }
            Err(failure) => {
                if let Some(note) = patience.bear(failure, session.clock.now())? {
                    session.terminal.note(&format!("{note}\n"));
                }
                patience.wait(session).await;
            }
        }
    }
}

/// AWS has no such log group, unless somebody has made a rule that fills one.
fn explained(failure: Failure, session: &Session) -> Failure {
    if !failure.is("ResourceNotFoundException") {
        return failure;
    }
    let help = match session.api.endpoint {
        Some(_) => "a newer service keeps them: restart it with this version",
        None => "on AWS an EventBridge rule with the source `pipewright` brings them: see docs/events.md",
    };
    Failure::not_found("no events are kept here").help(help)
}

/// `None` for what is no event of the pipeline that is asked for.
fn event_of(line: &Line, arguments: &Arguments) -> Option<Value> {
    let event: Value = serde_json::from_str(&line.message).ok()?;
    let pipeline = event["detail"]["pipeline"].as_str()?;
    arguments.pipeline.as_deref().is_none_or(|wanted| wanted == pipeline).then_some(event)
}

fn print(event: &Value, session: &Session) {
    match session.terminal.form {
        Form::Json => session.terminal.say_json_line(event),
        Form::Text | Form::Quiet => session.terminal.say(&line(event, session.terminal.look)),
    }
}

/// `2026-11-22T12:00:00Z shop 4f1c2d3e Build/Compile ✘ failed: exit status 1`
fn line(event: &Value, look: Look) -> String {
    let detail = &event["detail"];
    let text = |value: &Value| first_line(value.as_str().unwrap_or_default());
    let execution: String = text(&detail["execution-id"]).chars().take(8).collect();
    let (stage, action) = (text(&detail["stage"]), text(&detail["action"]));
    let place = match (stage.as_str(), action.as_str()) {
        ("", _) => String::new(),
        (stage, "") => format!(" {stage}"),
        (stage, action) => format!(" {stage}/{action}"),
    };
    let state = text(&detail["state"]);
    let said =
        [&detail["execution-result"]["external-execution-summary"], &detail["stop-execution-comments"]];
    let said = said.into_iter().map(text).find(|said| !said.is_empty());
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    let (time, pipeline) = (text(&event["time"]), text(&detail["pipeline"]));
    format!("{} {pipeline} {execution}{place} {}{said}\n", look.dim(&time), mark(&state, look))
}

/// The states of events have other words than the statuses of the API.
fn mark(state: &str, look: Look) -> String {
    let status = match state {
        "STARTED" | "RESUMED" => "InProgress",
        "SUCCEEDED" => "Succeeded",
        "FAILED" => "Failed",
        "STOPPING" => "Stopping",
        "STOPPED" => "Stopped",
        "SUPERSEDED" => "Superseded",
        "CANCELED" => "Cancelled",
        "ABANDONED" => "Abandoned",
        other => return other.to_owned(),
    };
    let Mark { symbol, style, .. } = Mark::of(status);
    look.paint(style, &format!("{symbol} {}", state.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_when_what_and_why() {
        let event = |detail: Value| json!({ "time": "2026-11-22T12:00:00Z", "detail": detail });
        let of = |more: Value| {
            let mut detail = json!({ "pipeline": "shop", "execution-id": "4f1c2d3e-0000" });
            detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line(&event(detail), Look::default())
        };
        for (more, expected) in [
            (json!({ "state": "STARTED" }), "shop 4f1c2d3e ● started\n"),
            (
                json!({ "state": "STOPPING", "stop-execution-comments": "wrong day" }),
                "shop 4f1c2d3e ◐ stopping: wrong day\n",
            ),
            (json!({ "state": "CANCELED", "stage": "Build" }), "shop 4f1c2d3e Build ■ canceled\n"),
            (
                json!({
                    "state": "FAILED", "stage": "Build", "action": "Compile",
                    "execution-result": { "external-execution-summary": "exit\u{1b}[2J status 1\nmore" },
                }),
                "shop 4f1c2d3e Build/Compile ✘ failed: exit status 1\n",
            ),
        ] {
            let line = of(more);
            assert_eq!(line.strip_prefix("2026-11-22T12:00:00Z "), Some(expected), "{line:?}");
        }
    }
}
