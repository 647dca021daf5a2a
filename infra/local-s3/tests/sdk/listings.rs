//! Listings over several pages, as the SDK's paginators walk them.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use local_s3::BucketSettings;

use crate::{code, fixture};

#[tokio::test]
async fn a_paginator_sees_each_key_once() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings::default()).unwrap();
    for index in 0..25 {
        let key = format!("folder {}/{index:02}", index % 3);
        s3.client
            .put_object()
            .bucket("data")
            .key(key)
            .body(ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
    }
    let mut pages = s3.client.list_objects_v2().bucket("data").max_keys(4).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.contents().len() <= 4);
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_string()));
    }
    assert_eq!(keys.len(), 25);
    assert!(keys.is_sorted());

    let folders = s3.client.list_objects_v2().bucket("data").delimiter("/").encoding_type(EncodingType::Url);
    let folders = folders.send().await.unwrap();
    let prefixes: Vec<_> = folders.common_prefixes().iter().filter_map(|prefix| prefix.prefix()).collect();
    assert_eq!(prefixes, ["folder%200/", "folder%201/", "folder%202/"]);
    let wrong = s3.client.list_objects_v2().bucket("data").continuation_token("!").send().await;
    assert_eq!(code(wrong), "InvalidArgument");
}

#[tokio::test]
async fn versions_are_listed_page_by_page_in_their_order() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings { versioned: true, event_bridge: false }).unwrap();
    for key in ["a", "b", "a", "c/1", "a", "c/2"] {
        let put = s3.client.put_object().bucket("data").key(key).body(ByteStream::from_static(b"x"));
        put.send().await.unwrap();
    }
    for delimiter in [None, Some("/")] {
        let mut seen = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let page = s3.client.list_object_versions().bucket("data").max_keys(2);
            let page = page.set_delimiter(delimiter.map(Into::into)).set_key_marker(key_marker);
            let page = page.set_version_id_marker(version_marker).send().await.unwrap();
            seen.extend(page.versions().iter().map(|version| version.key().unwrap().to_string()));
            seen.extend(page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_string()));
            if page.is_truncated() != Some(true) {
                break;
            }
            key_marker = page.next_key_marker().map(Into::into);
            version_marker = page.next_version_id_marker().map(Into::into);
        }
        match delimiter {
            None => assert_eq!(seen, ["a", "a", "a", "b", "c/1", "c/2"]),
            Some(_) => assert_eq!(seen, ["a", "a", "a", "b", "c/"]),
        }
    }
}
