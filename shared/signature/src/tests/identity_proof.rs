//! Presigned calls of GetCallerIdentity: the official signer's are taken, and nothing else is.

use std::time::Duration;

use aws_sigv4::http_request::SignatureLocation;

use super::*;
use crate::{
    CALLER_IDENTITY_QUERY, ENDPOINT_HEADER, ProofError, identity_call, is_presigned, sts_host,
    verify_presigned,
};

const ENDPOINT: &str = "https://abc.execute-api.eu-west-1.amazonaws.com";

/// As `alice` presigns it for a service.
fn proof(endpoint: &str, expires_seconds: u64) -> String {
    let keys = alice();
    let (key, secret, token) = (&keys.access_key_id, &keys.secret_access_key, keys.session_token.clone());
    let identity = aws_credential_types::Credentials::new(key, secret, Some(token), None, "test").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(expires_seconds));
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("sts")
        .time(UNIX_EPOCH + Duration::from_millis(u64::try_from(NOW_MS).unwrap()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = format!("https://{}/?{CALLER_IDENTITY_QUERY}", sts_host("eu-west-1"));
    let headers = [(ENDPOINT_HEADER, endpoint)].into_iter();
    let signable = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[])).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    let mut request = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    request.uri().to_string()
}

/// What STS is sent for a proof, by a service at `endpoint`.
fn verified(path_and_query: &str, endpoint: &str, now_ms: i64) -> Result<Principal, SignatureError> {
    let (path, query) = path_and_query.split_once('?').unwrap();
    assert!(is_presigned(query), "{query}");
    let host = sts_host("eu-west-1");
    let headers = [("host", host.as_str()), (ENDPOINT_HEADER, endpoint)];
    let request = SignedRequest { method: "GET", path, query, headers: &headers, body: b"" };
    verify_presigned(&request, &master(), now_ms, Scope { region: "eu-west-1", services: &["sts"] })
}

#[test]
fn a_proof_is_taken_for_a_minute_and_says_who_made_it() {
    let proof = proof(ENDPOINT, 60);
    for after_seconds in [-60, 0, 60] {
        let now_ms = NOW_MS + after_seconds * 1000;
        let call = identity_call(&proof, "eu-west-1", now_ms).unwrap();
        assert_eq!(verified(&call, ENDPOINT, now_ms).unwrap().name, "alice", "after {after_seconds} s");
    }
    for after_seconds in [-61, 61, 3600] {
        let now_ms = NOW_MS + after_seconds * 1000;
        let refused = identity_call(&proof, "eu-west-1", now_ms).unwrap_err();
        assert_eq!(refused, ProofError::NotOfNow { signed_at_ms: NOW_MS, now_ms }, "after {after_seconds} s");
    }
}

#[test]
fn a_proof_for_one_service_is_worth_nothing_to_another() {
    let call = identity_call(&proof(ENDPOINT, 60), "eu-west-1", NOW_MS).unwrap();
    for (endpoint, now_ms, expected) in [
        ("https://evil.example", NOW_MS, SignatureError::Mismatch),
        ("", NOW_MS, SignatureError::Mismatch),
        (ENDPOINT, NOW_MS + 61_000, SignatureError::Skewed { signed_at_ms: NOW_MS, now_ms: NOW_MS + 61_000 }),
    ] {
        assert_eq!(verified(&call, endpoint, now_ms), Err(expected), "{endpoint}");
    }
    for (from, to) in [("GetCallerIdentity", "AssumeRole"), ("X-Amz-Expires=60", "X-Amz-Expires=59")] {
        assert_eq!(verified(&call.replace(from, to), ENDPOINT, NOW_MS), Err(SignatureError::Mismatch));
    }
}

#[test]
fn nothing_but_that_one_call_is_a_proof() {
    let proof = proof(ENDPOINT, 60);
    let (address, query) = proof.split_once('?').unwrap();
    let at = |address: &str| format!("{address}?{query}");
    let with = |from: &str, to: &str| {
        assert!(query.contains(from), "{from}");
        format!("{address}?{}", query.replacen(from, to, 1))
    };
    let other_address = "has to begin with https://sts.eu-west-1.amazonaws.com/?";
    for (what, url, expected) in [
        ("another host", at("https://evil.example/"), other_address),
        ("the metadata of an instance", at("http://169.254.169.254/latest/meta-data/"), other_address),
        (
            "another host behind a name",
            at("https://sts.eu-west-1.amazonaws.com@evil.example/"),
            other_address,
        ),
        ("a name before the host", at("https://me@sts.eu-west-1.amazonaws.com/"), other_address),
        ("a longer host", at("https://sts.eu-west-1.amazonaws.com.evil.example/"), other_address),
        ("a dot behind the host", at("https://sts.eu-west-1.amazonaws.com./"), other_address),
        ("a port", at("https://sts.eu-west-1.amazonaws.com:8443/"), other_address),
        ("the port of the scheme", at("https://sts.eu-west-1.amazonaws.com:443/"), other_address),
        ("without TLS", at("http://sts.eu-west-1.amazonaws.com/"), other_address),
        ("another scheme", at("file:///etc/passwd"), other_address),
        ("another Region", at("https://sts.us-east-1.amazonaws.com/"), other_address),
        ("another service", at("https://iam.amazonaws.com/"), other_address),
        ("another path", at("https://sts.eu-west-1.amazonaws.com/redirect"), other_address),
        ("in other case", at("https://STS.eu-west-1.amazonaws.com/"), other_address),
        ("a line before it", at("\nhttps://sts.eu-west-1.amazonaws.com/"), other_address),
        ("no query", "https://sts.eu-west-1.amazonaws.com/".into(), other_address),
        ("an empty query", "https://sts.eu-west-1.amazonaws.com/?".into(), "'Action' is missing"),
        ("another action", with("GetCallerIdentity", "AssumeRole"), "'Action' has to be GetCallerIdentity"),
        ("another version", with("2011-06-15", "2011-06-16"), "'Version' has to be 2011-06-15"),
        ("an action twice", format!("{proof}&Action=AssumeRole"), "'Action' is there twice"),
        (
            "a parameter of another call",
            format!("{proof}&RoleArn=r"),
            "'RoleArn' is there twice, or should not",
        ),
        ("a name in other case", with("Action=", "action="), "'action' is there twice, or should not"),
        ("a fragment", format!("{proof}#x"), "characters that no parameter has"),
        (
            "a line break",
            with("GetCallerIdentity", "Get%0D%0ACallerIdentity"),
            "characters that no parameter has",
        ),
        ("what is no text", with("GetCallerIdentity", "%ff"), "characters that no parameter has"),
        (
            "another algorithm",
            with("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            "'X-Amz-Algorithm' has to be",
        ),
        (
            "the endpoint is not signed",
            with("host%3Bx-pipewright-endpoint", "host"),
            "'X-Amz-SignedHeaders' has to be",
        ),
        ("an hour long", with("X-Amz-Expires=60", "X-Amz-Expires=3600"), "a number from 1 to 60"),
        ("for no time", with("X-Amz-Expires=60", "X-Amz-Expires=0"), "a number from 1 to 60"),
        ("no signature", with("X-Amz-Signature=", "X-Amz-Signature=z"), "64 hexadecimal digits"),
        ("a scope of another Region", with("eu-west-1", "us-east-1"), "/20261122/eu-west-1/sts/aws4_request"),
        (
            "a scope of another service",
            with("%2Fsts%2F", "%2Fiam%2F"),
            "/20261122/eu-west-1/sts/aws4_request",
        ),
        ("no date", with("20261122T040000Z", "now"), "credential has to be"),
        ("too long", format!("{proof}{}", "0".repeat(16 * 1024)), "more than 16384 bytes"),
    ] {
        let refused = identity_call(&url, "eu-west-1", NOW_MS).expect_err(what).to_string();
        assert!(refused.contains(expected), "{what}: {refused}");
    }
}

#[test]
fn every_parameter_of_the_signature_is_needed() {
    let proof = proof(ENDPOINT, 60);
    let (address, query) = proof.split_once('?').unwrap();
    let pairs: Vec<_> = query.split('&').collect();
    assert_eq!(pairs.len(), 9, "{query}");
    for removed in pairs.iter().filter(|pair| !pair.starts_with("X-Amz-Security-Token=")) {
        let rest: Vec<_> = pairs.iter().filter(|pair| pair != &removed).copied().collect();
        let url = format!("{address}?{}", rest.join("&"));
        let refused = identity_call(&url, "eu-west-1", NOW_MS).expect_err(removed);
        assert!(matches!(refused, ProofError::Missing(_)), "{removed}: {refused}");
    }
}

#[test]
fn each_partition_has_its_hosts() {
    for (region, host) in [
        ("eu-west-1", "sts.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
    ] {
        assert_eq!(sts_host(region), host);
    }
}
