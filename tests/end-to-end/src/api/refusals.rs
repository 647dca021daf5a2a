//! Each exception that an operation declares, where it can be caused.

use aws_sdk_codepipeline::types::{
    ActionExecutionFilter, ApprovalResult, ApprovalStatus, LatestInPipelineExecutionFilter,
    PipelineDeclaration, StageRetryMode, StageTransitionType, StartTimeRange, Tag,
};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, commands, pipeline, stage, with};
use crate::shop::Shop;

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn opened(declared: &serde_json::Value) -> (Shop, OfficialClient) {
    let shop = Shop::with(declared).await;
    let official = OfficialClient::of(&shop).await;
    (shop, official)
}

fn approved() -> ApprovalResult {
    let result = ApprovalResult::builder().summary("seen").status(ApprovalStatus::Approved);
    result.build().expect("complete")
}

async fn declaration(official: &OfficialClient) -> PipelineDeclaration {
    let read = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    read.pipeline.expect("a pipeline")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there() {
    let (shop, official) = opened(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let client = &official.client;
    let no_pipeline = "PipelineNotFoundException";
    assert_eq!(code(client.get_pipeline().name("x").send().await).0, no_pipeline);
    assert_eq!(code(client.get_pipeline_state().name("x").send().await).0, no_pipeline);
    assert_eq!(code(client.start_pipeline_execution().name("x").send().await).0, no_pipeline);
    assert_eq!(code(client.list_pipeline_executions().pipeline_name("x").send().await).0, no_pipeline);
    assert_eq!(code(client.list_action_executions().pipeline_name("x").send().await).0, no_pipeline);
    let of = |name: &str| client.get_pipeline_execution().pipeline_name(name).pipeline_execution_id(NOBODY);
    assert_eq!(code(of("x").send().await).0, no_pipeline);
    assert_eq!(code(of(PIPELINE).send().await).0, "PipelineExecutionNotFoundException");
    let of = |name: &str| client.stop_pipeline_execution().pipeline_name(name).pipeline_execution_id(NOBODY);
    assert_eq!(code(of("x").send().await).0, no_pipeline);
    assert_eq!(code(of(PIPELINE).send().await).0, "PipelineExecutionNotStoppableException");
    let shut = |name: &str, stage: &str| {
        let shut = client.disable_stage_transition().pipeline_name(name).stage_name(stage);
        shut.transition_type(StageTransitionType::Inbound).reason("why")
    };
    assert_eq!(code(shut("x", "Approve").send().await).0, no_pipeline);
    assert_eq!(code(shut(PIPELINE, "x").send().await).0, "StageNotFoundException");
    let open = |name: &str, stage: &str| {
        let open = client.enable_stage_transition().pipeline_name(name).stage_name(stage);
        open.transition_type(StageTransitionType::Inbound)
    };
    assert_eq!(code(open("x", "Approve").send().await).0, no_pipeline);
    assert_eq!(code(open(PIPELINE, "x").send().await).0, "StageNotFoundException");
    let retry = |name: &str, stage: &str| {
        let retry = client.retry_stage_execution().pipeline_name(name).stage_name(stage);
        retry.pipeline_execution_id(NOBODY).retry_mode(StageRetryMode::AllActions)
    };
    assert_eq!(code(retry("x", "Approve").send().await).0, no_pipeline);
    assert_eq!(code(retry(PIPELINE, "x").send().await).0, "StageNotFoundException");
    assert_eq!(code(retry(PIPELINE, "Approve").send().await).0, "NotLatestPipelineExecutionException");
    let answer = |name: &str, stage: &str, action: &str| {
        let answer = client.put_approval_result().pipeline_name(name).stage_name(stage).action_name(action);
        answer.token(NOBODY).result(approved())
    };
    assert_eq!(code(answer("x", "Approve", "Approve").send().await).0, no_pipeline);
    assert_eq!(code(answer(PIPELINE, "x", "Approve").send().await).0, "StageNotFoundException");
    assert_eq!(code(answer(PIPELINE, "Approve", "x").send().await).0, "ActionNotFoundException");
    assert_eq!(code(answer(PIPELINE, "Approve", "Approve").send().await).0, "InvalidApprovalTokenException");
    let (version, said) = code(client.get_pipeline().name(PIPELINE).version(2).send().await);
    assert_eq!(version, "PipelineVersionNotFoundException", "{said}");
    let filter = ActionExecutionFilter::builder().pipeline_execution_id(NOBODY).build();
    let actions = client.list_action_executions().pipeline_name(PIPELINE).filter(filter).send().await;
    assert_eq!(code(actions).0, "PipelineExecutionNotFoundException");
    drop(shop);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_now() {
    let (shop, official) = opened(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let client = &official.client;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    let retry = client.retry_stage_execution().pipeline_name(PIPELINE).stage_name("Approve");
    let retry = retry.pipeline_execution_id(&id).retry_mode(StageRetryMode::FailedActions);
    assert_eq!(code(retry.send().await).0, "StageNotRetryableException");
    let stop = client.stop_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
    stop.clone().send().await.expect("it stops");
    assert_eq!(code(stop.clone().send().await).0, "DuplicatedStopRequestException");
    let answer = client.put_approval_result().pipeline_name(PIPELINE).stage_name("Approve");
    let answer = answer.action_name("Approve").token(&token).result(approved());
    answer.clone().send().await.expect("it counts");
    assert_eq!(code(answer.send().await).0, "ApprovalAlreadyCompletedException");
    assert_eq!(shop.end(&id).await, "Stopped");
    assert_eq!(code(stop.send().await).0, "PipelineExecutionNotStoppableException");
    let token = client.start_pipeline_execution().name(PIPELINE).client_request_token("today");
    token.clone().send().await.expect("it starts");
    let revision = aws_sdk_codepipeline::types::SourceRevisionOverride::builder().action_name("Source");
    let revision = revision.revision_type("S3_OBJECT_VERSION_ID".into()).revision_value("v").build();
    let other = token.source_revisions(revision.expect("complete")).send().await;
    assert_eq!(code(other).0, "ValidationException", "the token was used for another request");
}

#[tokio::test(flavor = "multi_thread")]
async fn declarations_and_tags_that_are_wrong() {
    let (_shop, official) = opened(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let client = &official.client;
    let declared = declaration(&official).await;
    let create = async |change: &dyn Fn(&mut PipelineDeclaration)| {
        let mut changed = declared.clone();
        "another".clone_into(&mut changed.name);
        change(&mut changed);
        code(client.create_pipeline().pipeline(changed).send().await)
    };
    let in_use = code(client.create_pipeline().pipeline(declared.clone()).send().await);
    assert_eq!(in_use.0, "PipelineNameInUseException");
    assert_eq!(create(&|p| p.stages.truncate(1)).await.0, "InvalidStructureException");
    let twice = create(&|p| p.stages[1].name = "Source".into()).await;
    assert_eq!(twice.0, "InvalidStageDeclarationException", "{}", twice.1);
    let nothing = create(&|p| p.stages[1].actions.iter_mut().for_each(|action| action.commands = None)).await;
    assert_eq!(nothing.0, "InvalidActionDeclarationException", "{}", nothing.1);
    let (name, said) = create(&|p| (p.name, p.role_arn) = ("a b".into(), "nobody".into())).await;
    assert_eq!(name, "ValidationException");
    assert!(said.starts_with("2 validation errors detected: Value at 'pipeline.name' failed"), "{said}");
    assert!(said.contains("; Value at 'pipeline.roleArn' failed to satisfy constraint"), "{said}");
    let missing = code(client.create_pipeline().send().await);
    assert_eq!(
        missing.1,
        "1 validation error detected: Value at 'pipeline' failed to satisfy constraint: Member must not be null"
    );
    let unknown = code(
        client
            .update_pipeline()
            .pipeline({
                let mut other = declared.clone();
                "another".clone_into(&mut other.name);
                other
            })
            .send()
            .await,
    );
    assert_eq!(unknown.0, "PipelineNotFoundException");

    let tagged = async |tags: Vec<Tag>| {
        let mut other = declared.clone();
        "another".clone_into(&mut other.name);
        code(client.create_pipeline().pipeline(other).set_tags(Some(tags)).send().await)
    };
    let tag = |key: &str| Tag::builder().key(key).value("v").build().expect("a tag");
    let many = (0..51).map(|n| tag(&format!("k{n}"))).collect();
    assert_eq!(tagged(many).await.0, "TooManyTagsException");
    assert_eq!(tagged(vec![tag("aws:x")]).await.0, "InvalidTagsException");
    assert_eq!(tagged(vec![tag("a"), tag("a")]).await.0, "InvalidTagsException");
    let (empty, said) = tagged(vec![tag("")]).await;
    assert_eq!(empty, "ValidationException");
    assert!(
        said.contains("'tags.1.member.key' failed to satisfy constraint: Member must have length"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_executions_than_there_is_room_for() {
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let (shop, official) = opened(&with(declared, "executionMode", "QUEUED".into())).await;
    for _ in 0..50 {
        shop.start().await;
    }
    let one_more = official.client.start_pipeline_execution().name(PIPELINE).send().await;
    assert_eq!(code(one_more).0, "ConcurrentPipelineExecutionsLimitExceededException");
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_that_break_the_model() {
    let (_shop, official) = opened(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let client = &official.client;
    let (name, said) = code(client.delete_pipeline().name("no blanks").send().await);
    assert_eq!(name, "ValidationException");
    let constraint = "Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+";
    assert_eq!(
        said,
        format!("1 validation error detected: Value at 'name' failed to satisfy constraint: {constraint}")
    );
    let many = client.list_pipelines().max_results(1001).send().await;
    assert!(code(many).1.contains(
        "'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"
    ));
    let latest = LatestInPipelineExecutionFilter::builder().pipeline_execution_id(NOBODY);
    let latest = latest.start_time_range(StartTimeRange::Latest).build().expect("complete");
    let other = "00000000-0000-4000-8000-000000000001";
    let filter =
        ActionExecutionFilter::builder().pipeline_execution_id(other).latest_in_pipeline_execution(latest);
    let two = client.list_action_executions().pipeline_name(PIPELINE).filter(filter.build()).send().await;
    assert_eq!(code(two).0, "ValidationException");
}
