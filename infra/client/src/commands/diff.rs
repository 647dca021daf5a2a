//! `diff PIPELINE V1 [V2|FILE]`: what differs between two versions, or between a version and a file.

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::declaration::{self, changes, changes_to_json, difference, normal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::resolve;
use crate::session::Session;
use crate::terminal::Form;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The number of a version
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pub from: i32,
    /// The number of another version, or a file [default: the current version]
    #[arg(value_name = "VERSION|FILE")]
    pub to: Option<String>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let (from, _) = resolve::pipeline(session, name, Some(arguments.from)).await?;
    let (to, label) = other_side(arguments, session).await?;
    let (before, after) = (normal(&from), normal(&to));
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&json!({
            "from": to_json(&from),
            "to": to_json(&to),
            "changes": changes_to_json(&changes(&before, &after)),
        })),
        Form::Quiet => {
            for change in changes(&before, &after) {
                terminal.say(&format!("{}\n", change.path));
            }
        }
        Form::Text if before == after => {
            terminal.say(&format!("no difference between version {} and {label}\n", arguments.from));
        }
        Form::Text => {
            let from = format!("{name} version {}", arguments.from);
            terminal.say(&difference(&before, &after, (&from, &label), terminal.look));
        }
    }
    Ok(Exit::Succeeded)
}

/// The declaration to compare with, and what it is called.
async fn other_side(
    arguments: &Arguments,
    session: &Session,
) -> Result<(PipelineDeclaration, String), Failure> {
    let name = &arguments.pipeline;
    let version = match arguments.to.as_deref() {
        None => None,
        Some(to) => match to.parse::<i32>() {
            Ok(version) => Some(version),
            Err(_) => {
                let file = declaration::read(to.as_ref(), session.terminal.look_of_errors.colour)?;
                return Ok((file.declaration, to.to_owned()));
            }
        },
    };
    let (declaration, _) = resolve::pipeline(session, name, version).await?;
    let label = format!("{name} version {}", declaration.version().unwrap_or_default());
    Ok((declaration, label))
}
