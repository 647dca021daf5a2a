//! What a person named: a pipeline, a stage, an action or an execution; and what was meant if there is none such.

use aws_sdk_codepipeline::operation::get_pipeline::GetPipelineOutput;
use aws_sdk_codepipeline::types::{PipelineDeclaration, PipelineExecutionSummary};
use engine::declaration::closest;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// So many names are listed where none is near.
const NAMES_SHOWN: usize = 10;
/// So far back executions are looked for by a part of their id, or because they are still in progress.
pub(crate) const EXECUTIONS_SEARCHED: usize = 1_000;
/// Fewer characters of an id would be found by accident.
const ID_CHARACTERS_MIN: usize = 6;

const PIPELINE_NOT_FOUND: &str = "PipelineNotFoundException";
const EXECUTION_NOT_FOUND: &str = "PipelineExecutionNotFoundException";

/// An execution and its pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Execution {
    pub pipeline: String,
    pub id: String,
}

/// Which execution of a pipeline is meant where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Newest,
    /// The newest that is in progress; the newest of all if none is.
    InProgress,
    /// The one that is in progress. There must be exactly one.
    TheOneInProgress,
}

/// There is no `kind` with this name; `names` are those that there are.
pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    place: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Failure {
    let names: Vec<_> = names.into_iter().collect();
    let failure = Failure::not_found(format!("there is no {kind} '{name}'{place}"));
    if let Some(meant) = closest(name, names.iter().copied()) {
        return failure.help(format!("did you mean '{meant}'?"));
    }
    match names.len() {
        0 => failure.help(format!("there is no {kind} at all{place}")),
        count if count > NAMES_SHOWN => failure.help(format!(
            "there are {}, and {} more",
            names[..NAMES_SHOWN].join(", "),
            count - NAMES_SHOWN
        )),
        _ => failure.help(format!("there are: {}", names.join(", "))),
    }
}

/// A failure that is about an unknown pipeline says which may have been meant.
pub(crate) async fn explain(session: &Session, name: &str, failure: Failure) -> Failure {
    if !failure.is(PIPELINE_NOT_FOUND) {
        return failure;
    }
    match session.api.pipelines().await {
        Ok(pipelines) => {
            let names = pipelines.iter().filter_map(|pipeline| pipeline.name());
            Failure {
                code: failure.code,
                request_id: failure.request_id,
                ..unknown("pipeline", name, "", names)
            }
        }
        Err(_) => failure,
    }
}

/// A version of a pipeline, or the current one.
pub(crate) async fn pipeline(
    session: &Session,
    name: &str,
    version: Option<i32>,
) -> Result<(PipelineDeclaration, GetPipelineOutput), Failure> {
    match session.api.pipeline(name, version).await {
        Ok(output) => match output.pipeline.clone() {
            Some(declaration) => Ok((declaration, output)),
            None => Err(Failure::new(Exit::Unreachable, "the service answered without a declaration")),
        },
        Err(failure) => Err(explain(session, name, failure).await),
    }
}

/// Checks the name of a stage.
pub(crate) fn stage<'a>(declaration: &'a PipelineDeclaration, name: &str) -> Result<&'a str, Failure> {
    let names: Vec<_> = declaration.stages().iter().map(|stage| stage.name()).collect();
    names.iter().copied().find(|stage| *stage == name).ok_or_else(|| {
        unknown("stage", name, &format!(" in '{}'", declaration.name()), names.iter().copied())
    })
}

/// The execution that `target` names: a pipeline, an execution's id or the beginning of it, or
/// `PIPELINE/EXECUTION`. Without a target it is one of any pipeline.
pub(crate) async fn execution(
    session: &Session,
    target: Option<&str>,
    which: Which,
) -> Result<Execution, Failure> {
    let Some(target) = target else { return of_any_pipeline(session, which).await };
    if let Some((pipeline, id)) = target.split_once('/') {
        return match of_pipeline_by_id(session, pipeline, id).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(no_execution(id, &format!(" of '{pipeline}'"))),
            Err(failure) => Err(explain(session, pipeline, failure).await),
        };
    }
    match session.api.executions(target, searched(which)).await {
        Ok(executions) => choose(target, &executions, which),
        Err(failure) if failure.is(PIPELINE_NOT_FOUND) => by_id(session, target, failure).await,
        Err(failure) => Err(failure),
    }
}

fn searched(which: Which) -> usize {
    if which == Which::Newest { 1 } else { EXECUTIONS_SEARCHED }
}

async fn of_any_pipeline(session: &Session, which: Which) -> Result<Execution, Failure> {
    let mut found = Vec::new();
    for pipeline in session.api.pipelines().await? {
        let name = pipeline.name().unwrap_or_default().to_owned();
        for execution in session.api.executions(&name, searched(which)).await? {
            found.push((name.clone(), execution));
        }
    }
    found.sort_by_key(|(_, execution)| std::cmp::Reverse(execution.start_time().map(|time| time.as_nanos())));
    let in_progress = found.iter().filter(|(_, execution)| is_in_progress(execution));
    let chosen = match which {
        Which::Newest => found.first(),
        Which::InProgress => in_progress.clone().next().or_else(|| found.first()),
        Which::TheOneInProgress => {
            let open: Vec<_> =
                in_progress.clone().map(|(name, one)| format!("{name}/{}", id_of(one))).collect();
            if open.len() > 1 {
                return Err(several(&open));
            }
            in_progress.clone().next()
        }
    };
    let none = || match which {
        Which::TheOneInProgress => Failure::not_found("no execution is in progress"),
        Which::Newest | Which::InProgress => {
            Failure::not_found("there is no execution yet").help("`pipewright start PIPELINE` starts one")
        }
    };
    chosen.map(|(name, one)| Execution { pipeline: name.clone(), id: id_of(one) }).ok_or_else(none)
}

/// `executions` are those of one pipeline, the newest first.
fn choose(
    pipeline: &str,
    executions: &[PipelineExecutionSummary],
    which: Which,
) -> Result<Execution, Failure> {
    let found = |one: &PipelineExecutionSummary| Execution { pipeline: pipeline.to_owned(), id: id_of(one) };
    let in_progress: Vec<_> = executions.iter().filter(|execution| is_in_progress(execution)).collect();
    let chosen = match which {
        Which::Newest => executions.first(),
        Which::InProgress => in_progress.first().copied().or_else(|| executions.first()),
        Which::TheOneInProgress => match in_progress[..] {
            [] => {
                return Err(Failure::not_found(format!("no execution of '{pipeline}' is in progress"))
                    .help(format!("`pipewright history {pipeline}` lists those that have ended")));
            }
            [one] => Some(one),
            _ => return Err(several(&in_progress.iter().map(|one| id_of(one)).collect::<Vec<_>>())),
        },
    };
    chosen.map(found).ok_or_else(|| {
        Failure::not_found(format!("'{pipeline}' has no execution yet"))
            .help(format!("`pipewright start {pipeline}` starts one"))
    })
}

fn several(ids: &[String]) -> Failure {
    Failure::usage(format!("{} executions are in progress", ids.len()))
        .help(format!("name one of them: {}", ids.join(", ")))
}

/// `target` is no pipeline. It may be an execution of any.
async fn by_id(session: &Session, target: &str, unknown_pipeline: Failure) -> Result<Execution, Failure> {
    if !looks_like_id(target) {
        return Err(explain(session, target, unknown_pipeline).await);
    }
    let mut found = Vec::new();
    for pipeline in session.api.pipelines().await? {
        let name = pipeline.name().unwrap_or_default();
        found.extend(of_pipeline_by_id(session, name, target).await?);
    }
    match &found[..] {
        [] => Err(no_execution(target, " of any pipeline")),
        [one] => Ok(one.clone()),
        _ => {
            Err(several(&found.iter().map(|one| format!("{}/{}", one.pipeline, one.id)).collect::<Vec<_>>()))
        }
    }
}

async fn of_pipeline_by_id(
    session: &Session,
    pipeline: &str,
    id: &str,
) -> Result<Option<Execution>, Failure> {
    if id.len() == "00000000-0000-0000-0000-000000000000".len() {
        return match session.api.execution(pipeline, id).await {
            Ok(_) => Ok(Some(Execution { pipeline: pipeline.to_owned(), id: id.to_owned() })),
            Err(failure) if failure.is(EXECUTION_NOT_FOUND) => Ok(None),
            Err(failure) => Err(failure),
        };
    }
    let executions = session.api.executions(pipeline, EXECUTIONS_SEARCHED).await?;
    let ids: Vec<_> = executions.iter().map(id_of).filter(|one| one.starts_with(id)).collect();
    match &ids[..] {
        [] => Ok(None),
        [one] => Ok(Some(Execution { pipeline: pipeline.to_owned(), id: one.clone() })),
        _ => Err(Failure::usage(format!("{} executions of '{pipeline}' begin with '{id}'", ids.len()))
            .help(format!("give more of the id: {}", ids.join(", ")))),
    }
}

fn no_execution(id: &str, place: &str) -> Failure {
    Failure::not_found(format!("there is no execution '{id}'{place}"))
        .help("`pipewright history PIPELINE` lists them")
}

fn looks_like_id(text: &str) -> bool {
    text.len() >= ID_CHARACTERS_MIN && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn id_of(execution: &PipelineExecutionSummary) -> String {
    execution.pipeline_execution_id().unwrap_or_default().to_owned()
}

pub(crate) fn is_in_progress(execution: &PipelineExecutionSummary) -> bool {
    let status = execution.status().map(|status| status.as_str()).unwrap_or_default();
    Exit::of_status(status).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executions(statuses: &[(&str, &str)]) -> Vec<PipelineExecutionSummary> {
        let summaries = statuses.iter().map(|(id, status)| {
            PipelineExecutionSummary::builder().pipeline_execution_id(*id).status((*status).into()).build()
        });
        summaries.collect()
    }

    #[test]
    fn an_execution_is_chosen_by_whether_it_is_in_progress() {
        let ended_last = [("c", "Succeeded"), ("b", "InProgress"), ("a", "Failed")];
        let two_open = [("c", "Stopping"), ("b", "InProgress")];
        let all_ended = [("b", "Superseded"), ("a", "Failed")];
        for (list, which, id, exit) in [
            (&ended_last[..], Which::Newest, "c", Exit::Succeeded),
            (&ended_last, Which::InProgress, "b", Exit::Succeeded),
            (&ended_last, Which::TheOneInProgress, "b", Exit::Succeeded),
            (&two_open, Which::InProgress, "c", Exit::Succeeded),
            (&two_open, Which::TheOneInProgress, "", Exit::Usage),
            (&all_ended, Which::InProgress, "b", Exit::Succeeded),
            (&all_ended, Which::TheOneInProgress, "", Exit::NotFound),
            (&[], Which::Newest, "", Exit::NotFound),
        ] {
            match choose("demo", &executions(list), which) {
                Ok(found) => {
                    assert_eq!((found.id.as_str(), exit), (id, Exit::Succeeded), "{list:?} {which:?}")
                }
                Err(failure) => assert_eq!(failure.exit, exit, "{list:?} {which:?}: {failure:?}"),
            }
        }
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_or_those_that_there_are() {
        let many: Vec<String> = (0..12).map(|number| format!("pipeline-number-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (names, help) in [
            (&["demo", "release"][..], "did you mean 'demo'?"),
            (&["release", "site"], "there are: release, site"),
            (&[], "there is no pipeline at all"),
            (
                &many,
                "there are pipeline-number-0, pipeline-number-1, pipeline-number-2, pipeline-number-3, pipeline-number-4, pipeline-number-5, pipeline-number-6, pipeline-number-7, pipeline-number-8, pipeline-number-9, and 2 more",
            ),
        ] {
            let failure = unknown("pipeline", "dmeo", "", names.iter().copied());
            assert_eq!(failure.help.as_deref(), Some(help));
        }
    }
}
