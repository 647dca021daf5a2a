//! GetPipelineState: who is in each stage, who waits for it, and how its actions are.
//!
//! A stage shows the execution that was in it last, until the next one enters. PARALLEL executions have no part
//! in it, as in CodePipeline: they are seen in ListPipelineExecutions.

use engine::decide::StageRecord;
use engine::declaration::StageDeclaration;
use engine::declaration::schema::{Member, required};
use futures::future::try_join_all;
use platform::store::{ActionRow, ExecutionRow, LatestInStage, PipelineHead};
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};
use crate::output::{Links, StageView, stage_state, time};
use crate::pipelines::{execution, made_action_types, pipeline};

pub(super) static MEMBERS: &[Member] = &[required("name", NAME)];

#[derive(Deserialize)]
struct Input {
    name: String,
}

/// An execution's passage through a stage.
struct Passage {
    execution: ExecutionRow,
    stage: StageRecord,
    actions: Vec<ActionRow>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { name } = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &name).await?;
    let lost = |what: &str| Fault::corrupt(format!("{what} of the pipeline '{name}' is not in the store"));
    let version = platform.store.pipeline_version(&name, head.version).await?;
    let declaration = version.ok_or_else(|| lost("a version"))?.declaration;
    let action_types = made_action_types(platform, &[&declaration]).await?;
    let links = Links { config: &platform.config, action_types: &action_types };
    let stages = declaration.stages;
    let (state, latest) = platform.store.overview(&name).await?.ok_or_else(|| lost("the state"))?;
    let passages = stages.iter().map(|stage| passage(platform, &head, latest.get(&stage.name)));
    let passages = try_join_all(passages).await?;
    let states = stages.iter().zip(&passages).map(|(stage, passage): (&StageDeclaration, _)| {
        stage_state(
            &links,
            &state,
            &StageView {
                declared: stage,
                passage: passage.as_ref().map(|passage| (&passage.execution, &passage.stage)),
                actions: passage.as_ref().map_or(&[], |passage| &passage.actions),
            },
        )
    });
    Ok(json!({
        "pipelineName": name,
        "pipelineVersion": head.version,
        "stageStates": states.collect::<Vec<_>>(),
        "created": time(head.created_at),
        "updated": time(head.updated_at),
    }))
}

async fn passage(
    platform: &Platform,
    head: &PipelineHead,
    latest: Option<&LatestInStage>,
) -> Result<Option<Passage>, Fault> {
    let Some(LatestInStage { execution_id, stage_index, .. }) = latest else { return Ok(None) };
    let Some(execution) = execution(platform, head, execution_id).await? else { return Ok(None) };
    let Some(stage) = platform.store.stage(execution_id, *stage_index).await? else { return Ok(None) };
    let actions = platform.store.actions_of_stage(execution_id, *stage_index).await?;
    Ok(Some(Passage { execution, stage, actions }))
}
