//! Writing, reading, conditions, checksums.

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumMode, MetadataDirective, ObjectCannedAcl, ServerSideEncryption};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use local_s3::BucketSettings;

use crate::{code, fixture};

fn body(text: &str) -> ByteStream {
    ByteStream::from(text.as_bytes().to_vec())
}

#[tokio::test]
async fn an_object_comes_back_with_what_was_said_about_it() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let put = s3
        .client
        .put_object()
        .bucket("data")
        .key("site/index ü+%.html")
        .body(body("<html>"))
        .content_type("text/html")
        .cache_control("max-age=60")
        .metadata("revision", "abc")
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .ssekms_key_id("alias/pipeline")
        .send()
        .await
        .unwrap();
    assert_eq!(put.e_tag(), Some("\"166248a6129a1e4370d20adc2d4c23f3\""));
    assert_eq!(put.ssekms_key_id(), Some("alias/pipeline"));

    let got = s3
        .client
        .get_object()
        .bucket("data")
        .key("site/index ü+%.html")
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("text/html"));
    assert_eq!(got.cache_control(), Some("max-age=60"));
    assert_eq!(got.metadata().unwrap()["revision"], "abc");
    assert_eq!(got.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert!(got.checksum_crc32().is_some(), "the SDK's own checksum is kept");
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "<html>");

    let head = s3.client.head_object().bucket("data").key("site/index ü+%.html").send().await.unwrap();
    assert_eq!((head.content_length(), head.content_type()), (Some(6), Some("text/html")));
    let missing = s3.client.get_object().bucket("data").key("site").send().await;
    assert_eq!(code(missing), "NoSuchKey");
    assert!(
        s3.client
            .head_object()
            .bucket("data")
            .key("no")
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_not_found()
    );
    assert_eq!(code(s3.client.get_object().bucket("nowhere").key("a").send().await), "NoSuchBucket");
}

#[tokio::test]
async fn a_streamed_body_arrives_through_aws_chunked_with_its_trailing_checksum() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("artifact.zip");
    let contents: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&path, &contents).unwrap();
    let stream = || async { ByteStream::read_from().path(&path).buffer_size(65_536).build().await.unwrap() };
    let put = s3.client.put_object().bucket("data").key("a").body(stream().await).send().await.unwrap();
    assert!(put.checksum_crc32().is_some());
    let got = s3.client.get_object().bucket("data").key("a").send().await.unwrap();
    assert_eq!(got.content_encoding(), None, "aws-chunked belongs to the transport");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), contents);
}

#[tokio::test]
async fn a_checksum_that_does_not_fit_stores_nothing() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let put = || s3.client.put_object().bucket("data").key("a").body(body("hello"));
    let wrong_sha256 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(code(put().checksum_sha256(wrong_sha256).send().await), "BadDigest");
    assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("nonsense").send().await), "InvalidDigest");
    assert_eq!(code(s3.client.get_object().bucket("data").key("a").send().await), "NoSuchKey");
    assert_eq!(std::fs::read_dir(s3.directory.path().join("temporary")).unwrap().count(), 0);

    put()
        .checksum_sha256("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
        .content_md5("XUFAKrxLKna5cZ2REBfFkg==")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_trailing_checksum_that_does_not_fit_is_refused_on_the_wire() {
    let s3 = fixture();
    s3.s3.ensure_bucket("data", BucketSettings::default()).unwrap();
    let put = |encoded: &'static str| async {
        let request = Request::put("https://s3.eu-west-1.amazonaws.com/data/a?x-id=PutObject")
            .header("host", "s3.eu-west-1.amazonaws.com")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=key/20261122/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00")
            .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
            .header("x-amz-trailer", "x-amz-checksum-crc32")
            .header("x-amz-decoded-content-length", "5")
            .header("content-encoding", "aws-chunked")
            .body(Bytes::from_static(encoded.as_bytes()))
            .unwrap();
        let response: Response<Bytes> = s3.s3.serve(request).await;
        (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
    };
    let (status, text) = put("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").await;
    assert!(status == 400 && text.contains("<Code>BadDigest</Code>"), "{status} {text}");
    let (status, text) = put("5\r\nhel").await;
    assert!(status == 400 && text.contains("<Code>IncompleteBody</Code>"), "{status} {text}");
    assert_eq!(put("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").await.0, 200);
}

#[tokio::test]
async fn writes_and_reads_hold_to_their_conditions() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let put = |text: &str| s3.client.put_object().bucket("data").key("a").body(body(text));
    let get = || s3.client.get_object().bucket("data").key("a");
    let first = put("one").if_none_match("*").send().await.unwrap();
    assert_eq!(code(put("two").if_none_match("*").send().await), "PreconditionFailed");
    assert_eq!(code(put("two").if_match("\"other\"").send().await), "PreconditionFailed");
    let etag = first.e_tag().unwrap();
    let second = put("two").if_match(etag).send().await.unwrap();
    assert_eq!(code(get().if_match(etag).send().await), "PreconditionFailed");
    let not_modified = get().if_none_match(second.e_tag().unwrap()).send().await.unwrap_err();
    assert_eq!(not_modified.raw_response().unwrap().status().as_u16(), 304);
    let since = get().if_modified_since(DateTime::from_secs(4_000_000_000)).send().await.unwrap_err();
    assert_eq!(since.raw_response().unwrap().status().as_u16(), 304);

    let only_one = futures::future::join_all((0..8).map(|index| {
        let text = format!("writer {index}");
        s3.client.put_object().bucket("data").key("race").body(body(&text)).if_none_match("*").send()
    }))
    .await;
    assert_eq!(only_one.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_range_is_a_part_of_the_whole() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    s3.client.put_object().bucket("data").key("a").body(body("0123456789")).send().await.unwrap();
    let cases = [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ];
    for (range, text, shown) in cases {
        let got = s3.client.get_object().bucket("data").key("a").range(range).send().await.unwrap();
        assert_eq!(got.content_range(), Some(shown), "{range}");
        assert_eq!(got.body.collect().await.unwrap().into_bytes(), text, "{range}");
    }
    let outside = s3.client.get_object().bucket("data").key("a").range("bytes=10-").send().await;
    assert_eq!(code(outside), "InvalidRange");
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_was_said_about_it() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let put =
        s3.client.put_object().bucket("data").key("from/ü").body(body("text")).content_type("text/plain");
    put.send().await.unwrap();
    let copy = |to: &str| s3.client.copy_object().bucket("data").key(to).copy_source("data/from/%C3%BC");
    copy("kept").send().await.unwrap();
    let replace = copy("replaced").metadata_directive(MetadataDirective::Replace).content_type("text/html");
    replace.send().await.unwrap();
    for (key, content_type) in [("kept", "text/plain"), ("replaced", "text/html")] {
        let got = s3.client.get_object().bucket("data").key(key).send().await.unwrap();
        assert_eq!(got.content_type(), Some(content_type), "{key}");
        assert_eq!(got.body.collect().await.unwrap().into_bytes(), "text");
    }
    assert_eq!(code(copy("x").copy_source("data/missing").send().await), "NoSuchKey");
}

#[tokio::test]
async fn what_would_be_ignored_is_refused() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let put = || s3.client.put_object().bucket("data").key("a").body(body("x"));
    assert_eq!(code(put().tagging("a=b").send().await), "NotImplemented");
    assert_eq!(code(put().storage_class("GLACIER".into()).send().await), "NotImplemented");
    assert_eq!(code(put().website_redirect_location("/b").send().await), "NotImplemented");
    assert_eq!(code(put().acl(ObjectCannedAcl::PublicRead).send().await), "AccessControlListNotSupported");
    assert_eq!(code(put().ssekms_key_id("k").send().await), "InvalidArgument");
    assert_eq!(code(s3.client.get_bucket_policy().bucket("data").send().await), "NotImplemented");
    put().acl(ObjectCannedAcl::BucketOwnerFullControl).send().await.unwrap();
}

#[tokio::test]
async fn no_key_leaves_the_directory_and_no_key_is_too_long_for_it() {
    let s3 = fixture();
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let long = "x/".repeat(512);
    let keys = ["../../evil", "/etc/passwd", "a//b", ".", "..", "a\\b", "C:evil", "ü\u{301}", &long];
    for key in keys {
        s3.client.put_object().bucket("data").key(key).body(SdkBody::from(key).into()).send().await.unwrap();
        let got = s3.client.get_object().bucket("data").key(key).send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().into_bytes(), key.as_bytes(), "{key}");
    }
    let outside = s3.directory.path().parent().unwrap().join("evil");
    assert!(!outside.exists());
    let too_long = s3.client.put_object().bucket("data").key("x".repeat(1025)).body(body("")).send().await;
    assert_eq!(code(too_long), "KeyTooLongError");
}

#[tokio::test]
async fn object_created_is_told_to_event_bridge_by_buckets_that_do() {
    let s3 = fixture();
    s3.s3.ensure_bucket("loud", BucketSettings { versioned: true, event_bridge: true }).unwrap();
    s3.s3.ensure_bucket("quiet", BucketSettings::default()).unwrap();
    for bucket in ["loud", "quiet"] {
        s3.client.put_object().bucket(bucket).key("a/b.zip").body(body("zip")).send().await.unwrap();
    }
    let copy = s3.client.copy_object().bucket("loud").key("copy").copy_source("quiet/a/b.zip");
    copy.send().await.unwrap();
    let events = s3.events.0.lock().unwrap().clone();
    assert_eq!(events.len(), 2, "{events:?}");
    let event = &events[0];
    assert_eq!((&event["source"], &event["detail-type"]), (&"aws.s3".into(), &"Object Created".into()));
    assert_eq!(event["resources"][0], "arn:aws:s3:::loud");
    let detail = &event["detail"];
    assert_eq!((&detail["bucket"]["name"], &detail["reason"]), (&"loud".into(), &"PutObject".into()));
    assert_eq!((&detail["object"]["key"], &detail["object"]["size"]), (&"a/b.zip".into(), &3.into()));
    assert!(detail["object"]["version-id"].as_str().is_some_and(|version| version.len() == 32));
    assert_eq!(events[1]["detail"]["reason"], "CopyObject");
}
