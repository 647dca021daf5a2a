//! A stage goes back to what it last succeeded with: by itself, or because somebody asks.

use std::fs;

use local::ApiFailure;
use serde_json::{Value, json};

use crate::declare::{PIPELINE, commands, pipeline, stage, with};
use crate::served::Served;
use crate::shop::Shop;

/// Deploys the source's file for a ticket, unless the file says that it is broken.
fn releasing(shop: &Shop, on_failure: Value) -> Value {
    let diary = shop.diary();
    let mut deploy =
        commands("Deploy", [diary.write("$(cat hello.txt) for $TICKET"), "! grep broken hello.txt".into()]);
    deploy["environmentVariables"] = json!([{ "name": "TICKET", "value": "#{variables.ticket}" }]);
    let deploy = with(stage("Deploy", [deploy]), "onFailure", on_failure);
    let after = stage("After", [commands("After", [diary.write("after")])]);
    with(pipeline([deploy, after]), "variables", json!([{ "name": "ticket" }]))
}

impl Shop {
    async fn release(&self, text: &str, ticket: &str) -> String {
        self.deliver_source(&[("hello.txt", text)]).await;
        let variables = json!([{ "name": "ticket", "value": ticket }]);
        self.start_with(json!({ "variables": variables })).await.expect("the execution starts")
    }

    async fn roll_back(&self, stage: &str, target: &str) -> Result<Value, ApiFailure> {
        let input =
            json!({ "pipelineName": PIPELINE, "stageName": stage, "targetPipelineExecutionId": target });
        self.developer("RollbackStage", input).await
    }

    /// Executions, newest first.
    async fn executions(&self) -> Vec<Value> {
        let listed = self.developer("ListPipelineExecutions", json!({ "pipelineName": PIPELINE })).await;
        let listed = listed.expect("the pipeline is there");
        listed["pipelineExecutionSummaries"].as_array().cloned().unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_fails_is_rolled_back_to_what_it_last_succeeded_with() {
    let shop = Shop::open().await;
    shop.create(&releasing(&shop, json!({ "result": "ROLLBACK" }))).await.expect("the pipeline is fine");
    let good = shop.release("one", "T-1").await;
    assert_eq!(shop.end(&good).await, "Succeeded");
    let bad = shop.release("broken", "T-2").await;
    assert_eq!(shop.end(&bad).await, "Failed");

    let rollback = shop.executions().await[0].clone();
    assert_eq!(rollback["executionType"], "ROLLBACK");
    assert_eq!(rollback["rollbackMetadata"]["rollbackTargetPipelineExecutionId"], json!(good));
    assert_eq!(rollback["trigger"]["triggerType"], "AutomatedRollback");
    let detail: Value =
        serde_json::from_str(rollback["trigger"]["triggerDetail"].as_str().unwrap_or_default())
            .expect("the detail is JSON");
    assert_eq!(detail, json!({ "FailedPipelineExecutionId": bad }));
    let id = rollback["pipelineExecutionId"].as_str().expect("an id").to_owned();
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["one for T-1", "after", "broken for T-2", "one for T-1"]);
    assert_eq!(shop.story(&id).await, ["Deploy/Deploy Succeeded"]);
    let shown = shop.execution(&id).await;
    assert_eq!(shown["variables"], json!([{ "name": "ticket", "resolvedValue": "T-1" }]));
    assert_eq!(shown["artifactRevisions"], shop.execution(&good).await["artifactRevisions"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_rolls_a_stage_back_to_an_execution_of_this_version() {
    let shop = Shop::open().await;
    shop.create(&releasing(&shop, json!({}))).await.expect("the pipeline is fine");
    let first = shop.release("one", "T-1").await;
    assert_eq!(shop.end(&first).await, "Succeeded");
    let second = shop.release("two", "T-2").await;
    assert_eq!(shop.end(&second).await, "Succeeded");
    let answer = shop.roll_back("Deploy", &first).await.expect("it succeeded there");
    let id = answer["pipelineExecutionId"].as_str().expect("an id").to_owned();
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.diary().lines().last().map(String::as_str), Some("one for T-1"));
    let shown = shop.execution(&id).await;
    assert_eq!(shown["trigger"], json!({ "triggerType": "ManualRollback", "triggerDetail": "developer" }));

    for (stage, target, code) in [
        ("Source", &first, "UnableToRollbackStageException"),
        ("Deploy", &id, "UnableToRollbackStageException"),
        ("Nowhere", &first, "StageNotFoundException"),
    ] {
        let refused = shop.roll_back(stage, target).await.expect_err(code);
        assert_eq!(refused.code, code);
    }
    shop.edit(&releasing(&shop, json!({ "result": "ROLLBACK" }))).await;
    let outdated = shop.roll_back("Deploy", &first).await.expect_err("it ran under another version");
    assert_eq!(outdated.code, "PipelineExecutionOutdatedException");
}

/// As a person does it, with the binary.
#[test]
fn a_condition_is_overridden_and_a_stage_rolled_back_on_the_command_line() {
    let served = Served::open();
    let healthy = served.workplace.path().join("healthy");
    fs::write(&healthy, "").expect("a file");
    let rule = json!({
        "name": "Healthy",
        "ruleTypeId": { "category": "Rule", "owner": "AWS", "provider": "Commands", "version": "1" },
        "commands": [format!("test -e {}", healthy.display())],
        "inputArtifacts": [{ "name": "SourceOutput" }],
    });
    let judged = json!({ "conditions": [{ "result": "FAIL", "rules": [rule] }] });
    served.create([with(stage("Deploy", [commands("Deploy", ["echo out"])]), "onSuccess", judged)]);
    assert_eq!(served.newest_end(), "Succeeded");
    let first = served.executions()[0]["pipelineExecutionId"].as_str().expect("an id").to_owned();

    fs::remove_file(&healthy).expect("it falls ill");
    let failed = served.say(&["start", PIPELINE, "--wait"]).assert_status(1);
    failed.assert_says(&["Deploy / rule Healthy failed"]);
    let why = served.say(&["why", PIPELINE]).assert_status(0);
    why.assert_says(&[
        "the rule Healthy of the success condition of stage Deploy failed",
        "pipewright override",
    ]);
    served.say(&["override", PIPELINE, "Deploy"]).assert_status(2).assert_says(&["Healthy", "--yes"]);
    served.say(&["override", PIPELINE, "Deploy", "--yes", "--wait"]).assert_status(0);
    served.say(&["state", PIPELINE]).assert_says(&["success condition  » overridden  Overridden by "]);

    fs::write(&healthy, "").expect("it gets well");
    let rolled_back = served.say(&["rollback", PIPELINE, "Deploy", "--yes", "--wait"]).assert_status(0);
    rolled_back.assert_says(&[&format!("a rollback to {}", &first[..8]), "Deploy / Deploy succeeded"]);
    let newest = served.executions()[0].clone();
    assert_eq!(newest["rollbackMetadata"]["rollbackTargetPipelineExecutionId"], json!(first));
}
