//! `start PIPELINE`: a new execution of the current version.

use aws_sdk_codepipeline::types::{
    PipelineDeclaration, PipelineVariable, SourceRevisionOverride, SourceRevisionType,
};
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Execution};
use crate::session::Session;
use crate::terminal::Form;
use crate::watch::{self, WaitArguments};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// Set a variable of the pipeline
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = pair)]
    pub variables: Vec<(String, String)>,
    /// Take this revision: a commit, an image digest or an S3 version id. `ACTION=S3_OBJECT_KEY:KEY` takes another
    /// object
    #[arg(long = "source-revision", value_name = "ACTION=REVISION", value_parser = pair)]
    pub source_revisions: Vec<(String, String)>,
    /// A second start with the same token is the same start
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let name = &arguments.pipeline;
    let (declaration, _) = resolve::pipeline(session, name, None).await?;
    let mut request = session.api.codepipeline.start_pipeline_execution().name(name);
    for (name, value) in &arguments.variables {
        request = request.variables(built(PipelineVariable::builder().name(name).value(value).build())?);
    }
    for (action, revision) in &arguments.source_revisions {
        request = request.source_revisions(source_revision(&declaration, action, revision)?);
    }
    let started = request.set_client_request_token(arguments.token.clone()).send().await?;
    let id = started.pipeline_execution_id().unwrap_or_default().to_owned();
    let execution = Execution { pipeline: name.clone(), id };
    let terminal = &session.terminal;
    match terminal.form {
        // The first line of the watched execution says as much.
        Form::Json | Form::Text if arguments.wait.wait => {}
        Form::Json => {
            terminal.say_json(&json!({ "pipelineName": name, "pipelineExecutionId": execution.id }))
        }
        Form::Quiet => terminal.say(&format!("{}\n", execution.id)),
        Form::Text => {
            terminal.say(&format!("execution {} of {name} is started\n", execution.id));
            terminal.note(&format!("watch it with: pipewright watch {}\n", execution.id));
        }
    }
    watch::if_wanted(&arguments.wait, &execution, false, session).await
}

/// The type of a revision is that of the action's provider, unless it is written before the revision.
fn source_revision(
    declaration: &PipelineDeclaration,
    action: &str,
    revision: &str,
) -> Result<SourceRevisionOverride, Failure> {
    let sources = declaration.stages().iter().flat_map(|stage| stage.actions());
    let sources: Vec<_> = sources
        .filter(|action| action.action_type_id().is_some_and(|id| id.category().as_str() == "Source"))
        .collect();
    let Some(source) = sources.iter().find(|source| source.name() == action) else {
        let names = sources.iter().map(|source| source.name());
        return Err(resolve::unknown(
            "source action",
            action,
            &format!(" in '{}'", declaration.name()),
            names,
        ));
    };
    let written = revision.split_once(':').filter(|(kind, _)| SourceRevisionType::values().contains(kind));
    let (kind, value) = match written {
        Some((kind, value)) => (SourceRevisionType::from(kind), value),
        None => {
            let provider = source.action_type_id().map_or("", |id| id.provider());
            let kind = match provider {
                "S3" => SourceRevisionType::S3ObjectVersionId,
                "ECR" => SourceRevisionType::ImageDigest,
                _ => SourceRevisionType::CommitId,
            };
            (kind, revision)
        }
    };
    let revision =
        SourceRevisionOverride::builder().action_name(action).revision_type(kind).revision_value(value);
    built(revision.build())
}

fn built<T, E: std::fmt::Display>(value: Result<T, E>) -> Result<T, Failure> {
    value.map_err(|error| Failure::usage(error.to_string()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    if name.is_empty() {
        return Err("the name before '=' is empty".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration;

    #[test]
    fn the_type_of_a_revision_is_that_of_its_source() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipeline.yaml");
        std::fs::write(&path, crate::tests::fixtures::DEMO).unwrap();
        let declaration = declaration::read(&path, false).unwrap().declaration;
        for (revision, kind, value) in [
            ("4f2a91c", "COMMIT_ID", "4f2a91c"),
            ("S3_OBJECT_KEY:a/b.zip", "S3_OBJECT_KEY", "a/b.zip"),
            ("sha256:77", "COMMIT_ID", "sha256:77"),
        ] {
            let made = source_revision(&declaration, "Checkout", revision).unwrap();
            assert_eq!((made.revision_type().as_str(), made.revision_value()), (kind, value), "{revision}");
        }
        let unknown = source_revision(&declaration, "Chekcout", "1").unwrap_err();
        assert_eq!(unknown.help.as_deref(), Some("did you mean 'Checkout'?"));
        assert_eq!(source_revision(&declaration, "Compile", "1").unwrap_err().exit, Exit::NotFound);
    }
}
