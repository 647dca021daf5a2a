//! Reading a pipeline file for a command.

use std::io::IsTerminal;
use std::path::Path;

use engine::declaration::{Circumstances, CustomActionTypes};
use pipeline_file::{Checked, Report, check};

use crate::cli::{Exit, ValidateArguments};

/// The declaration of a file, or everything that is wrong with it, in a form to be printed.
pub fn read(path: &Path, custom_action_types: CustomActionTypes) -> Result<Checked, Unread> {
    let too_large =
        || Unread::File(format!("{} is larger than {} bytes", path.display(), pipeline_file::MAXIMUM_BYTES));
    let unreadable =
        |error: std::io::Error| Unread::File(format!("{} cannot be read: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > pipeline_file::MAXIMUM_BYTES as u64 {
        return Err(too_large());
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Unread::File(format!(
            "{} is not UTF-8 text (byte {})",
            path.display(),
            error.utf8_error().valid_up_to()
        ))
    })?;
    let circumstances = Circumstances { custom_action_types, ..Circumstances::default() };
    check(&path.display().to_string(), &text, &circumstances)
        .map_err(|report| Unread::Declaration(Box::new(report)))
}

pub enum Unread {
    File(String),
    Declaration(Box<Report>),
}

impl Unread {
    /// For a person.
    pub fn render(&self) -> String {
        match self {
            Self::File(message) => format!("error: {message}\n"),
            Self::Declaration(report) => report.render(colours_of(&std::io::stderr())),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::File(message) => serde_json::json!([{ "message": message }]),
            Self::Declaration(report) => serde_json::json!(report.problems()),
        }
    }
}

/// `pipewright validate`.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what the command is for")]
pub fn validate(arguments: &ValidateArguments) -> Exit {
    // A service knows the action types that its account created.
    match read(&arguments.pipeline, CustomActionTypes::Elsewhere) {
        Ok(_) if arguments.json => println!("[]"),
        Ok(checked) => {
            println!("{}: the pipeline '{}' is valid", arguments.pipeline.display(), checked.declaration.name)
        }
        Err(unread) => {
            if arguments.json {
                println!("{}", unread.to_json());
            } else {
                eprint!("{}", unread.render());
            }
            return Exit::Failed;
        }
    }
    Exit::Succeeded
}

/// Whether to colour what goes to `stream`: a terminal that has not said no.
pub fn colours_of(stream: &impl IsTerminal) -> bool {
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM are read here only")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    stream.is_terminal() && variable("NO_COLOR").is_none() && variable("TERM").as_deref() != Some("dumb")
}
