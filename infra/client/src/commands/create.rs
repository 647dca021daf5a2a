//! `create FILE`: a new pipeline.

use std::path::PathBuf;

use crate::arguments::SharedArguments;
use crate::declaration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::to_json;
use crate::session::Session;
use crate::terminal::Form;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The pipeline's declaration, JSON or YAML
    pub file: PathBuf,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let file = declaration::read(&arguments.file, session.terminal.look_of_errors.colour)?;
    let request = session.api.codepipeline.create_pipeline().pipeline(file.declaration);
    let tags = (!file.tags.is_empty()).then_some(file.tags);
    let created = request.set_tags(tags).send().await?;
    let name = created.pipeline().map_or("", |pipeline| pipeline.name());
    let version = created.pipeline().and_then(|pipeline| pipeline.version()).unwrap_or(1);
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&to_json(&created)),
        Form::Quiet => terminal.say(&format!("{version}\n")),
        Form::Text => terminal.say(&format!("{name} is created: version {version}\n")),
    }
    terminal.note(&format!("its first execution starts by itself: pipewright watch {name}\n"));
    Ok(Exit::Succeeded)
}
