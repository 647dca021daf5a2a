//! An edit of the pipeline while an execution of it runs.

use engine::decide::{DeclarationUpdated, Event, EventKind, OnUpdate};
use engine::execution::{Plan, StateKey};
use platform::StoreError;
use platform::store::PipelineHead;
use serde_json::json;

use crate::declare::{PIPELINE, commands, pipeline, stage};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn a_running_execution_ends_under_the_version_that_it_started_with() {
    let shop = Shop::open().await;
    let (gate, diary) = (shop.gate("build"), shop.diary());
    let build = || stage("Build", [commands("Compile", [gate.wait()])]);
    let deploy = |text: &str| stage("Deploy", [commands("Deploy", [diary.write(text)])]);
    shop.create(&pipeline([build(), deploy("first version")])).await.expect("a pipeline");
    let before = shop.start().await;
    shop.until(&before, "the build at its gate", async || (gate.arrivals() == 1).then_some(())).await;

    // The new version has a stage less and a stage more.
    shop.edit(&pipeline([deploy("second version"), stage("Announce", [commands("Say", ["echo done"])])]))
        .await;
    let after = shop.start().await;
    assert_eq!(shop.end(&after).await, "Succeeded");
    gate.open();

    assert_eq!(shop.end(&before).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["second version", "first version"]);
    let version_of = async |id: &str| shop.execution(id).await["pipelineVersion"].clone();
    assert_eq!((version_of(&before).await, version_of(&after).await), (1.into(), 2.into()));
}

/// The edit has read the pipeline before it was deleted, and writes afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_pipeline_that_was_created_anew_meanwhile_is_refused() {
    let declared = pipeline([stage("Build", [commands("Compile", ["echo out"])])]);
    let shop = Shop::with(&declared).await;
    let platform = shop.stack().platform_of("api").expect("the function is there");
    let head = platform.store.pipeline(PIPELINE).await.expect("a read").expect("a pipeline");
    let version = platform.store.pipeline_version(PIPELINE, 1).await.expect("a read").expect("a version");
    shop.stack().clock.advance(std::time::Duration::from_secs(1));
    shop.developer("DeletePipeline", json!({ "name": PIPELINE })).await.expect("it may be deleted");
    shop.create(&declared).await.expect("the name is free");

    let mode = version.declaration.execution_mode();
    let (plan, on_update) = (Plan { stages: Vec::new() }, OnUpdate::Continue);
    let updated = EventKind::DeclarationUpdated(DeclarationUpdated { version: 2, mode, plan, on_update });
    let event = Event { key: StateKey::pipeline(PIPELINE), kind: updated };
    let late = platform.update_pipeline(&PipelineHead { version: 2, ..head }, &version, &event).await;
    let Err(StoreError::Rejected(refused)) = late else { panic!("{late:?}") };
    assert!(refused.to_string().contains("was deleted meanwhile"), "{refused}");
    let shown = shop.developer("GetPipeline", json!({ "name": PIPELINE })).await.expect("it is there");
    assert_eq!(shown["pipeline"]["version"], 1);
}
