//! The approvals of a pipeline that wait, and the one that is meant.

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ExecutionMode, PipelineDeclaration};

use super::Approval;
use crate::execution::{actions_in_order, short};
use crate::failure::Failure;
use crate::progress::WatchedAction;
use crate::resolve::{self, EXECUTIONS_SEARCHED, is_in_progress};
use crate::session::Session;

/// More actions than an execution can have.
const ACTIONS: usize = 10_000;

/// All that wait, in the order of the pipeline's stages.
pub(super) async fn waiting(name: &str, session: &Session) -> Result<Vec<Approval>, Failure> {
    let (declaration, _) = resolve::pipeline(session, name, None).await?;
    let mut found = match declaration.execution_mode() {
        // The state of a pipeline has one execution a stage, which is too few for this mode.
        Some(ExecutionMode::Parallel) => of_executions(name, session).await?,
        _ => of_state(&session.api.state(name).await?),
    };
    for approval in &mut found {
        approval.text = approval.text.take().or_else(|| configured(&declaration, approval));
    }
    Ok(found)
}

fn of_state(state: &GetPipelineStateOutput) -> Vec<Approval> {
    let mut found = Vec::new();
    for stage in state.stage_states() {
        let Some(execution) = stage.latest_execution() else { continue };
        for action in stage.action_states() {
            let Some(latest) = action.latest_execution() else { continue };
            let is_open = latest.status().is_some_and(|status| status.as_str() == "InProgress");
            let Some(token) = latest.token().filter(|_| is_open) else { continue };
            found.push(Approval {
                execution_id: execution.pipeline_execution_id().to_owned(),
                stage: stage.stage_name().unwrap_or_default().to_owned(),
                action: action.action_name().unwrap_or_default().to_owned(),
                token: token.to_owned(),
                since: latest.last_status_change().copied(),
                text: latest.summary().filter(|text| !text.is_empty()).map(str::to_owned),
                url: action.entity_url().or(latest.external_execution_url()).map(str::to_owned),
            });
        }
    }
    found
}

/// The token of an approval is its external execution id (user guide, "Approve or reject an approval action").
async fn of_executions(name: &str, session: &Session) -> Result<Vec<Approval>, Failure> {
    let mut found = Vec::new();
    for execution in
        session.api.executions(name, EXECUTIONS_SEARCHED).await?.iter().filter(|one| is_in_progress(one))
    {
        let id = execution.pipeline_execution_id().unwrap_or_default();
        for action in actions_in_order(&session.api.actions(name, Some(id), ACTIONS).await?) {
            let Some(token) = action.external_id.clone().filter(|_| action.waits_for_approval()) else {
                continue;
            };
            found.push(Approval {
                execution_id: id.to_owned(),
                stage: action.stage,
                action: action.name,
                token,
                since: action.started,
                text: action.summary,
                url: action.url,
            });
        }
    }
    Ok(found)
}

/// What the declaration asks approvers to look at.
fn configured(declaration: &PipelineDeclaration, approval: &Approval) -> Option<String> {
    let stage = declaration.stages().iter().find(|stage| stage.name() == approval.stage)?;
    let action = stage.actions().iter().find(|action| action.name() == approval.action)?;
    action.configuration()?.get("CustomData").cloned()
}

/// The approval that is meant, which has to be one.
pub(super) fn choose(
    pipeline: &str,
    waiting: &[Approval],
    written: Option<&str>,
    execution: Option<&str>,
) -> Result<Approval, Failure> {
    let name = |approval: &Approval| format!("{}/{}", approval.stage, approval.action);
    if waiting.is_empty() {
        return Err(Failure::not_found(format!("no approval of '{pipeline}' waits"))
            .help(format!("what its executions wait for: pipewright why {pipeline}")));
    }
    let is_meant = |approval: &&Approval| {
        written.is_none_or(|written| written == name(approval) || written == approval.action)
            && execution.is_none_or(|id| approval.execution_id.starts_with(id))
    };
    let meant: Vec<_> = waiting.iter().filter(is_meant).collect();
    match meant[..] {
        [one] => Ok(one.clone()),
        [] => {
            let names: Vec<_> = waiting.iter().map(name).collect();
            let names = names.iter().map(String::as_str);
            Err(resolve::unknown("waiting approval", written.or(execution).unwrap_or_default(), "", names))
        }
        _ => {
            let list: Vec<_> = meant
                .iter()
                .map(|approval| format!("{} --execution {}", name(approval), short(&approval.execution_id)))
                .collect();
            Err(Failure::usage(format!("{} approvals of '{pipeline}' wait", meant.len()))
                .help(format!("name one of them: {}", list.join(", or "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn approval(id: &str, stage: &str, action: &str) -> Approval {
        Approval {
            execution_id: id.into(),
            stage: stage.into(),
            action: action.into(),
            token: format!("token of {id}"),
            since: None,
            text: None,
            url: None,
        }
    }

    #[test]
    fn one_approval_is_meant_or_a_name_is_asked_for() {
        let one = [approval("470c9a1e-1", "Release", "Approve")];
        let two =
            [approval("470c9a1e-1", "Release", "Approve"), approval("5d21aaaa-2", "Release", "Approve")];
        for (waiting, written, execution, expected) in [
            (&one[..], None, None, Ok("token of 470c9a1e-1")),
            (&one, Some("Approve"), None, Ok("token of 470c9a1e-1")),
            (&one, Some("Release/Approve"), None, Ok("token of 470c9a1e-1")),
            (&one, Some("Release/Aprove"), None, Err(Exit::NotFound)),
            (&two, None, None, Err(Exit::Usage)),
            (&two, Some("Release/Approve"), Some("5d21"), Ok("token of 5d21aaaa-2")),
            (&two, None, Some("ffff"), Err(Exit::NotFound)),
            (&[], None, None, Err(Exit::NotFound)),
        ] {
            let chosen = choose("demo", waiting, written, execution);
            let chosen = chosen.as_ref().map(|one| one.token.as_str()).map_err(|failure| failure.exit);
            assert_eq!(chosen, expected, "{written:?} {execution:?}");
        }
    }
}
