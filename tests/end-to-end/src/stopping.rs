//! StopPipelineExecution: waiting for what runs, and not waiting.

use crate::declare::{commands, pipeline, stage};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_execution_ends_what_it_began_and_begins_nothing_else() {
    let shop = Shop::open().await;
    let gate = shop.gate("build");
    let build = stage("Build", [commands("Compile", [gate.wait()])]);
    let declared = pipeline([build, stage("Deploy", [commands("Deploy", ["echo out"])])]);
    shop.create(&declared).await.expect("a pipeline");
    let id = shop.start().await;
    shop.until(&id, "the build at its gate", async || (gate.arrivals() == 1).then_some(())).await;

    shop.stop(&id, false).await.expect("it is in progress");
    assert_eq!(shop.status(&id).await, "Stopping");
    let twice = shop.stop(&id, false).await.expect_err("it is stopping");
    assert_eq!(twice.code, "DuplicatedStopRequestException");
    gate.open();

    assert_eq!(shop.end(&id).await, "Stopped");
    assert_eq!(shop.story(&id).await, ["Source/Source Succeeded", "Build/Compile Succeeded"]);
    assert_eq!(shop.execution(&id).await["statusSummary"], "wrong day");
    let late = shop.stop(&id, true).await.expect_err("it has ended");
    assert_eq!(late.code, "PipelineExecutionNotStoppableException");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_execution_ends_at_once_and_frees_its_stage() {
    let shop = Shop::open().await;
    let gate = shop.gate("build");
    let declared = pipeline([stage("Build", [commands("Compile", [gate.wait()])])]);
    shop.create(&declared).await.expect("a pipeline");
    let abandoned = shop.start().await;
    shop.until(&abandoned, "the build at its gate", async || (gate.arrivals() == 1).then_some(())).await;

    shop.stop(&abandoned, true).await.expect("it is in progress");
    assert_eq!(shop.end(&abandoned).await, "Stopped");
    assert_eq!(shop.story(&abandoned).await, ["Source/Source Succeeded", "Build/Compile Abandoned"]);

    let next = shop.start().await;
    shop.until(&next, "its build at the gate", async || (gate.arrivals() == 2).then_some(())).await;
    gate.open();
    assert_eq!(shop.end(&next).await, "Succeeded");
    // The end of the abandoned build, which came meanwhile, changed nothing.
    assert_eq!(shop.story(&abandoned).await, ["Source/Source Succeeded", "Build/Compile Abandoned"]);
}
