//! Restarts, crashes, torn files.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use local_s3::{BucketSettings, LocalS3, OpenError};
use local_service::{AdjustableClock, ObjectStore};

use crate::{Fixture, connector, fixture, open};

fn files(s3: &Fixture, extension: &str) -> Vec<PathBuf> {
    let objects = s3.directory.path().join("buckets/data/objects");
    let paths = fs::read_dir(objects).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn reopened(s3: Fixture) -> Fixture {
    let Fixture { s3: store, client, events, directory } = s3;
    drop((store, client));
    let s3 = open(directory.path(), events.clone());
    Fixture { client: connector::client(&s3), s3, events, directory }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings { versioned: true, event_bridge: true }).unwrap();
    s3.s3.put("data", "a", b"one".to_vec()).await.unwrap();
    s3.s3.put("data", "a", b"two".to_vec()).await.unwrap();
    let deleted = s3.client.delete_object().bucket("data").key("a").send().await.unwrap();
    let s3 = reopened(s3);
    let listed = s3.client.list_object_versions().bucket("data").send().await.unwrap();
    assert_eq!((listed.versions().len(), listed.delete_markers().len()), (2, 1));
    let undelete = s3.client.delete_object().bucket("data").key("a").set_version_id(deleted.version_id);
    undelete.send().await.unwrap();
    assert_eq!(s3.s3.get("data", "a").await.unwrap(), b"two");
    s3.s3.put("data", "a", b"three".to_vec()).await.unwrap();
    assert_eq!(s3.s3.get("data", "a").await.unwrap(), b"three", "order goes on after a restart");
}

#[tokio::test]
async fn a_directory_belongs_to_one_process() {
    let s3 = fixture();
    match LocalS3::open(s3.directory.path(), Arc::new(AdjustableClock::default())) {
        Err(OpenError::InUse(path)) => assert_eq!(path, s3.directory.path()),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn a_torn_or_changed_file_is_an_error_that_names_the_key() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings::default()).unwrap();
    s3.s3.put("data", "site/a.zip", b"contents".to_vec()).await.unwrap();
    let path = files(&s3, "data").remove(0);
    for damage in [&b"content"[..], b"CONTENTS", b""] {
        fs::write(&path, damage).unwrap();
        let error = s3.s3.get("data", "site/a.zip").await.unwrap_err();
        assert_eq!((error.code.as_str(), error.status), ("InvalidObjectState", 403));
        assert!(error.message.contains("s3://data/site/a.zip is damaged"), "{}", error.message);
    }
    fs::remove_file(&path).unwrap();
    assert!(s3.s3.get("data", "site/a.zip").await.unwrap_err().message.contains("damaged"));
    s3.s3.put("data", "site/a.zip", b"again".to_vec()).await.unwrap();
    assert_eq!(s3.s3.get("data", "site/a.zip").await.unwrap(), b"again");
}

#[tokio::test]
async fn a_crash_leaves_the_old_object_or_the_new_one() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings::default()).unwrap();
    s3.s3.put("data", "a", b"old".to_vec()).await.unwrap();
    let old_record = files(&s3, "json").remove(0);
    let old_data = files(&s3, "data").remove(0);
    let (record, data) = (fs::read(&old_record).unwrap(), fs::read(&old_data).unwrap());

    // Killed while a body came in, and after its bytes got their name but before its record did.
    fs::write(s3.directory.path().join("temporary/.tmp123"), b"half").unwrap();
    fs::write(old_data.with_file_name("00000000000000000000000000000000.data"), b"new").unwrap();
    let s3 = reopened(s3);
    assert_eq!(s3.s3.get("data", "a").await.unwrap(), b"old");
    assert_eq!(files(&s3, "data").len(), 1);

    // Killed after the new record was written, before the old version was removed.
    s3.s3.put("data", "a", b"new".to_vec()).await.unwrap();
    fs::write(&old_record, record).unwrap();
    fs::write(&old_data, data).unwrap();
    let s3 = reopened(s3);
    assert_eq!(s3.s3.get("data", "a").await.unwrap(), b"new");
    assert_eq!((files(&s3, "json").len(), files(&s3, "data").len()), (1, 1));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_stops_the_start_and_is_named() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings::default()).unwrap();
    let put = s3.client.put_object().bucket("data").key("a").body(ByteStream::from_static(b"x"));
    put.send().await.unwrap();
    let record = files(&s3, "json").remove(0);
    fs::write(&record, b"{").unwrap();
    let Fixture { s3: store, client, directory, .. } = s3;
    drop((store, client));
    match LocalS3::open(directory.path(), Arc::new(AdjustableClock::default())) {
        Err(OpenError::Unreadable { path, .. }) => assert_eq!(path, record),
        other => panic!("{:?}", other.map(|_| ())),
    }
}
