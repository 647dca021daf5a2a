//! What one execution costs: a promise of the design, so it is counted. docs/cost.md makes money of it.

mod requests;

use std::sync::Arc;

use local::Options;
use local_service::Service;
use serde_json::json;

use crate::declare::{build, commands, deploy_to_s3, pipeline, stage};
use crate::shop::Shop;
use crate::state_changes::{of_execution, once};
use requests::{Counted, Counter};

/// For a pipeline of 4 stages and 6 actions, everything included but the publishing of its events.
const STATE_TRANSITIONS_MAX: u64 = 26;
const FUNCTION_INVOCATIONS_MAX: u64 = 16;
/// Of publish-events, which comes after the fact and which nothing waits for: what changes within a second is one
/// invocation. Of the transactions that change something there are this many: the start, and two for each action.
const PUBLISHING_INVOCATIONS_MAX: u64 = 1 + 2 * 6;
/// STARTED and SUCCEEDED of the execution, of each stage and of each action.
const EVENTS: usize = 2 * (1 + 4 + 6);
/// A third more than it takes: what comes at the same moment is decided on again.
const REQUESTS_MAX: Counted = Counted {
    dynamodb_reads: 50,
    dynamodb_transactions: 23,
    dynamodb_write_units: 310,
    dynamodb_other_writes: 15,
    s3_reads: 3,
    s3_writes: 3,
};

#[tokio::test(flavor = "multi_thread")]
async fn four_stages_and_six_actions_stay_within_the_budget() {
    let counter = Arc::new(Counter::default());
    let options = Options {
        faults: Some(counter.clone().of_calls()),
        observer: Some(counter.clone().of_transactions()),
        shares_nothing: true,
        ..Options::default()
    };
    let shop = Shop::open_with(options).await;
    shop.bucket("site");
    let buildspec = json!({
        "version": "0.2",
        "phases": { "build": { "commands": ["echo built > app"] } },
        "artifacts": { "files": ["app"] },
    });
    shop.project("app", &buildspec).await;
    let declared = pipeline([
        stage("Build", [build("Compile", "app"), commands("Lint", ["echo fine"])]),
        stage("Test", [commands("Test", ["echo works"])]),
        stage(
            "Deploy",
            [deploy_to_s3("Publish", "site", "CompileOutput"), commands("Announce", ["echo out"])],
        ),
    ]);
    shop.create(&declared).await.expect("a pipeline");
    counter.begin();
    let id = shop.start().await;
    // What the API is asked from now on is how this test looks at the execution.
    counter.pass_over_the_api();
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.actions(&id).await.len(), 6);
    // The end of the execution is told before its last workflow has noticed.
    let costs = async || {
        let workflows = workflows_of(&shop, &id).await;
        workflows.iter().all(|workflow| workflow.has_ended).then_some(workflows)
    };
    let workflows = shop.until(&id, "the end of its workflows", costs).await;

    let data = shop.place().join("data");
    let all_told = async || (once(&of_execution(&data, &id)).len() >= EVENTS).then_some(());
    shop.until(&id, "its events", all_told).await;

    assert_eq!(workflows.len(), 4, "one for each stage");
    let transitions: u64 = workflows.iter().map(|workflow| workflow.state_transitions).sum();
    let from_workflows: u64 = workflows.iter().map(|workflow| workflow.function_invocations).sum();
    let starts = 1;
    let invocations = starts + from_workflows + counter.completed_by_events();
    let requests = counter.counted();
    let publishing = counter.puts_of_events();
    println!(
        "{transitions} state transitions, {invocations} function invocations and up to {publishing} of publish-events, \
         {requests:?}"
    );
    assert!((1..=PUBLISHING_INVOCATIONS_MAX).contains(&publishing), "{publishing} puts of {EVENTS} events");
    assert!(transitions <= STATE_TRANSITIONS_MAX, "{transitions} state transitions");
    assert!(invocations <= FUNCTION_INVOCATIONS_MAX, "{invocations} function invocations");
    assert!(requests.is_within(&REQUESTS_MAX), "{requests:?}");
    // Fewer cannot be: the counting itself would be wrong.
    assert!(transitions >= 4 * 3 + 6 && invocations >= 1 + 6 + 4 + 4, "{transitions}, {invocations}");
    // Each action begins and ends with a transaction, and an artifact is written and read by two of them.
    assert!(requests.dynamodb_transactions > 2 * 6 && requests.s3_writes >= 2, "{requests:?}");
    assert!(requests.dynamodb_reads >= requests.dynamodb_transactions, "{requests:?}");
}

struct Workflow {
    has_ended: bool,
    state_transitions: u64,
    function_invocations: u64,
}

async fn workflows_of(shop: &Shop, id: &str) -> Vec<Workflow> {
    let stepfunctions = &shop.stack().stepfunctions;
    let machine = shop.stack().platform_of("api").map(|platform| platform.config);
    let machine = &machine.expect("a function of the template").stage_execution_state_machine_arn;
    let listed = stepfunctions.call("ListExecutions", json!({ "stateMachineArn": machine })).await;
    let listed = listed.expect("the state machine is known");
    let executions = listed["executions"].as_array().cloned().unwrap_or_default();
    let of_this =
        executions.into_iter().filter(|one| one["name"].as_str().is_some_and(|name| name.starts_with(id)));
    let workflows = of_this.map(|one| {
        let arn = one["executionArn"].as_str().expect("an ARN");
        let counts = stepfunctions.counts(arn).expect("its journal").expect("it exists");
        Workflow {
            has_ended: one["status"] != "RUNNING",
            state_transitions: counts.state_transitions,
            function_invocations: counts.function_invocations,
        }
    });
    workflows.collect()
}
