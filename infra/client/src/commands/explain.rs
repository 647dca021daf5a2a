//! `explain [EVENT]`: what sources told, what it started, and which filter kept the other pipelines back.

use serde_json::{Value, json};

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::own_operation;
use crate::session::Session;
use crate::terminal::{Form, Look};
use crate::text::{Cell, Column, Mark, Table, first_line};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Its id, or some of its beginning; of a webhook, what the host calls the delivery
    pub event: Option<String>,
    /// How many events are listed
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub last: usize,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

/// Events of a page, of which the service gives no more.
const PAGE: usize = 100;

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    match &arguments.event {
        Some(wanted) => one(wanted, session).await,
        None => last(arguments.last, session).await,
    }
}

async fn last(count: usize, session: &Session) -> Result<Exit, Failure> {
    let mut events = Vec::new();
    read(session, |event| {
        if events.len() < count {
            events.push(event);
        }
        events.len() < count
    })
    .await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({ "triggerEvents": events })),
        Form::Quiet => events.iter().for_each(|event| terminal.say(&format!("{}\n", text(&event["id"])))),
        Form::Text if events.is_empty() => {
            terminal.note("no source has told anything in the last thirty days\n");
        }
        Form::Text => terminal.say(&listed(&events, terminal.look)),
    }
    Ok(Exit::Succeeded)
}

async fn one(wanted: &str, session: &Session) -> Result<Exit, Failure> {
    let mut found: Option<Value> = None;
    let mut is_ambiguous = false;
    read(session, |event| {
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        if id == wanted {
            (found, is_ambiguous) = (Some(event), false);
            return false;
        }
        if id.starts_with(wanted) {
            // The same delivery may have told several things, and then their ids go on.
            is_ambiguous |= found.as_ref().is_some_and(|found| text(&found["id"]) != id);
            found = Some(event);
        }
        true
    })
    .await?;
    if is_ambiguous {
        let message = format!("the ids of several events begin with {wanted}");
        return Err(Failure::usage(message).help("give more of it; `pipewright explain` lists the last ones"));
    }
    let Some(event) = found else {
        return Err(Failure::not_found(format!("no event {wanted} is known"))
            .help("`pipewright explain` lists the last ones; events are kept for thirty days"));
    };
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&event),
        Form::Quiet => {
            for judged in judged(&event) {
                if let Some(id) = judged["pipelineExecutionId"].as_str() {
                    terminal.say(&format!("{id}\n"));
                }
            }
        }
        Form::Text => terminal.say(&shown(&event, terminal.look)),
    }
    Ok(Exit::Succeeded)
}

/// Gives events, the newest first, as long as more are wanted.
async fn read(session: &Session, mut wants_more: impl FnMut(Value) -> bool) -> Result<(), Failure> {
    let mut token = Value::Null;
    loop {
        let mut input = json!({ "maxResults": PAGE });
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let mut page = own_operation::call(&session.api.codepipeline, "ListTriggerEvents", &input).await?;
        let events = page["triggerEvents"].as_array_mut().map(std::mem::take).unwrap_or_default();
        for event in events {
            if !wants_more(event) {
                return Ok(());
            }
        }
        token = page["nextToken"].take();
        if token.is_null() {
            return Ok(());
        }
    }
}

fn judged(event: &Value) -> &[Value] {
    event["pipelines"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    first_line(value.as_str().unwrap_or_default())
}

fn listed(events: &[Value], look: Look) -> String {
    let columns = [
        ("TOLD", Column::Whole),
        ("EVENT", Column::Text(8)),
        ("WHAT", Column::Text(24)),
        ("STARTED", Column::Text(10)),
    ];
    let mut table = Table::new(&columns);
    for event in events {
        let started: Vec<_> = judged(event)
            .iter()
            .filter(|judged| judged["pipelineExecutionId"].is_string())
            .map(|judged| text(&judged["pipelineName"]))
            .collect();
        let started = if started.is_empty() { "nothing".to_owned() } else { started.join(", ") };
        table.row(vec![
            Cell::new(text(&event["toldAt"])),
            Cell::new(text(&event["id"])),
            Cell::new(text(&event["summary"])),
            Cell::new(started),
        ]);
    }
    table.render(look)
}

fn shown(event: &Value, look: Look) -> String {
    let mut lines = vec![
        format!("{} {}", look.dim(&text(&event["toldAt"])), text(&event["id"])),
        format!("{}, told of {}", text(&event["summary"]), text(&event["source"])),
    ];
    if let Some(count) = event["changedFiles"].as_u64() {
        lines.push(format!("changed files: {count}"));
    }
    if event["filesUnknown"].is_string() {
        let why = text(&event["filesUnknown"]);
        lines.push(format!("which files it changed is not known, so filters on files let it through: {why}"));
    }
    if judged(event).is_empty() {
        lines.push("no pipeline has a source action of this".to_owned());
    }
    for judged in judged(event) {
        let (status, said) = match judged["pipelineExecutionId"].as_str() {
            Some(id) => ("Succeeded", format!("started {}", first_line(id))),
            None if judged["error"].is_string() => ("Failed", text(&judged["message"])),
            None => ("Stopped", text(&judged["message"])),
        };
        let Mark { symbol, style, .. } = Mark::of(status);
        let place = format!("{}/{}", text(&judged["pipelineName"]), text(&judged["actionName"]));
        lines.push(format!("{} {place}: {said}", look.paint(style, symbol)));
    }
    lines.join("\n") + "\n"
}
