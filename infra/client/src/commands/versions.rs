//! `versions PIPELINE`: what each version changed.
//!
//! CodePipeline lists no versions. Their numbers have no gaps, so they are read one by one from the current one back,
//! as far as was asked.

use aws_sdk_codepipeline::types::PipelineDeclaration;
use serde_json::{Value, json};

use crate::arguments::SharedArguments;
use crate::declaration::{Change, changes, changes_to_json, normal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve;
use crate::session::Session;
use crate::terminal::{Form, Look};
use crate::text::{Cell, Column, Table};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// How many, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub limit: usize,
    /// All of them
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

/// A version, and what it changed of the one before it; none where that is not known.
#[derive(Debug, Clone, PartialEq)]
struct Version {
    number: i32,
    changes: Option<Vec<Change>>,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let (current, _) = resolve::pipeline(session, &arguments.pipeline, None).await?;
    let limit = if arguments.all { usize::MAX } else { arguments.limit };
    let versions = read(session, &arguments.pipeline, current, limit).await?;
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&to_json(&versions)),
        Form::Quiet => {
            for version in &versions {
                terminal.say(&format!("{}\n", version.number));
            }
        }
        Form::Text => {
            terminal.say(&render(&versions, terminal.look));
            if let Some(oldest) = versions.last().filter(|oldest| oldest.number > 1) {
                terminal.note(&format!("{} older: --all lists them too\n", oldest.number - 1));
            }
        }
    }
    Ok(Exit::Succeeded)
}

/// The newest first. A version more than is shown is read, to tell what the last one changed.
async fn read(
    session: &Session,
    name: &str,
    current: PipelineDeclaration,
    limit: usize,
) -> Result<Vec<Version>, Failure> {
    let mut versions = Vec::new();
    let mut newer = current;
    while versions.len() < limit {
        let number = newer.version().unwrap_or(1);
        let older = match number {
            ..=1 => None,
            _ => match session.api.pipeline(name, Some(number - 1)).await {
                Ok(output) => output.pipeline,
                // A service may forget old versions.
                Err(failure) if failure.exit == Exit::NotFound => None,
                Err(failure) => return Err(failure),
            },
        };
        let changes = older.as_ref().map(|older| changes(&normal(older), &normal(&newer)));
        versions.push(Version { number, changes });
        match older {
            Some(older) => newer = older,
            None => break,
        }
    }
    Ok(versions)
}

fn render(versions: &[Version], look: Look) -> String {
    let mut table = Table::new(&[("VERSION", Column::Whole), ("CHANGED", Column::Text(16))]);
    for (index, version) in versions.iter().enumerate() {
        let number =
            if index == 0 { format!("{} (current)", version.number) } else { version.number.to_string() };
        table.row(vec![Cell::new(number), Cell::new(told(version))]);
    }
    table.render(look)
}

fn told(version: &Version) -> String {
    match &version.changes {
        None if version.number == 1 => "created".to_owned(),
        None => "the version before it is not there any more".to_owned(),
        Some(changes) if changes.is_empty() => "nothing".to_owned(),
        Some(changes) => {
            let paths = changes.iter().map(|change| match (&change.from, &change.to) {
                (None, Some(_)) => format!("+{}", change.path),
                (Some(_), None) => format!("-{}", change.path),
                _ => change.path.clone(),
            });
            paths.collect::<Vec<_>>().join(", ")
        }
    }
}

fn to_json(versions: &[Version]) -> Value {
    let versions = versions.iter().enumerate().map(|(index, version)| {
        json!({
            "version": version.number,
            "isCurrent": index == 0,
            "changes": version.changes.as_deref().map(changes_to_json),
        })
    });
    json!({ "versions": versions.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_version_tells_what_it_changed() {
        let change = |path: &str, from: Option<i32>, to: Option<i32>| Change {
            path: path.into(),
            from: from.map(Value::from),
            to: to.map(Value::from),
        };
        let versions = [
            Version { number: 4, changes: Some(vec![]) },
            Version {
                number: 3,
                changes: Some(vec![
                    change("stages[Build].actions[Compile].configuration.ProjectName", Some(1), Some(2)),
                    change("stages[Test]", None, Some(1)),
                    change("variables", Some(1), None),
                ]),
            },
            Version { number: 2, changes: None },
            Version { number: 1, changes: None },
        ];
        expect![[r#"
            VERSION      CHANGED
            4 (current)  nothing
            3            stages[Build].actions[Compile].configuration.ProjectName, +stages[Test], -variables
            2            the version before it is not there any more
            1            created
        "#]]
        .assert_eq(&render(&versions, Look::default()));
        expect![[r#"
            VERSION      CHANGED
            4 (current)  nothing
            3            stages[Build].actions[Compile].configuration.P…
            2            the version before it is not there any more
            1            created
        "#]]
        .assert_eq(&render(&versions, Look { colour: false, width: Some(60) }));
    }
}
