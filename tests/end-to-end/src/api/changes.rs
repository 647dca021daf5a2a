//! What is changed: created, edited, started, stopped, approved.

use aws_sdk_codepipeline::types::{
    ApprovalResult, ApprovalStatus, ExecutionMode, PipelineDeclaration, StageTransitionType, Tag, TriggerType,
};

use super::official_client::{CALLER, OfficialClient};
use crate::declare::{PIPELINE, approval, commands, pipeline, stage, with};
use crate::shop::Shop;

/// What the SDK read of the pipeline that is there.
async fn declaration(official: &OfficialClient) -> PipelineDeclaration {
    let read = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    read.pipeline.expect("a pipeline")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_pipeline_starts_by_itself_and_its_tags_are_answered() {
    for mode in [ExecutionMode::Superseded, ExecutionMode::Parallel] {
        let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
        let official = OfficialClient::of(&shop).await;
        let mut declared = declaration(&official).await;
        "second".clone_into(&mut declared.name);
        declared.execution_mode = Some(mode);
        let tag = Tag::builder().key("team").value("shop").build().expect("a tag");
        let created = official.client.create_pipeline().pipeline(declared).tags(tag.clone()).send().await;
        let created = created.expect("it is fine");
        assert_eq!(created.pipeline.and_then(|pipeline| pipeline.version), Some(1));
        assert_eq!(created.tags, Some(vec![tag]));

        let listed = official.client.list_pipeline_executions().pipeline_name("second").send().await;
        let summaries = listed.expect("a list").pipeline_execution_summaries.expect("executions");
        let [first] = &summaries[..] else { panic!("one execution: {summaries:?}") };
        let trigger = first.trigger.as_ref().expect("a trigger");
        assert_eq!(trigger.trigger_type, Some(TriggerType::CreatePipeline));
        assert_eq!(trigger.trigger_detail.as_deref(), Some(CALLER));
        let id = first.pipeline_execution_id.clone().expect("an id");
        let ended = async || {
            let call =
                official.client.get_pipeline_execution().pipeline_name("second").pipeline_execution_id(&id);
            let status = call.send().await.ok()?.pipeline_execution?.status?;
            (status.as_str() != "InProgress").then_some(status)
        };
        let status = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            loop {
                if let Some(status) = ended().await {
                    return status;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        });
        assert_eq!(status.await.expect("it ends").as_str(), "Succeeded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_this_process_a_created_pipeline_is_started_by_whoever_created_it() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let official = OfficialClient::of(&shop).await;
    let listed = official.client.list_pipeline_executions().pipeline_name(PIPELINE).send().await;
    assert_eq!(listed.expect("a list").pipeline_execution_summaries.map(|list| list.len()), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_the_next_version() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let official = OfficialClient::of(&shop).await;
    let updated = official.client.update_pipeline().pipeline(declaration(&official).await).send().await;
    assert_eq!(updated.expect("it is fine").pipeline.and_then(|pipeline| pipeline.version), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn transitions_are_shut_and_opened_without_an_output() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let official = OfficialClient::of(&shop).await;
    let is_enabled = async || {
        let state = official.client.get_pipeline_state().name(PIPELINE).send().await.expect("a state");
        state.stage_states.expect("stages")[1].inbound_transition_state.as_ref().is_some_and(|t| t.enabled)
    };
    let shut = official.client.disable_stage_transition().pipeline_name(PIPELINE).stage_name("Build");
    let shut = shut.transition_type(StageTransitionType::Inbound).reason("inventory").send().await;
    shut.expect("it shuts");
    assert_eq!((official.last().status_code, official.last().body.as_str()), (200, ""));
    assert!(!is_enabled().await);
    let open = official.client.enable_stage_transition().pipeline_name(PIPELINE).stage_name("Build");
    open.transition_type(StageTransitionType::Inbound).send().await.expect("it opens");
    assert!(is_enabled().await);
    let state = official.client.get_pipeline_state().name(PIPELINE).send().await.expect("a state");
    let transition = state.stage_states.expect("stages")[1].inbound_transition_state.clone();
    assert_eq!(transition.and_then(|transition| transition.last_changed_by).as_deref(), Some(CALLER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_token_is_one_start_and_a_stop_ends_it() {
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let variables = serde_json::json!([{ "name": "ticket", "defaultValue": "T-1" }]);
    let shop = Shop::with(&with(declared, "variables", variables)).await;
    let official = OfficialClient::of(&shop).await;
    let start = official.client.start_pipeline_execution().name(PIPELINE).client_request_token("today");
    let first = start.clone().send().await.expect("it starts").pipeline_execution_id;
    let again = start.clone().send().await.expect("it has started").pipeline_execution_id;
    assert!(first.is_some() && first == again);

    let id = first.expect("an id");
    shop.approval_of(&id, "Approve").await;
    let stop = official.client.stop_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
    let stopped = stop.abandon(true).reason("wrong day").send().await.expect("it stops");
    assert_eq!(stopped.pipeline_execution_id.as_ref(), Some(&id));
    assert_eq!(shop.end(&id).await, "Stopped");
    let listed = official.client.list_pipeline_executions().pipeline_name(PIPELINE).send().await;
    let summaries = listed.expect("a list").pipeline_execution_summaries.expect("executions");
    let reason = summaries[0].stop_trigger.as_ref().and_then(|stop| stop.reason.as_deref());
    assert_eq!(reason, Some("wrong day"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_answered_by_name() {
    let shop = Shop::with(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let official = OfficialClient::of(&shop).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    let result = ApprovalResult::builder().summary("seen").status(ApprovalStatus::Approved).build();
    let answer = official.client.put_approval_result().pipeline_name(PIPELINE).stage_name("Approve");
    let answer = answer.action_name("Approve").token(token).result(result.expect("complete")).send().await;
    assert!(answer.expect("it counts").approved_at.is_some());
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.action(&id, "Approve").await.detail["updatedBy"], CALLER);
}
