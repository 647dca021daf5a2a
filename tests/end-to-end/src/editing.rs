//! An edit of the pipeline while an execution of it runs.

use crate::declare::{commands, pipeline, stage};
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
