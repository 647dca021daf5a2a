//! From the command's arguments to an execution that runs.

use std::io::IsTerminal;
use std::path::PathBuf;

use engine::declaration::PipelineDeclaration;
use pipeline_file::Checked;
use serde_json::{Value, json};

use super::source;
use crate::LocalStack;
use crate::cli::RunArguments;
use crate::forwarding::AwsEndpoints;
use crate::resources::{self, Resources};

/// Who starts, stops and approves here.
pub(super) const CALLER: &str = "local-user";

/// An execution that was started.
#[derive(Clone)]
pub(super) struct Started {
    pub pipeline_name: String,
    pub version: u64,
    pub execution_id: String,
    /// Names of stages with their actions, in order.
    pub stages: Vec<(String, Vec<String>)>,
    pub data: PathBuf,
    /// What happened before it started.
    pub notes: Vec<String>,
}

/// What the pipeline names, or a sentence with what is missing.
pub(super) fn resources(
    arguments: &RunArguments,
    declaration: &PipelineDeclaration,
) -> Result<Resources, String> {
    let beside = arguments.pipeline.with_file_name("local-resources.yaml");
    let path = arguments.resources.clone().unwrap_or(beside);
    let resources =
        resources::read(&path, arguments.resources.is_some()).map_err(|error| error.to_string())?;
    let missing = resources::missing(declaration, &resources, &endpoints(arguments));
    if missing.is_empty() {
        return Ok(resources);
    }
    let blocks: Vec<_> = missing.into_iter().collect();
    Err(format!(
        "the pipeline names what {} does not have. Add there:\n\n{}\n",
        path.display(),
        blocks.join("\n")
    ))
}

/// Whether the services that actions need are answered, or a sentence with which are not.
pub(super) fn is_answered(arguments: &RunArguments, declaration: &PipelineDeclaration) -> Result<(), String> {
    match endpoints(arguments).missing_for(declaration).first() {
        None => Ok(()),
        Some(missing) => Err(missing.to_string()),
    }
}

/// Without a terminal nobody can be asked.
pub(super) fn can_answer_approvals(
    arguments: &RunArguments,
    declaration: &PipelineDeclaration,
) -> Result<(), String> {
    let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    match actions.find(|action| action.is_approval()) {
        Some(approval) if !arguments.approve && !std::io::stdin().is_terminal() => Err(format!(
            "the action '{}' is a manual approval, and there is no terminal to ask on. Use --approve to approve \
             everything",
            approval.name
        )),
        _ => Ok(()),
    }
}

/// What the pipeline asks for and this stack does not do, though the pipeline runs all the same.
pub(super) fn notes(arguments: &RunArguments, declaration: &PipelineDeclaration) -> Vec<String> {
    endpoints(arguments).silent_approvals(declaration).iter().map(ToString::to_string).collect()
}

pub(super) fn endpoints(arguments: &RunArguments) -> AwsEndpoints {
    arguments.aws_endpoints.iter().cloned().collect()
}

/// The Region of the pipeline's actions, when they name one: its ARNs then look as they do on AWS.
pub(super) fn region(declaration: &PipelineDeclaration) -> Option<String> {
    let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    actions.find_map(|action| action.region.clone())
}

/// Creates the pipeline or its next version, and starts an execution.
pub(super) async fn start(
    stack: &LocalStack,
    arguments: &RunArguments,
    checked: &Checked,
) -> Result<Started, String> {
    let declaration = &checked.declaration;
    let revisions = source::overrides(stack, declaration, &arguments.sources).await?;
    let version = bring_up_to_date(stack, checked).await?;
    let notes = end_leftovers(stack, &declaration.name).await?;
    let variables = arguments.variables.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    let mut input = json!({ "name": declaration.name });
    // The API takes no empty lists.
    for (name, list) in [("variables", variables.collect()), ("sourceRevisions", revisions)] {
        if !list.is_empty() {
            input[name] = Value::Array(list);
        }
    }
    let answer =
        stack.call("StartPipelineExecution", input, CALLER).await.map_err(|error| error.to_string())?;
    let stages = declaration
        .stages
        .iter()
        .map(|stage| (stage.name.clone(), stage.actions.iter().map(|action| action.name.clone()).collect()));
    Ok(Started {
        pipeline_name: declaration.name.clone(),
        version,
        execution_id: answer["pipelineExecutionId"].as_str().unwrap_or_default().to_owned(),
        stages: stages.collect(),
        data: stack.directory.path().to_owned(),
        notes,
    })
}

/// An execution that a killed run left behind would hold its stage, and nobody would answer its approval:
/// this command runs one execution, so earlier ones are abandoned, and that is said.
async fn end_leftovers(stack: &LocalStack, name: &str) -> Result<Vec<String>, String> {
    let said = |error: crate::ApiFailure| error.to_string();
    let mut notes = Vec::new();
    for id in in_progress(stack, name).await.map_err(said)? {
        let input = json!({
            "pipelineName": name,
            "pipelineExecutionId": id,
            "abandon": true,
            "reason": "A later run took its place.",
        });
        match stack.call("StopPipelineExecution", input, CALLER).await {
            Ok(_) => notes
                .push(format!("The execution {id} was left in progress by an earlier run; it is abandoned.")),
            // It ended by itself meanwhile.
            Err(error) if error.code == "PipelineExecutionNotStoppableException" => {}
            Err(error) => return Err(said(error)),
        }
    }
    Ok(notes)
}

/// All of them, however many have come after: in the mode SUPERSEDED one may wait for long.
async fn in_progress(stack: &LocalStack, name: &str) -> Result<Vec<String>, crate::ApiFailure> {
    let mut found = Vec::new();
    let mut input = json!({ "pipelineName": name });
    loop {
        let mut page = stack.call("ListPipelineExecutions", input.clone(), CALLER).await?;
        let summaries = page["pipelineExecutionSummaries"].as_array().into_iter().flatten();
        let is_in_progress =
            |summary: &&Value| matches!(summary["status"].as_str(), Some("InProgress" | "Stopping"));
        let ids = summaries.filter(is_in_progress).filter_map(|one| one["pipelineExecutionId"].as_str());
        found.extend(ids.map(str::to_owned));
        input["nextToken"] = page["nextToken"].take();
        if input["nextToken"].is_null() {
            return Ok(found);
        }
    }
}

/// The version that the file's declaration has: the current one if nothing changed.
async fn bring_up_to_date(stack: &LocalStack, checked: &Checked) -> Result<u64, String> {
    let name = &checked.declaration.name;
    let pipeline = json!(checked.declaration);
    let said = |error: crate::ApiFailure| error.to_string();
    let current = match stack.call("GetPipeline", json!({ "name": name }), CALLER).await {
        Ok(current) => current["pipeline"].clone(),
        Err(error) if error.code == "PipelineNotFoundException" => {
            let input = json!({ "pipeline": pipeline, "tags": checked.tags });
            let created = stack.call("CreatePipeline", input, CALLER).await.map_err(said)?;
            return Ok(version_of(&created["pipeline"]));
        }
        Err(error) => return Err(said(error)),
    };
    if without_version(&current) == without_version(&pipeline) {
        return Ok(version_of(&current));
    }
    let updated =
        stack.call("UpdatePipeline", json!({ "pipeline": pipeline }), CALLER).await.map_err(said)?;
    Ok(version_of(&updated["pipeline"]))
}

fn version_of(pipeline: &Value) -> u64 {
    pipeline["version"].as_u64().unwrap_or(1)
}

fn without_version(pipeline: &Value) -> Value {
    let mut pipeline = pipeline.clone();
    if let Some(fields) = pipeline.as_object_mut() {
        fields.remove("version");
    }
    pipeline
}
