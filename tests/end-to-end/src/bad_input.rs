//! What users get wrong: each time something says what, where, and what to do.

use serde_json::json;

use crate::declare::{
    CONNECTION, PIPELINE, build, commands, deploy_to_s3, git_source, pipeline, pipeline_from, stage, with,
};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_without_a_required_variable_fails_and_names_it() {
    let declared = pipeline([stage("Build", [commands("Compile", ["echo \"#{variables.ticket}\""])])]);
    let shop = Shop::with(&with(declared, "variables", json!([{ "name": "ticket" }]))).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let summary = "Values for required variables haven't been provided: ticket";
    assert_eq!(shop.execution(&id).await["statusSummary"], summary);
    assert!(shop.actions(&id).await.is_empty(), "nothing has run");

    let misspelt = json!({ "variables": [{ "name": "tiket", "value": "T-1" }] });
    let refused = shop.start_with(misspelt).await.expect_err("there is no such variable");
    assert_eq!(refused.code, "ValidationException");
    assert!(refused.message.contains("did you mean 'ticket'?"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_and_a_bucket_that_nobody_made_fail_their_actions_and_are_named() {
    let shop = Shop::open().await;
    let both =
        [build("Compile", "nobodys-project"), deploy_to_s3("Publish", "nobodys-bucket", "SourceOutput")];
    shop.create(&pipeline([stage("Build", both)])).await.expect("both may come later");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    for (name, missing) in [("Compile", "nobodys-project"), ("Publish", "nobodys-bucket")] {
        let action = shop.action(&id, name).await;
        assert_eq!(action.error_code(), "ConfigurationError", "{name}");
        assert!(action.error().contains(missing), "{}", action.error());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_leads_nowhere_fails_the_source_and_is_named() {
    let declared = pipeline_from(git_source(), [stage("Build", [commands("Compile", ["echo hi"])])]);
    let shop = Shop::with(&declared).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let source = shop.action(&id, "Source").await;
    assert_eq!(source.error_code(), "ConfigurationError");
    assert!(source.error().contains("shop/app") && source.error().contains(CONNECTION), "{}", source.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_build_tells_its_command_and_keeps_the_stages_behind_it_untouched() {
    let shop = Shop::open().await;
    let failing = json!({
        "version": "0.2",
        "phases": { "build": { "commands": ["echo one error >&2; exit 3"] } },
        "artifacts": { "files": ["**/*"] },
    });
    shop.project("app", &failing).await;
    shop.bucket("site");
    let deploy = stage("Deploy", [deploy_to_s3("Publish", "site", "CompileOutput")]);
    shop.create(&pipeline([stage("Build", [build("Compile", "app")]), deploy])).await.expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.story(&id).await, ["Source/Source Succeeded", "Build/Compile Failed"]);
    let compile = shop.action(&id, "Compile").await;
    assert!(compile.error().contains("exit status 3"), "{}", compile.error());
    assert!(shop.log_of(&compile).await.contains("one error"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_refused_with_codepipelines_exceptions() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let execution = json!({ "pipelineName": PIPELINE, "pipelineExecutionId": nobody });
    let cases = [
        ("StartPipelineExecution", json!({ "name": "relase" }), "PipelineNotFoundException"),
        (
            "CreatePipeline",
            json!({ "pipeline": pipeline([stage("Build", [commands("C", ["ls"])])]) }),
            "PipelineNameInUseException",
        ),
        (
            "CreatePipeline",
            json!({ "pipeline": with(pipeline([]), "name", json!("other")) }),
            "InvalidStructureException",
        ),
        ("GetPipelineExecution", execution.clone(), "PipelineExecutionNotFoundException"),
        ("StopPipelineExecution", execution, "PipelineExecutionNotStoppableException"),
    ];
    for (operation, input, expected) in cases {
        let refused = shop.developer(operation, input).await.expect_err(operation);
        assert_eq!(refused.code, expected, "{operation}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_the_template_does_not_give_is_denied_here_too() {
    let shop = Shop::open().await;
    let approval = shop.stack().platform_of("approval-manual").expect("a function of the template");
    let put = approval.s3.put_object().bucket(&approval.config.artifact_bucket).key("a/b/c");
    let denied = put.send().await.expect_err("an approval writes no artifacts");
    let code = denied.as_service_error().map(|error| error.meta().code().unwrap_or_default().to_owned());
    assert_eq!(code.as_deref(), Some("AccessDenied"));
}
