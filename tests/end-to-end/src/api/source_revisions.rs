//! Revisions that somebody else chooses: with a start, or by telling of a change of the source.

use aws_sdk_codepipeline::primitives::DateTime;
use aws_sdk_codepipeline::types::{ActionRevision, SourceRevisionOverride, TriggerType};
use local_service::ObjectStore as _;

use super::official_client::{CALLER, OfficialClient, code};
use crate::declare::{PIPELINE, SOURCE_BUCKET, SOURCE_KEY, commands, pipeline, stage};
use crate::shop::Shop;

/// What the execution's source action fetched.
async fn fetched(shop: &Shop, id: &str) -> (String, String) {
    assert_eq!(shop.end(id).await, "Succeeded", "{:#?}", shop.story(id).await);
    let source = shop.action(id, "Source").await;
    (source.variable("ObjectKey").to_owned(), source.variable("VersionId").to_owned())
}

async fn official() -> (Shop, OfficialClient) {
    let mut declared = pipeline([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    declared["stages"][0]["actions"][0]["configuration"]["AllowOverrideForS3ObjectKey"] = "true".into();
    let shop = Shop::with(&declared).await;
    let official = OfficialClient::of(&shop).await;
    (shop, official)
}

impl OfficialClient {
    async fn put_revision(
        &self,
        stage: &str,
        action: &str,
        revision: &str,
        change: &str,
    ) -> Result<(bool, String), (String, String)> {
        let revision = ActionRevision::builder().revision_id(revision).revision_change_id(change);
        let revision = revision.created(DateTime::from_secs(1)).build().expect("complete");
        let put =
            self.client.put_action_revision().pipeline_name(PIPELINE).stage_name(stage).action_name(action);
        match put.action_revision(revision).send().await {
            Ok(put) => Ok((put.new_revision, put.pipeline_execution_id.expect("an id"))),
            refused => Err(code(refused)),
        }
    }

    async fn start_with(&self, overrides: &[(&str, &str)]) -> Result<String, (String, String)> {
        let mut start = self.client.start_pipeline_execution().name(PIPELINE);
        for (revision_type, value) in overrides {
            let wanted = SourceRevisionOverride::builder().action_name("Source").revision_value(*value);
            start = start
                .source_revisions(wanted.revision_type((*revision_type).into()).build().expect("complete"));
        }
        match start.send().await {
            Ok(started) => Ok(started.pipeline_execution_id.expect("an id")),
            refused => Err(code(refused)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_may_choose_the_version_the_object_or_both() {
    let (shop, official) = official().await;
    let (_, first) = fetched(&shop, &shop.start().await).await;
    shop.deliver_source(&[("hello.txt", "hello again\n")]).await;
    let (_, second) = fetched(&shop, &shop.start().await).await;
    assert_ne!(first, second);
    let id = official.start_with(&[("S3_OBJECT_VERSION_ID", &first)]).await.expect("it is there");
    assert_eq!(fetched(&shop, &id).await, (SOURCE_KEY.to_owned(), first.clone()));

    let mut zip = std::io::Cursor::new(Vec::new());
    let tree = tempfile::tempdir().expect("a directory");
    std::fs::write(tree.path().join("hello.txt"), "other\n").expect("a file");
    archive::pack_tree(tree.path(), &mut zip).expect("a zip");
    shop.stack().s3.put(SOURCE_BUCKET, "other.zip", zip.into_inner()).await.expect("it is stored");
    let id = official.start_with(&[("S3_OBJECT_KEY", "other.zip")]).await.expect("it is there");
    let (key, version) = fetched(&shop, &id).await;
    assert_eq!(key, "other.zip");
    let both = [("S3_OBJECT_KEY", "other.zip"), ("S3_OBJECT_VERSION_ID", version.as_str())];
    let id = official.start_with(&both).await.expect("it is there");
    assert_eq!(fetched(&shop, &id).await, (key, version));

    for overrides in [
        &[("COMMIT_ID", "a")][..],
        &[("IMAGE_DIGEST", "sha256:a")],
        &[("S3_OBJECT_VERSION_ID", "a"), ("S3_OBJECT_VERSION_ID", "b")],
    ] {
        let refused = official.start_with(overrides).await.expect_err("it is no such source");
        assert_eq!(refused.0, "ValidationException", "{overrides:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_source_starts_one_execution_that_takes_it() {
    let (shop, official) = official().await;
    let (_, first) = fetched(&shop, &shop.start().await).await;
    shop.deliver_source(&[("hello.txt", "hello again\n")]).await;
    let (_, second) = fetched(&shop, &shop.start().await).await;
    shop.deliver_source(&[("hello.txt", "hello a third time\n")]).await;
    let s3 = shop.stack().platform_of("source-s3").expect("there is such a function").s3;
    let third = s3.get_object().bucket(SOURCE_BUCKET).key(SOURCE_KEY).send().await.expect("it can be read");
    let third = third.version_id.expect("the bucket is versioned");

    let put = async |revision: &str, change: &str| {
        official.put_revision("Source", "Source", revision, change).await
    };
    let (is_new, id) = put(&third, "change-3").await.expect("it starts");
    assert!(is_new);
    assert_eq!(fetched(&shop, &id).await.1, third);
    let execution =
        official.client.get_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
    let execution = execution.send().await.expect("it is there").pipeline_execution.expect("an execution");
    let trigger = execution.trigger.expect("a trigger");
    assert_eq!(
        (trigger.trigger_type, trigger.trigger_detail.as_deref()),
        (Some(TriggerType::PutActionRevision), Some(CALLER))
    );
    assert_eq!(put(&third, "change-3").await, Ok((false, id.clone())), "it was told before");
    assert_eq!(put(&third, "change-4").await, Ok((false, id.clone())), "nothing has changed");

    let (is_new, back) = put(&first, "change-5").await.expect("it starts");
    assert_eq!((is_new, fetched(&shop, &back).await.1), (false, first), "the source went back");
    assert_eq!(put(&third, "change-3").await, Ok((false, id)), "however late it is told again");
    let (_, again) = put(&second, "change-6").await.expect("it starts");
    assert_ne!(again, back);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_is_put_to_a_source_action_that_is_there() {
    let (_shop, official) = official().await;
    for (stage, action, expected) in [
        ("Nowhere", "Source", "StageNotFoundException"),
        ("Source", "Nobody", "ActionNotFoundException"),
        ("Build", "Compile", "ValidationException"),
        ("no stage", "Source", "ValidationException"),
    ] {
        let refused = official.put_revision(stage, action, "r", "c").await.expect_err(expected);
        assert_eq!(refused.0, expected, "{stage}/{action}");
    }
    let revision =
        ActionRevision::builder().revision_id("r").revision_change_id("c").created(DateTime::from_secs(1));
    let put = official.client.put_action_revision().pipeline_name("nowhere").stage_name("a").action_name("b");
    let put = put.action_revision(revision.build().expect("complete")).send().await;
    assert_eq!(code(put).0, "PipelineNotFoundException");
}
