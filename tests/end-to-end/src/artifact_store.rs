//! The artifact store in trouble: an action whose input is gone, torn or changed fails and says which artifact it
//! was, nothing is done with wrong bytes, and once the bytes are back the stage can be retried. What goes wrong
//! while an object is stored is in `faults`.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::join;
use local::Options;
use local::connector::{Fault, FaultInjection};
use local_service::ObjectStore;
use serde_json::{Value, json};

use crate::declare::{build, deploy_to_codedeploy, deploy_to_s3, pipeline, stage};
use crate::shop::Shop;

/// The stages that read the artifact of the source, each by another service; a stage has its action's name.
const READERS: [&str; 3] = ["Compile", "Publish", "Release"];

const DELETED: &str = "it was deleted";

const APPSPEC: &str = "version: 0.0\nos: linux\nfiles:\n  - source: hello.txt\n    destination: /srv\n";

/// An object of S3 as it lies in the data directory.
struct Stored {
    bucket: String,
    key: String,
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Stored {
    /// The artifact that the source has given.
    fn source_output(shop: &Shop) -> Self {
        let buckets = fs::read_dir(shop.place().join("data/s3/buckets")).expect("S3's buckets");
        let objects = buckets.flatten().flat_map(|bucket| {
            let bucket_name = bucket.file_name().to_string_lossy().into_owned();
            let files = fs::read_dir(bucket.path().join("objects")).expect("a bucket's objects");
            files.flatten().map(move |file| (bucket_name.clone(), file.path()))
        });
        let mut found = objects.filter_map(|(bucket, path)| {
            let record: Value = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            let key = record["key"].as_str().filter(|key| key.contains("/SourceOutp/"))?.to_owned();
            let file = path.with_extension("data");
            Some(Self { bucket, key, bytes: fs::read(&file).ok()?, file })
        });
        found.next().expect("the source has given its artifact")
    }

    fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    async fn delete(&self, shop: &Shop) {
        let request =
            http::Request::delete(format!("/{}/{}", self.bucket, self.key)).header("host", "localhost");
        let request = request.body(Default::default()).expect("a request");
        let answer = shop.stack().s3.serve(request).await;
        assert_eq!(answer.status(), 204, "{answer:?}");
    }

    async fn put_back(&self, shop: &Shop) {
        if shop.stack().s3.get(&self.bucket, &self.key).await.is_err_and(|error| error.code == "NoSuchKey") {
            shop.stack().s3.put(&self.bucket, &self.key, self.bytes.clone()).await.expect("it is stored");
        } else {
            fs::write(&self.file, &self.bytes).expect("a file");
        }
    }
}

/// What happens to an object's file, and how that is called.
type Damage = (&'static str, fn(&Stored));

const DAMAGES: [Damage; 6] = [
    // Nothing happens to its file: S3 is asked to delete it.
    (DELETED, |_| ()),
    ("its file is gone", |stored| fs::remove_file(&stored.file).expect("it was there")),
    ("its file is empty", |stored| fs::write(&stored.file, "").expect("a file")),
    ("its file is torn", |stored| {
        fs::write(&stored.file, &stored.bytes[..stored.bytes.len() / 2]).expect("a file");
    }),
    ("one bit has changed", |stored| {
        let mut bytes = stored.bytes.clone();
        bytes[stored.bytes.len() / 2] ^= 1;
        fs::write(&stored.file, bytes).expect("a file");
    }),
    ("another archive lies in its place", |stored| {
        let tree = tempfile::tempdir().expect("a directory");
        fs::write(tree.path().join("hello.txt"), "something else\n").expect("a file");
        fs::write(tree.path().join("appspec.yml"), APPSPEC).expect("a file");
        let mut zip = std::io::Cursor::new(Vec::new());
        archive::pack_tree(tree.path(), &mut zip).expect("a zip");
        fs::write(&stored.file, zip.into_inner()).expect("a file");
    }),
];

/// Everything that a stage may have done: lines of builds, files of deployments, objects of a site.
async fn done(shop: &Shop) -> [bool; 3] {
    let is_published = shop.stack().s3.get("site", "site/hello.txt").await.is_ok();
    [!shop.diary().lines().is_empty(), is_published, shop.place().join("host/srv/hello.txt").exists()]
}

async fn open() -> Shop {
    let shop = Shop::open().await;
    shop.bucket("site");
    let commands = [shop.diary().write("$(cat hello.txt)")];
    shop.project("app", &json!({ "version": "0.2", "phases": { "build": { "commands": commands } } })).await;
    let host = shop.place().join("host");
    fs::create_dir_all(&host).expect("a host");
    shop.stack().define_deployment_group("app", "hosts", vec![host]).expect("a group");
    shop.deliver_source(&[("hello.txt", "hello\n"), ("appspec.yml", APPSPEC)]).await;
    let mut compile = build("Compile", "app");
    compile["outputArtifacts"] = json!([]);
    let stages = [
        stage("Compile", [compile]),
        stage("Publish", [deploy_to_s3("Publish", "site", "SourceOutput")]),
        stage("Release", [deploy_to_codedeploy("Release", "app", "hosts", "SourceOutput")]),
    ];
    shop.create(&pipeline(stages)).await.expect("a pipeline");
    for reader in READERS {
        shop.shut_transition_into(reader).await;
    }
    shop
}

async fn each_reader_refuses_what_is_damaged((what, damage): Damage) {
    let shop = open().await;
    let id = shop.start().await;
    shop.until_action(&id, "Source", |action| action.status == "Succeeded").await;
    let stored = Stored::source_output(&shop);
    for (index, reader) in READERS.into_iter().enumerate() {
        damage(&stored);
        if what == DELETED {
            stored.delete(&shop).await;
        }
        shop.open_transition_into(reader).await;
        assert_eq!(shop.end(&id).await, "Failed", "{reader}: {what}");
        let error = shop.action(&id, reader).await.error().to_owned();
        for part in [stored.url().as_str(), "SourceOutput", "retry the stage"] {
            assert!(error.contains(part), "{reader}: {what}: there is no {part:?} in {error:?}");
        }
        let expected = [index > 0, index > 1, false];
        assert_eq!(done(&shop).await, expected, "{reader}: {what}: nothing is done with it");

        stored.put_back(&shop).await;
        shop.retry(&id, reader, "FAILED_ACTIONS").await.expect("it has failed here");
        shop.until_action(&id, reader, |action| action.status == "Succeeded").await;
    }
    assert_eq!(shop.end(&id).await, "Succeeded", "{what}");
    assert_eq!(shop.diary().lines(), ["hello"], "{what}");
    assert_eq!(shop.stack().s3.get("site", "site/hello.txt").await.expect("it is published"), b"hello\n");
    let released = fs::read_to_string(shop.place().join("host/srv/hello.txt"));
    assert_eq!(released.expect("it is released"), "hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_works_with_a_damaged_artifact_and_the_stage_can_be_retried_once_it_is_whole() {
    let shops = DAMAGES.into_iter().map(|damage| tokio::spawn(each_reader_refuses_what_is_damaged(damage)));
    for shop in join_all(shops).await {
        shop.expect("every reader refuses it");
    }
}

/// S3 asks the function `caller` to slow down, whenever it does this. Stage and action have one name.
async fn a_store_that_refuses_for_long_fails_the_action(
    caller: &'static str,
    action: &'static str,
    stage_name: &str,
) {
    let refuses = Arc::new(AtomicBool::new(true));
    let asked = refuses.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_meant = call.caller == caller && call.action == action;
        (is_meant && asked.load(Ordering::SeqCst)).then_some(Fault::Throttle)
    });
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    shop.bucket("site");
    let published = stage("Publish", [deploy_to_s3("Publish", "site", "SourceOutput")]);
    shop.create(&pipeline([published])).await.expect("a pipeline");
    let id = shop.start().await;
    // Step Functions tries again for some minutes.
    let ended = async || {
        tokio::time::sleep(Duration::from_millis(250)).await;
        shop.stack().clock.advance(Duration::from_secs(30));
        let status = shop.status(&id).await;
        (status != "InProgress").then_some(status)
    };
    assert_eq!(shop.until(&id, "its end", ended).await, "Failed", "{action}");
    let error = shop.action(&id, stage_name).await.error().to_owned();
    for part in ["SourceOutput", "s3://pipewright-artifactbucket", "SlowDown"] {
        assert!(error.contains(part), "{action}: there is no {part:?} in {error:?}");
    }
    refuses.store(false, Ordering::SeqCst);
    shop.retry(&id, stage_name, "FAILED_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(&id).await, "Succeeded", "{action}");
    assert_eq!(shop.stack().s3.get("site", "site/hello.txt").await.expect("it is published"), b"hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_for_long_fails_the_action_which_can_be_retried_when_it_answers_again() {
    join!(
        a_store_that_refuses_for_long_fails_the_action("SourceS3Function", "s3:PutObject", "Source"),
        a_store_that_refuses_for_long_fails_the_action("DeployS3Function", "s3:GetObject", "Publish"),
    );
}
