//! The machine or the process ends in the middle of an execution, and comes back.

use crate::declare::{approval, commands, pipeline, stage};
use crate::process::run_at_its_gate;
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_can_be_answered_after_a_power_failure() {
    let declared = pipeline([
        stage("Approve", [approval("Approve")]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    let shop = Shop::with(&declared).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;

    let shop = shop.after_power_failure().await;
    assert_eq!(shop.status(&id).await, "InProgress");
    shop.answer("Approve", &token, "Approved").await.expect("the approval still waits");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_whose_process_was_killed_fails_and_can_be_retried() {
    let (workplace, gate, run) = run_at_its_gate();
    run.signal("KILL");
    let killed = run.end();
    assert_eq!(killed.status, None, "{}", killed.output);
    let id = killed.output.split_whitespace().skip_while(|word| *word != "execution").nth(1).expect("its id");

    let shop = Shop::take_over(workplace.path()).await;
    assert_eq!(shop.end(id).await, "Failed");
    assert_ne!(shop.action(id, "Compile").await.error(), "", "the reason is told");
    gate.open();
    shop.retry(id, "Build", "FAILED_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_was_told_is_there_after_a_power_failure() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded");
    let before = (shop.execution(&id).await, shop.story(&id).await);
    let shop = shop.after_power_failure().await;
    assert_eq!((shop.execution(&id).await, shop.story(&id).await), before);
    let again = shop.start().await;
    assert_eq!(shop.end(&again).await, "Succeeded");
}
