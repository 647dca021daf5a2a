//! GetPipelineState: who is in each stage, who waits for it, and how its actions are.
//!
//! A stage shows the execution that was in it last, until the next one enters. PARALLEL executions have no part
//! in it, as in CodePipeline: they are seen in ListPipelineExecutions.

use std::collections::HashMap;

use engine::decide::StageRecord;
use engine::declaration::schema::{Member, required};
use futures::TryFutureExt;
use futures::future::{try_join, try_join_all, try_join3};
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
    let lost = |what: &str| Fault::corrupt(format!("{what} of the pipeline '{name}' is not in the store"));
    // Each round of reads costs as much as all that are in it.
    let overview = platform.store.overview(&name).map_err(StoreError::from);
    let (head, overview) = try_join(pipeline(platform, &name), overview).await?;
    let (state, latest) = overview.ok_or_else(|| lost("the state"))?;
    let passages = try_join_all(latest.iter().map(|(stage, latest)| async {
        Ok::<_, Fault>((stage.as_str(), passage(platform, &head, latest).await?))
    }));
    let version = platform.store.pipeline_version(&name, head.version);
    let (version, passages) = try_join(version, passages).await?;
    let passages: HashMap<&str, Option<Passage>> = passages.into_iter().collect();
    let declaration = version.ok_or_else(|| lost("a version"))?.declaration;
    let action_types = made_action_types(platform, &[&declaration]).await?;
    let links = Links { config: &platform.config, action_types: &action_types };
    let states = declaration.stages.iter().map(|declared| {
        let passage = passages.get(declared.name.as_str()).and_then(Option::as_ref);
        let view = StageView {
            declared,
            passage: passage.map(|passage| (&passage.execution, &passage.stage)),
            actions: passage.map_or(&[], |passage| &passage.actions),
        };
        stage_state(&links, &state, &view)
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
    latest: &LatestInStage,
) -> Result<Option<Passage>, Fault> {
    let LatestInStage { execution_id: id, stage_index, .. } = latest;
    let (execution, stage, actions) = try_join3(
        execution(platform, head, id),
        platform.store.stage(id, *stage_index),
        platform.store.actions_of_stage(id, *stage_index),
    )
    .await?;
    Ok(execution.zip(stage).map(|(execution, stage)| Passage { execution, stage, actions }))
}
