//! Sources that were made to do harm, and builds that do not know when to stop.

use std::io::{Cursor, Write};

use serde_json::json;
use zip::write::SimpleFileOptions;

use crate::declare::{commands, deploy_to_s3, pipeline, stage};
use crate::shop::Shop;

fn zip_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
    zip.write_all(bytes).expect("its bytes");
    zip.finish().expect("a zip").into_inner()
}

/// What becomes of a build and of a deployment of this source.
async fn refusals_of(zip: Vec<u8>) -> (Shop, Vec<String>) {
    let shop = Shop::open().await;
    shop.bucket("site");
    let both = stage("Use", [commands("Build", ["ls"]), deploy_to_s3("Deploy", "site", "SourceOutput")]);
    shop.create(&pipeline([both])).await.expect("a pipeline");
    shop.deliver_zip(zip).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let mut reasons = Vec::new();
    for name in ["Build", "Deploy"] {
        let action = shop.action(&id, name).await;
        assert_eq!(action.status, "Failed", "{name}");
        reasons.push(action.error().to_owned());
    }
    (shop, reasons)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_climbs_out_of_its_directory_is_refused() {
    let (shop, reasons) = refusals_of(zip_of("../../../climbed.txt", b"out")).await;
    for reason in reasons {
        assert!(reason.contains("../climbed.txt"), "{reason}");
    }
    let mut open = vec![shop.place().to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
            assert_ne!(entry.file_name(), "climbed.txt", "{}", entry.path().display());
            open.extend(entry.file_type().is_ok_and(|kind| kind.is_dir()).then(|| entry.path()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_swells_is_refused_before_it_fills_the_disk() {
    let zeros = vec![0; 64 * 1024 * 1024];
    let bomb = zip_of("bomb", &zeros);
    assert!(bomb.len() < 100 * 1024, "it is small");
    let (_, reasons) = refusals_of(bomb).await;
    for reason in reasons {
        assert!(reason.contains("bomb"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_message_or_a_name_never_becomes_a_command() {
    let shop = Shop::open().await;
    let hostile = "$(touch pwned); `touch pwned`\"; touch pwned; '";
    let mut declared = pipeline([stage(
        "Greet",
        [crate::declare::with(
            commands("Greet", ["SAID=\"#{variables.name}\"", "test ! -e pwned"]),
            "outputVariables",
            json!(["SAID"]),
        )],
    )]);
    declared["variables"] = json!([{ "name": "name", "defaultValue": "world" }]);
    shop.create(&declared).await.expect("a pipeline");
    let id = shop
        .start_with(json!({ "variables": [{ "name": "name", "value": hostile }] }))
        .await
        .expect("a name is a name");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.action(&id, "Greet").await.variable("SAID"), hostile);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_prints_without_end_does_not_fill_the_disk() {
    const PRINTED_BYTES: u64 = 200_000_000;
    let shop = Shop::open().await;
    let talk = format!("yes 'all work and no play' | head -c {PRINTED_BYTES}");
    shop.create(&pipeline([stage("Build", [commands("Talk", [talk.as_str(), "echo last words"])])]))
        .await
        .expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded");
    let log = shop.log_of(&shop.action(&id, "Talk").await).await;
    assert!((log.len() as u64) < PRINTED_BYTES / 2, "{} bytes", log.len());
    assert!(log.contains("all work and no play"));
}
