//! What is read: every member that the SDK has a type for arrives in it.

use aws_sdk_codepipeline::primitives::DateTime;
use aws_sdk_codepipeline::types::{
    ActionExecutionFilter, ActionExecutionStatus, ExecutionMode, LatestInPipelineExecutionFilter,
    PipelineExecutionStatus, PipelineType, StageExecutionStatus, StageRetryMode, StartTimeRange, TriggerType,
};

use super::official_client::{CALLER, OfficialClient};
use crate::declare::{PIPELINE, SOURCE_BUCKET, approval, build, commands, pipeline, stage, with};
use crate::shop::Shop;

fn is_recent(at: Option<&DateTime>, shop: &Shop) -> bool {
    use local_service::Clock;
    let at = at.expect("a time").to_millis().expect("of this millennium");
    (shop.stack().clock.now() - at).abs() < 60_000
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_and_its_versions_are_read() {
    let declared = pipeline([stage("Build", [commands("Compile", ["echo hi"])])]);
    let shop = Shop::with(&declared).await;
    shop.edit(&with(declared, "executionMode", "QUEUED".into())).await;
    let official = OfficialClient::of(&shop).await;

    let now = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    let (pipeline, metadata) = (now.pipeline.expect("a pipeline"), now.metadata.expect("metadata"));
    assert_eq!((pipeline.version, pipeline.execution_mode), (Some(2), Some(ExecutionMode::Queued)));
    assert_eq!(pipeline.stages.len(), 2);
    let arn = format!("arn:aws:codepipeline:{}:123456789012:{PIPELINE}", shop.stack().region());
    assert_eq!(metadata.pipeline_arn, Some(arn));
    assert!(is_recent(metadata.created.as_ref(), &shop) && metadata.updated >= metadata.created);
    assert_eq!(official.last().headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(official.last().headers["x-amzn-requestid"].len(), 36, "a UUID");

    let first = official.client.get_pipeline().name(PIPELINE).version(1).send().await.expect("it is there");
    assert_eq!(first.pipeline.and_then(|p| p.execution_mode), Some(ExecutionMode::Superseded));

    let listed = official.client.list_pipelines().send().await.expect("a list").pipelines.expect("pipelines");
    let [summary] = &listed[..] else { panic!("one pipeline: {listed:?}") };
    assert_eq!((summary.name.as_deref(), summary.version), (Some(PIPELINE), Some(2)));
    assert_eq!(summary.pipeline_type, Some(PipelineType::V2));
    assert_eq!(summary.execution_mode, Some(ExecutionMode::Queued));
    assert!(is_recent(summary.updated.as_ref(), &shop));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_and_its_actions_are_read() {
    let shop = Shop::open().await;
    let buildspec = serde_json::json!({
        "version": "0.2",
        "env": { "exported-variables": ["tag"] },
        "phases": { "build": { "commands": ["export tag=v7"] } },
        "artifacts": { "files": ["**/*"] },
    });
    shop.project("app", &buildspec).await;
    let compile = with(build("Compile", "app"), "namespace", "Built".into());
    let compile = with(compile, "roleArn", "arn:aws:iam::123456789012:role/build".into());
    let declared = pipeline([stage("Build", [compile])]);
    let variables = serde_json::json!([{ "name": "ticket", "defaultValue": "T-1" }]);
    shop.create(&with(declared, "variables", variables)).await.expect("a pipeline");
    let official = OfficialClient::of(&shop).await;
    let started = official.client.start_pipeline_execution().name(PIPELINE).send().await.expect("it starts");
    let id = started.pipeline_execution_id.expect("an id");
    assert_eq!(shop.end(&id).await, "Succeeded");

    let call = official.client.get_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
    let execution = call.send().await.expect("it is known").pipeline_execution.expect("an execution");
    assert_eq!(execution.status, Some(PipelineExecutionStatus::Succeeded));
    let trigger = execution.trigger.expect("a trigger");
    assert_eq!(trigger.trigger_type, Some(TriggerType::StartPipelineExecution));
    assert_eq!(trigger.trigger_detail.as_deref(), Some(CALLER));
    let variables = execution.variables.expect("variables");
    assert_eq!(
        (variables[0].name.as_deref(), variables[0].resolved_value.as_deref()),
        (Some("ticket"), Some("T-1"))
    );
    let revisions = execution.artifact_revisions.expect("revisions");
    assert_eq!(revisions[0].name.as_deref(), Some("SourceOutput"), "the name of the artifact");
    assert!(revisions[0].revision_id.is_some());

    let filter = ActionExecutionFilter::builder().pipeline_execution_id(&id).build();
    let listed = official.client.list_action_executions().pipeline_name(PIPELINE).filter(filter).send().await;
    let details = listed.expect("a list").action_execution_details.expect("details");
    let names: Vec<_> =
        details.iter().map(|detail| detail.action_name.as_deref().unwrap_or_default()).collect();
    assert_eq!(names, ["Compile", "Source"], "the newest first");
    let compile = &details[0];
    assert_eq!(compile.status, Some(ActionExecutionStatus::Succeeded));
    let input = compile.input.as_ref().expect("an input");
    assert_eq!(input.action_type_id.as_ref().expect("a type").provider, "CodeBuild");
    assert_eq!(input.resolved_configuration.as_ref().expect("resolved")["ProjectName"], "app");
    assert_eq!(input.role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/build"));
    assert_eq!(input.region.as_deref(), Some(shop.stack().region()));
    assert_eq!(input.namespace.as_deref(), Some("Built"));
    let artifact = &input.input_artifacts.as_ref().expect("inputs")[0];
    assert_eq!(artifact.name.as_deref(), Some("SourceOutput"));
    assert!(artifact.s3_location.as_ref().is_some_and(|at| at.bucket.is_some() && at.key.is_some()));
    let output = compile.output.as_ref().expect("an output");
    assert_eq!(output.output_variables.as_ref().expect("variables")["tag"], "v7");
    assert_eq!(output.output_artifacts.as_ref().expect("outputs")[0].name.as_deref(), Some("CompileOutput"));
    let result = output.execution_result.as_ref().expect("a result");
    let build_id = result.external_execution_id.as_deref().expect("a build");
    let stream = build_id.strip_prefix("app:").expect("of the project");
    let group = format!("log-group:/aws/codebuild/app:log-stream:{stream}");
    assert!(result.log_stream_arn.as_deref().is_some_and(|arn| arn.ends_with(&group)), "{result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_shows_who_is_in_each_stage_who_waits_and_how_the_actions_are() {
    let approve = stage("Approve", [approval("Approve")]);
    let deploy = stage("Deploy", [commands("Deploy", ["echo out"])]);
    let shop = Shop::with(&pipeline([approve, deploy])).await;
    let official = OfficialClient::of(&shop).await;
    let state = async || official.client.get_pipeline_state().name(PIPELINE).send().await.expect("a state");

    let untouched = state().await.stage_states.expect("stages");
    let names: Vec<_> =
        untouched.iter().map(|stage| stage.stage_name.as_deref().unwrap_or_default()).collect();
    assert_eq!(names, ["Source", "Approve", "Deploy"]);
    assert!(untouched.iter().all(|stage| stage.latest_execution.is_none()));
    assert!(untouched.iter().all(|stage| stage.inbound_transition_state.as_ref().is_some_and(|t| t.enabled)));

    shop.shut_transition_into("Deploy").await;
    let first = shop.start().await;
    let token = shop.approval_of(&first, "Approve").await;
    let second = shop.start().await;
    let waits = async || {
        let stages = state().await.stage_states?;
        stages[1].inbound_execution.clone()
    };
    let inbound = shop.until(&second, "its place before the approval", waits).await;
    assert_eq!(inbound.pipeline_execution_id, second);

    let shown = state().await;
    assert_eq!((shown.pipeline_name.as_deref(), shown.pipeline_version), (Some(PIPELINE), Some(1)));
    let stages = shown.stage_states.expect("stages");
    let source = &stages[0].action_states.as_ref().expect("actions")[0];
    assert!(source.current_revision.as_ref().is_some_and(|revision| !revision.revision_id.is_empty()));
    let entity = format!("https://console.aws.amazon.com/s3/home?region={}#", shop.stack().region());
    assert_eq!(source.entity_url.as_ref(), Some(&entity), "where {SOURCE_BUCKET} is");
    assert_eq!(stages[0].latest_execution.as_ref().map(|e| &e.pipeline_execution_id), Some(&second));
    let approve = &stages[1];
    let latest = approve.latest_execution.as_ref().expect("the first is in it");
    assert_eq!((&latest.pipeline_execution_id, &latest.status), (&first, &StageExecutionStatus::InProgress));
    assert_eq!(approve.inbound_executions.as_ref().map(Vec::len), Some(1));
    let action =
        approve.action_states.as_ref().expect("actions")[0].latest_execution.clone().expect("it waits");
    assert_eq!(
        (action.status, action.token.as_ref()),
        (Some(ActionExecutionStatus::InProgress), Some(&token))
    );
    assert!(action.action_execution_id.is_some() && is_recent(action.last_status_change.as_ref(), &shop));
    let transition = stages[2].inbound_transition_state.clone().expect("a transition");
    assert!(!transition.enabled && is_recent(transition.last_changed_at.as_ref(), &shop));
    assert_eq!(transition.disabled_reason.as_deref(), Some("inventory"));
    assert_eq!(transition.last_changed_by.as_deref(), Some("developer"));

    shop.answer("Approve", &token, "Rejected").await.expect("it counts");
    assert_eq!(shop.end(&first).await, "Failed");
    // The second has entered: it is what the stage shows now.
    let now = shop.approval_of(&second, "Approve").await;
    let stages = state().await.stage_states.expect("stages");
    assert_eq!(stages[1].latest_execution.as_ref().map(|e| &e.pipeline_execution_id), Some(&second));
    let action = stages[1].action_states.as_ref().expect("actions")[0].latest_execution.clone();
    assert_eq!(action.and_then(|action| action.token), Some(now));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_was_retried_says_so_and_its_latest_actions_can_be_told_from_all() {
    let shop = Shop::open().await;
    let marker = shop.place().join("failed-once").display().to_string();
    let failing = commands("Deploy", [format!("test -e {marker} || {{ touch {marker}; exit 3; }}")]);
    shop.create(&pipeline([stage("Deploy", [failing])])).await.expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let official = OfficialClient::of(&shop).await;
    let retry = official.client.retry_stage_execution().pipeline_name(PIPELINE).stage_name("Deploy");
    let retry = retry.pipeline_execution_id(&id).retry_mode(StageRetryMode::FailedActions).send().await;
    assert_eq!(retry.expect("it is retried").pipeline_execution_id.as_ref(), Some(&id));
    assert_eq!(shop.end(&id).await, "Succeeded");

    let state = official.client.get_pipeline_state().name(PIPELINE).send().await.expect("a state");
    let stages = state.stage_states.expect("stages");
    let retries = stages[1].retry_stage_metadata.as_ref().expect("it was retried");
    assert_eq!(retries.manual_stage_retry_attempt, Some(1));
    for (range, expected) in [
        (StartTimeRange::All, vec!["Succeeded", "Failed", "Succeeded"]),
        (StartTimeRange::Latest, vec!["Succeeded", "Succeeded"]),
    ] {
        let latest =
            LatestInPipelineExecutionFilter::builder().pipeline_execution_id(&id).start_time_range(range);
        let latest = latest.build().expect("complete");
        let filter = ActionExecutionFilter::builder().latest_in_pipeline_execution(latest).build();
        let call = official.client.list_action_executions().pipeline_name(PIPELINE).filter(filter);
        let details = call.send().await.expect("a list").action_execution_details.expect("details");
        let statuses =
            details.iter().map(|detail| detail.status.as_ref().map_or("", |status| status.as_str()));
        assert_eq!(statuses.collect::<Vec<_>>(), expected);
    }
}
