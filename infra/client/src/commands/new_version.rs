//! Making a new version, which whoever asks for it has seen: what `update` and `revert` share.

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::json;

use crate::declaration::{changes, changes_to_json, difference, normal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::session::Session;
use crate::terminal::Form;

/// What becomes of the current version.
pub(super) struct NewVersion<'a> {
    pub current: &'a PipelineDeclaration,
    pub next: PipelineDeclaration,
    /// Where `next` is from.
    pub origin: String,
    pub yes: bool,
}

/// Shows the difference, asks, and makes the version. Without a difference nothing is made.
pub(super) async fn make(version: NewVersion<'_>, session: &Session) -> Result<Exit, Failure> {
    let NewVersion { current, mut next, origin, yes } = version;
    let (name, number) = (current.name(), current.version().unwrap_or_default());
    let (before, after) = (normal(current), normal(&next));
    let terminal = &session.terminal;
    if before == after {
        match terminal.form {
            Form::Json => terminal.say_json(&json!({ "pipeline": to_json(current), "changes": [] })),
            Form::Quiet => terminal.say(&format!("{number}\n")),
            Form::Text => terminal.say(&format!("no difference: version {number} of {name} stays\n")),
        }
        return Ok(Exit::Succeeded);
    }
    let labels = (format!("{name} version {number}"), origin);
    if terminal.form == Form::Text {
        terminal.say(&difference(&before, &after, (&labels.0, &labels.1), terminal.look));
    }
    terminal.confirm(&format!("Make this version {} of {name}?", number + 1), yes).await?;
    next.version = None;
    let updated = session.api.codepipeline.update_pipeline().pipeline(next).send().await?;
    let made = updated.pipeline().and_then(|pipeline| pipeline.version()).unwrap_or_default();
    match terminal.form {
        Form::Json => {
            let pipeline = updated.pipeline().map(|pipeline| to_json(pipeline));
            let found = changes_to_json(&changes(&before, &after));
            terminal.say_json(&json!({ "pipeline": pipeline, "changes": found }));
        }
        Form::Quiet => terminal.say(&format!("{made}\n")),
        Form::Text => terminal.say(&format!("{name} is now version {made}\n")),
    }
    if made != number + 1 {
        terminal.note(&format!(
            "somebody else changed {name} in the meantime: what version {made} takes the place of is seen with: \
             pipewright diff {name} {} {made}\n",
            made - 1
        ));
    }
    Ok(Exit::Succeeded)
}
