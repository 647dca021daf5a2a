//! What one execution costs: a promise of the design, so it is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use local::Options;
use local::connector::FaultInjection;
use local_service::Service;
use serde_json::json;

use crate::declare::{build, commands, deploy_to_s3, pipeline, stage};
use crate::shop::Shop;

/// For a pipeline of 4 stages and 6 actions, everything included.
const STATE_TRANSITIONS_MAX: u64 = 26;
const FUNCTION_INVOCATIONS_MAX: u64 = 16;

/// Counts the provider events that are handled: each completes the task of its action, and once.
fn event_counter() -> (Arc<AtomicU64>, FaultInjection) {
    let counted = Arc::new(AtomicU64::new(0));
    let counter = counted.clone();
    let count: FaultInjection = Arc::new(move |call| {
        if call.caller == "ProviderEventsFunction" && call.action == "states:SendTaskSuccess" {
            counter.fetch_add(1, Ordering::SeqCst);
        }
        None
    });
    (counted, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn four_stages_and_six_actions_stay_within_the_budget() {
    let (events, faults) = event_counter();
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
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
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.actions(&id).await.len(), 6);
    // The end of the execution is told before its last workflow has noticed.
    let costs = async || {
        let workflows = workflows_of(&shop, &id).await;
        workflows.iter().all(|workflow| workflow.has_ended).then_some(workflows)
    };
    let workflows = shop.until(&id, "the end of its workflows", costs).await;

    assert_eq!(workflows.len(), 4, "one for each stage");
    let transitions: u64 = workflows.iter().map(|workflow| workflow.state_transitions).sum();
    let from_workflows: u64 = workflows.iter().map(|workflow| workflow.function_invocations).sum();
    let starts = 1;
    let invocations = starts + from_workflows + events.load(Ordering::SeqCst);
    println!("{transitions} state transitions, {invocations} function invocations");
    assert!(transitions <= STATE_TRANSITIONS_MAX, "{transitions} state transitions");
    assert!(invocations <= FUNCTION_INVOCATIONS_MAX, "{invocations} function invocations");
    // Fewer cannot be: the counting itself would be wrong.
    assert!(transitions >= 4 * 3 + 6 && invocations >= 1 + 6 + 4 + 4, "{transitions}, {invocations}");
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
