//! Secret properties of custom actions: the worker has them, and nobody who reads.

use std::fs;

use local_lambda::{Function, Runs};
use serde_json::{Value, json};

use crate::declare::{PIPELINE, pipeline, stage};
use crate::shop::Shop;

const SECRET: &str = "canary-5b1e";
const NEXT_SECRET: &str = "canary-77a0";
const HIDDEN: &str = "****";

fn forge_id() -> Value {
    json!({ "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" })
}

fn declared(host: &str, token: &str) -> Value {
    let forge = json!({
        "name": "Forge",
        "actionTypeId": forge_id(),
        "configuration": { "Host": host, "Token": token },
        "inputArtifacts": [{ "name": "SourceOutput" }],
    });
    pipeline([stage("Build", [forge])])
}

async fn shop_with_forge() -> Shop {
    let shop = Shop::open().await;
    let property = |name: &str, secret: bool| json!({ "name": name, "required": true, "key": !secret, "secret": secret });
    let forge = json!({
        "category": "Build", "provider": "Forge", "version": "1",
        "configurationProperties": [property("Host", false), property("Token", true)],
        "inputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
        "outputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
    });
    shop.developer("CreateCustomActionType", forge).await.expect("it may have a secret");
    shop
}

/// What a worker is given, once its job is acknowledged.
async fn polled(shop: &Shop, id: &str) -> Value {
    let ask = async || {
        let input = json!({ "actionTypeId": forge_id() });
        let polled = shop.developer("PollForJobs", input).await.expect("it may poll");
        polled["jobs"].get(0).cloned()
    };
    let job = shop.until(id, "a job", ask).await;
    let acknowledge = json!({ "jobId": job["id"], "nonce": job["nonce"] });
    shop.developer("AcknowledgeJob", acknowledge).await.expect("it is mine");
    job
}

fn token_of(job: &Value) -> &Value {
    &job["data"]["actionConfiguration"]["configuration"]["Token"]
}

/// The answers of every operation that reads, but for those of workers.
async fn everything_that_is_shown(shop: &Shop, id: &str) -> String {
    let name = json!({ "pipelineName": PIPELINE });
    let mut told = String::new();
    for (operation, input) in [
        ("GetPipeline", json!({ "name": PIPELINE })),
        ("GetPipeline", json!({ "name": PIPELINE, "version": 1 })),
        ("GetPipelineState", json!({ "name": PIPELINE })),
        ("GetPipelineExecution", json!({ "pipelineName": PIPELINE, "pipelineExecutionId": id })),
        ("ListPipelines", json!({})),
        ("ListPipelineExecutions", name.clone()),
        ("ListActionExecutions", name.clone()),
        ("ListRuleExecutions", name),
        ("ListActionTypes", json!({})),
    ] {
        let answer = shop.developer(operation, input).await;
        told.push_str(
            &answer.unwrap_or_else(|refused| panic!("{operation}: {}", refused.message)).to_string(),
        );
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_told_to_the_worker_and_in_no_other_answer() {
    let shop = shop_with_forge().await;
    let created = shop.create(&declared("forge", SECRET)).await.expect("it is a good one");
    assert_eq!(created["pipeline"]["stages"][1]["actions"][0]["configuration"]["Token"], HIDDEN);
    let id = shop.start().await;
    let job = polled(&shop, &id).await;
    assert_eq!(token_of(&job), SECRET);
    let details = shop.developer("GetJobDetails", json!({ "jobId": job["id"] })).await.expect("it is mine");
    assert_eq!(token_of(&details["jobDetails"]), SECRET);
    let told = everything_that_is_shown(&shop, &id).await;
    assert!(!told.contains(SECRET) && told.contains(HIDDEN), "{told}");
    let resolved = &shop.action(&id, "Forge").await.detail["input"]["resolvedConfiguration"];
    assert_eq!(*resolved, json!({ "Host": "forge", "Token": HIDDEN }));

    shop.developer("PutJobSuccessResult", json!({ "jobId": job["id"] })).await.expect("it is done");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert!(!everything_that_is_shown(&shop, &id).await.contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn asterisks_keep_the_secret_and_stand_for_nothing_in_a_new_action() {
    let shop = shop_with_forge().await;
    let refused = shop.create(&declared("forge", HIDDEN)).await.expect_err("it stands for nothing");
    assert_eq!(refused.code, "InvalidActionDeclarationException");
    assert!(refused.message.contains("only when updating an existing action"), "{}", refused.message);

    shop.create(&declared("forge", SECRET)).await.expect("it is a good one");
    let read = shop.developer("GetPipeline", json!({ "name": PIPELINE })).await.expect("it is there");
    let mut edited = read["pipeline"].clone();
    edited["stages"][1]["name"] = json!("Build");
    shop.edit(&edited).await;
    let id = shop.start().await;
    let job = polled(&shop, &id).await;
    assert_eq!(token_of(&job), SECRET, "it was kept");

    edited["stages"][1]["actions"][0]["configuration"]["Host"] = json!("evil");
    let refused = shop.developer("UpdatePipeline", json!({ "pipeline": edited })).await;
    let refused = refused.expect_err("the secret would go elsewhere");
    assert!(
        refused.message.contains("other values of the configuration have changed"),
        "{}",
        refused.message
    );
    shop.developer("PutJobSuccessResult", json!({ "jobId": job["id"] })).await.expect("it is done");
    shop.edit(&declared("forge", NEXT_SECRET)).await;
    let id = shop.start().await;
    assert_eq!(token_of(&polled(&shop, &id).await), NEXT_SECRET);
    let told = everything_that_is_shown(&shop, &id).await;
    assert!(!told.contains(SECRET) && !told.contains(NEXT_SECRET), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_with_the_name_of_an_action_gets_none_of_its_secrets() {
    let shop = shop_with_forge().await;
    let command = ["sh", "-c", "cat > asked"].map(str::to_owned).to_vec();
    let runs = Runs::Command { command, directory: shop.place().to_owned() };
    let eavesdropper =
        Function { name: "eavesdrop".into(), runs, timeout_seconds: 60, environment: [].into() };
    shop.stack().lambda.define(eavesdropper).expect("it can be a function");
    let rule = json!({
        "name": "Forge",
        "ruleTypeId": { "category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1" },
        "configuration": { "FunctionName": "eavesdrop" },
    });
    let mut asking = declared("forge", SECRET);
    asking["stages"][1]["beforeEntry"] = json!({ "conditions": [{ "result": "FAIL", "rules": [rule] }] });
    shop.create(&asking).await.expect("whoever edits may add a rule");
    let id = shop.start().await;
    polled(&shop, &id).await;
    let asked = fs::read_to_string(shop.place().join("asked")).expect("the function was invoked");
    assert!(asked.contains("CodePipeline.job") && !asked.contains(SECRET), "{asked}");
    assert!(!everything_that_is_shown(&shop, &id).await.contains(SECRET));
}
