//! Versioned buckets and what deleting means in them.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier, VersioningConfiguration};

use crate::{Fixture, code, fixture};

async fn set_versioning(s3: &Fixture, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let put = s3.client.put_bucket_versioning().bucket("data").versioning_configuration(configuration);
    put.send().await.unwrap();
}

async fn put(s3: &Fixture, text: &str) -> Option<String> {
    let body = ByteStream::from(text.as_bytes().to_vec());
    let put = s3.client.put_object().bucket("data").key("a").body(body).send().await.unwrap();
    put.version_id().map(Into::into)
}

async fn get(s3: &Fixture, version: Option<&str>) -> String {
    let got = s3.client.get_object().bucket("data").key("a").set_version_id(version.map(Into::into));
    let got = got.send().await.unwrap();
    String::from_utf8(got.body.collect().await.unwrap().to_vec()).unwrap()
}

/// `version` or `marker` and whether it is the latest, the newest first.
async fn history(s3: &Fixture) -> Vec<String> {
    let listed = s3.client.list_object_versions().bucket("data").send().await.unwrap();
    let shown = |kind: &str, version: Option<&str>, latest: Option<bool>| {
        let null = if version == Some("null") { " null" } else { "" };
        format!("{kind}{null}{}", if latest == Some(true) { " latest" } else { "" })
    };
    let markers =
        listed.delete_markers().iter().map(|one| shown("marker", one.version_id(), one.is_latest()));
    let versions = listed.versions().iter().map(|one| shown("version", one.version_id(), one.is_latest()));
    markers.chain(versions).collect()
}

#[tokio::test]
async fn every_version_stays_until_it_is_deleted_by_its_id() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    assert_eq!(put(&s3, "before versioning").await, None);
    set_versioning(&s3, BucketVersioningStatus::Enabled).await;
    let one = put(&s3, "one").await.unwrap();
    let two = put(&s3, "two").await.unwrap();
    assert_ne!(one, two);
    assert_eq!(get(&s3, None).await, "two");
    assert_eq!(get(&s3, Some(&one)).await, "one");
    assert_eq!(get(&s3, Some("null")).await, "before versioning");
    let (bytes, etag) = s3.s3.read_version("data", "a", Some(&one)).await.unwrap();
    // The MD5 of "one".
    assert_eq!((bytes.as_ref(), etag.as_str()), (&b"one"[..], "f97c5d29941bfb1b2fdab0874906ab82"));

    let deleted = s3.client.delete_object().bucket("data").key("a").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(code(s3.client.get_object().bucket("data").key("a").send().await), "NoSuchKey");
    assert_eq!(get(&s3, Some(&two)).await, "two");
    assert_eq!(history(&s3).await, ["marker latest", "version", "version", "version null"]);
    let listed = s3.client.list_objects_v2().bucket("data").send().await.unwrap();
    assert_eq!(listed.key_count(), Some(0));

    let marker = deleted.version_id().unwrap();
    let of_marker = s3.client.get_object().bucket("data").key("a").version_id(marker).send().await;
    assert_eq!(code(of_marker), "MethodNotAllowed");
    s3.client.delete_object().bucket("data").key("a").version_id(marker).send().await.unwrap();
    assert_eq!(get(&s3, None).await, "two");
    s3.client.delete_object().bucket("data").key("a").version_id(&two).send().await.unwrap();
    assert_eq!(get(&s3, None).await, "one");
    let gone = s3.client.get_object().bucket("data").key("a").version_id(&two).send().await;
    assert_eq!(code(gone), "NoSuchVersion");
}

#[tokio::test]
async fn suspended_versioning_writes_the_null_version_and_keeps_the_others() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    set_versioning(&s3, BucketVersioningStatus::Enabled).await;
    let one = put(&s3, "one").await.unwrap();
    set_versioning(&s3, BucketVersioningStatus::Suspended).await;
    put(&s3, "null one").await;
    put(&s3, "null two").await;
    assert_eq!(history(&s3).await, ["version null latest", "version"]);
    assert_eq!(get(&s3, Some("null")).await, "null two");
    s3.client.delete_object().bucket("data").key("a").send().await.unwrap();
    assert_eq!(history(&s3).await, ["marker null latest", "version"]);
    assert_eq!(get(&s3, Some(&one)).await, "one");
    let status = s3.client.get_bucket_versioning().bucket("data").send().await.unwrap();
    assert_eq!(status.status(), Some(&BucketVersioningStatus::Suspended));
}

#[tokio::test]
async fn a_bucket_goes_when_its_last_version_is_gone() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    assert_eq!(code(s3.client.create_bucket().bucket("data").send().await), "BucketAlreadyOwnedByYou");
    set_versioning(&s3, BucketVersioningStatus::Enabled).await;
    let version = put(&s3, "one").await.unwrap();
    let marker = s3.client.delete_object().bucket("data").key("a").send().await.unwrap();
    assert_eq!(code(s3.client.delete_bucket().bucket("data").send().await), "BucketNotEmpty");

    let identify = |version: &str| ObjectIdentifier::builder().key("a").version_id(version).build().unwrap();
    let both = [identify(&version), identify(marker.version_id().unwrap())];
    let delete = Delete::builder().set_objects(Some(both.to_vec())).build().unwrap();
    let deleted = s3.client.delete_objects().bucket("data").delete(delete).send().await.unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (2, 0));
    s3.client.delete_bucket().bucket("data").send().await.unwrap();
    assert!(
        s3.client.head_bucket().bucket("data").send().await.unwrap_err().into_service_error().is_not_found()
    );
    let buckets = s3.client.list_buckets().send().await.unwrap();
    assert_eq!(buckets.buckets().len(), 0);
}
