//! Multipart uploads.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::{Fixture, code, fixture};

const FIVE_MEBIBYTES: usize = 5 * 1024 * 1024;

async fn start(s3: &Fixture) -> String {
    s3.client.create_bucket().bucket("data").send().await.unwrap();
    let create =
        s3.client.create_multipart_upload().bucket("data").key("big").content_type("application/zip");
    create.send().await.unwrap().upload_id().unwrap().to_string()
}

async fn part(s3: &Fixture, upload: &str, number: i32, contents: Vec<u8>) -> CompletedPart {
    let part = s3.client.upload_part().bucket("data").key("big").upload_id(upload).part_number(number);
    let answer = part.body(ByteStream::from(contents)).send().await.unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(answer.e_tag().map(Into::into)).build()
}

async fn complete(s3: &Fixture, upload: &str, parts: &[&CompletedPart]) -> Result<String, String> {
    let parts = parts.iter().map(|part| (*part).clone()).collect();
    let named = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = s3.client.complete_multipart_upload().bucket("data").key("big").upload_id(upload);
    match complete.multipart_upload(named).send().await {
        Ok(answer) => Ok(answer.e_tag().unwrap().to_string()),
        Err(error) => Err(code(Err::<(), _>(error))),
    }
}

#[tokio::test]
async fn parts_become_one_object() {
    let s3 = fixture();
    let upload = start(&s3).await;
    let second = part(&s3, &upload, 2, b"the end".to_vec()).await;
    let first = part(&s3, &upload, 1, vec![b'x'; FIVE_MEBIBYTES]).await;
    let etag = complete(&s3, &upload, &[&first, &second]).await.unwrap();
    // md5(md5(part 1) + md5(part 2)).
    assert_eq!(etag, "\"a334376c08dec28a059ba0177b030d39-2\"");
    let got = s3.client.get_object().bucket("data").key("big").send().await.unwrap();
    assert_eq!(got.content_type(), Some("application/zip"));
    let contents = got.body.collect().await.unwrap().to_vec();
    assert_eq!(contents.len(), FIVE_MEBIBYTES + 7);
    assert!(contents.ends_with(b"xthe end"));
    assert_eq!(complete(&s3, &upload, &[&first]).await, Err("NoSuchUpload".into()));
    assert_eq!(std::fs::read_dir(s3.directory.path().join("uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn parts_that_do_not_fit_are_refused_and_the_upload_stays() {
    let s3 = fixture();
    let upload = start(&s3).await;
    let first = part(&s3, &upload, 1, b"small".to_vec()).await;
    let second = part(&s3, &upload, 2, b"small too".to_vec()).await;
    let other = CompletedPart::builder().part_number(1).e_tag("\"other\"").build();
    let missing = CompletedPart::builder().part_number(3).e_tag("\"other\"").build();
    let cases: [(&[&CompletedPart], &str); 5] = [
        (&[&first, &second], "EntityTooSmall"),
        (&[&second, &first], "InvalidPartOrder"),
        (&[&other], "InvalidPart"),
        (&[&missing], "InvalidPart"),
        (&[], "MalformedXML"),
    ];
    for (parts, expected) in cases {
        assert_eq!(complete(&s3, &upload, parts).await, Err(expected.into()));
    }
    assert!(complete(&s3, &upload, &[&second]).await.is_ok(), "one part may be small");
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let s3 = fixture();
    let upload = start(&s3).await;
    part(&s3, &upload, 1, b"text".to_vec()).await;
    for foreign in ["../../buckets/data", "00000000000000000000000000000000"] {
        let abort = s3.client.abort_multipart_upload().bucket("data").key("big").upload_id(foreign);
        assert_eq!(code(abort.send().await), "NoSuchUpload", "{foreign}");
    }
    let abort = s3.client.abort_multipart_upload().bucket("data").key("big").upload_id(&upload);
    abort.send().await.unwrap();
    assert_eq!(std::fs::read_dir(s3.directory.path().join("uploads")).unwrap().count(), 0);
}
