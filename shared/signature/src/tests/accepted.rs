//! What clients and the machines between do to a request without changing it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::*;

#[test]
fn the_principal_of_a_signed_request_is_known() {
    let signing = Signing::default();
    let principal = Sent::list_pipelines().signed(&signing).verified(NOW_MS, "codepipeline").unwrap();
    assert_eq!(
        principal,
        Principal {
            name: "alice".into(),
            role: None,
            access_key_id: signing.credentials.access_key_id,
            issued_at_ms: NOW_MS,
            not_after_ms: NOW_MS + HOUR_MS,
            service: "codepipeline".into(),
        }
    );
}

/// In the protocol RPC v2 CBOR.
fn list_pipelines_by_path() -> Sent {
    let headers = [
        ("Host", "127.0.0.1:8787"),
        ("Content-Type", "application/cbor"),
        ("Smithy-Protocol", "rpc-v2-cbor"),
    ];
    Sent::new("POST", "/service/CodePipeline_20150709/operation/ListPipelines", &headers, &[0xa0])
}

#[test]
fn the_operation_may_be_in_the_path_and_nobody_adds_another_one() {
    let signed = list_pipelines_by_path().signed(&Signing::default());
    signed.clone().verified(NOW_MS, "codepipeline").unwrap();
    let mut added = signed.clone();
    added.add("x-amz-target", "CodePipeline_20150709.DeletePipeline");
    let refused = added.verified(NOW_MS, "codepipeline").unwrap_err();
    assert_eq!(refused, SignatureError::UnsignedHeader("x-amz-target".into()));
    let mut changed = signed;
    changed.path = changed.path.replace("ListPipelines", "DeletePipeline");
    assert_eq!(changed.verified(NOW_MS, "codepipeline"), Err(SignatureError::Mismatch));
}

#[test]
fn a_request_may_be_written_in_other_ways() {
    type Prepare = fn(&mut Sent);
    let cases: &[(&str, Prepare, Prepare)] = &[
        ("without a body", |sent| sent.body.clear(), |_| ()),
        ("a stage before the path", |sent| sent.path = "/prod/".into(), |_| ()),
        ("the host of a custom domain", |sent| *sent.value("host") = "pipelines.example".into(), |_| ()),
        (
            "a query in another order",
            |sent| sent.query = "b=2&a=1".into(),
            |sent| {
                sent.query = "a=1&b=2".into();
            },
        ),
        (
            "a repeated header",
            |sent| {
                sent.add("x-a", "1");
                sent.add("X-A", "2");
            },
            |_| (),
        ),
        (
            "a repeated header that a gateway has joined",
            |sent| {
                sent.add("x-a", "1");
                sent.add("x-a", "2");
            },
            |sent| {
                sent.remove("x-a");
                *sent.value("x-a") = "1,2".into();
            },
        ),
        (
            "blanks around and inside of a value",
            |sent| sent.add("x-a", "  a   b "),
            |sent| {
                *sent.value("x-a") = "a b".into();
            },
        ),
        (
            "names of headers in capitals",
            |_| (),
            |sent| {
                sent.headers.iter_mut().for_each(|(name, _)| name.make_ascii_uppercase());
            },
        ),
        ("headers in another order", |_| (), |sent| sent.headers.reverse()),
        (
            "headers that a proxy has added",
            |_| (),
            |sent| {
                sent.add("X-Forwarded-For", "192.0.2.1");
                sent.add("X-Amzn-Trace-Id", "Root=1-0");
                sent.add("x-amz-cf-id", "of CloudFront");
            },
        ),
        (
            "a user agent that a proxy has changed",
            |_| (),
            |sent| {
                *sent.value("user-agent") = "other".into();
            },
        ),
    ];
    for (case, before, after) in cases {
        let mut sent = Sent::list_pipelines();
        before(&mut sent);
        let mut sent = sent.signed(&Signing::default());
        after(&mut sent);
        let verified = sent.verified(NOW_MS, "codepipeline").map(|principal| principal.name);
        assert_eq!(verified.as_deref(), Ok("alice"), "{case}");
    }
}

#[test]
fn s3_takes_the_path_as_it_is_and_the_hash_of_the_body_in_a_header() {
    let sent = Sent::put_object().signed(&Signing { service: "s3", ..Signing::default() });
    assert_eq!(sent.verified(NOW_MS, "s3").unwrap().service, "s3");
}

#[test]
fn clocks_may_be_five_minutes_apart() {
    for apart_ms in [-300_000, -299_999, 0, 299_999, 300_000] {
        let sent = Sent::list_pipelines().signed(&Signing::default());
        assert!(sent.verified(NOW_MS + apart_ms, "codepipeline").is_ok(), "{apart_ms}");
    }
}

/// A second signer that shares no code with the first: `botocore/sign.py` says how they came to be.
#[test]
fn requests_of_the_python_sdk_are_accepted_as_they_were_sent() {
    #[derive(Deserialize)]
    struct Recorded {
        method: String,
        path: String,
        query: String,
        headers: Vec<(String, String)>,
        body: String,
    }
    let recorded: Vec<Recorded> = serde_json::from_str(include_str!("../../botocore/signed.json")).unwrap();
    let mut accepted = std::collections::BTreeMap::new();
    for Recorded { method, path, query, headers, body } in recorded {
        let mut sent = Sent { method, path, query, headers, body: STANDARD.decode(body).unwrap() };
        let authorization = sent.value("authorization");
        let service = authorization.split('/').nth(3).unwrap().to_owned();
        let verified = sent.verified(NOW_MS, &service).map(|principal| principal.name);
        assert_eq!(verified.as_deref(), Ok("alice"), "{sent:?}");
        *accepted.entry(service).or_insert(0) += 1;
    }
    assert_eq!(
        accepted.into_iter().collect::<Vec<_>>(),
        [("codepipeline".to_owned(), 4), ("logs".to_owned(), 1), ("s3".to_owned(), 4)]
    );
}
