//! A row for every trap: what is done to a request that would be accepted, and what it is refused with.

use super::*;
use crate::Protocol;

type Change = fn(&mut Sent);

/// What is done, how, the exception, and what its message has to say.
type Case = (&'static str, Change, &'static str, &'static str);

/// Changes of a request for CodePipeline after it was signed.
const JSON: &[Case] = &[
    (
        "no Authorization",
        |sent| sent.remove("authorization"),
        "MissingAuthenticationTokenException",
        "is not signed",
    ),
    (
        "a second Authorization",
        |sent| {
            let value = sent.value("authorization").clone();
            sent.add("authorization", &value);
        },
        "IncompleteSignatureException",
        "authorization stands there twice",
    ),
    (
        "two Authorizations that a gateway has joined",
        |sent| {
            let value = sent.value("authorization");
            *value = format!("{value},{value}");
        },
        "IncompleteSignatureException",
        "unknown name",
    ),
    (
        "a bearer token",
        |sent| *sent.value("authorization") = "Bearer a".into(),
        "IncompleteSignatureException",
        "'Bearer'",
    ),
    (
        "no signature",
        |sent| cut(sent, ", Signature="),
        "IncompleteSignatureException",
        "requires the parameter 'Signature'",
    ),
    (
        "no signed headers",
        |sent| cut(sent, ", SignedHeaders="),
        "IncompleteSignatureException",
        "'SignedHeaders'",
    ),
    (
        "a scope without a service",
        |sent| replace(sent, "/codepipeline", ""),
        "IncompleteSignatureException",
        "<service>",
    ),
    (
        "a scope of SigV4A",
        |sent| replace(sent, "HMAC", "ECDSA-P256"),
        "IncompleteSignatureException",
        "ECDSA",
    ),
    (
        "signed headers out of order",
        |sent| replace(sent, "content-type;host", "host;content-type"),
        "IncompleteSignatureException",
        "alphabetical",
    ),
    (
        "another region",
        |sent| replace(sent, "eu-west-1", "us-east-1"),
        "InvalidSignatureException",
        "got 'us-east-1', expected 'eu-west-1'",
    ),
    (
        "another service",
        |sent| replace(sent, "/codepipeline", "/logs"),
        "InvalidSignatureException",
        "got 'logs', expected 'codepipeline'",
    ),
    (
        "another day in the scope",
        |sent| replace(sent, "20261122", "20261121"),
        "InvalidSignatureException",
        "'20261121' is not the day of '20261122T040000Z'",
    ),
    (
        "half a day in the scope",
        |sent| replace(sent, "20261122", "202611"),
        "InvalidSignatureException",
        "'202611'",
    ),
    (
        "no x-amz-date",
        |sent| sent.remove("x-amz-date"),
        "InvalidSignatureException",
        "'x-amz-date' must be a 'SignedHeader'",
    ),
    (
        "a date that is none",
        |sent| *sent.value("x-amz-date") = "yesterday".into(),
        "IncompleteSignatureException",
        "Got 'yesterday'",
    ),
    (
        "another time",
        |sent| *sent.value("x-amz-date") = "20261122T040001Z".into(),
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "the operation is not signed",
        |sent| replace(sent, ";x-amz-target", ""),
        "InvalidSignatureException",
        "'x-amz-target' must",
    ),
    ("the host is not signed", |sent| replace(sent, ";host", ""), "InvalidSignatureException", "'host' must"),
    (
        "the content type is not signed",
        |sent| replace(sent, "content-type;", ""),
        "InvalidSignatureException",
        "'content-type' must",
    ),
    (
        "the session token is not signed",
        |sent| replace(sent, "x-amz-security-token;", ""),
        "InvalidSignatureException",
        "'x-amz-security-token' must",
    ),
    ("no operation", |sent| sent.remove("x-amz-target"), "InvalidSignatureException", "'x-amz-target' must"),
    (
        "a second operation",
        |sent| sent.add("x-amz-target", "CodePipeline_20150709.DeletePipeline"),
        "IncompleteSignatureException",
        "x-amz-target stands there twice",
    ),
    (
        "a signed header is gone",
        |sent| replace(sent, "host;", "host;x-a;"),
        "InvalidSignatureException",
        "'x-a' is in SignedHeaders",
    ),
    (
        "no session token",
        |sent| sent.remove("x-amz-security-token"),
        "UnrecognizedClientException",
        "Keys of AWS are not known",
    ),
    (
        "a session token of somebody else",
        |sent| *sent.value("x-amz-security-token") = of("mallory").session_token,
        "UnrecognizedClientException",
        "not of this access key",
    ),
    (
        "a session token that was changed",
        |sent| sent.value("x-amz-security-token").push('A'),
        "UnrecognizedClientException",
        "`pipewright credentials`",
    ),
    (
        "a session token of another version",
        |sent| sent.value("x-amz-security-token").replace_range(..2, "v2"),
        "UnrecognizedClientException",
        "invalid",
    ),
    ("another access key", |sent| replace(sent, "PW", "AKIA"), "UnrecognizedClientException", "access key"),
    ("another method", |sent| sent.method = "GET".into(), "InvalidSignatureException", "does not match"),
    (
        "another path",
        |sent| sent.path = "/prod".into(),
        "InvalidSignatureException",
        "A proxy that changes the path",
    ),
    ("a query", |sent| sent.query = "a".into(), "InvalidSignatureException", "does not match"),
    (
        "another host",
        |sent| *sent.value("host") = "other".into(),
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "another operation",
        |sent| *sent.value("x-amz-target") = "CodePipeline_20150709.DeletePipeline".into(),
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "no body instead of an empty object",
        |sent| sent.body.clear(),
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "the body still in base64",
        |sent| sent.body = b"e30=".into(),
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "presigned",
        |sent| sent.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0".into(),
        "IncompleteSignatureException",
        "presigned",
    ),
    (
        "presigned, spelled otherwise",
        |sent| sent.query = "x-amz%2Dsignature=0".into(),
        "IncompleteSignatureException",
        "presigned",
    ),
    (
        "a signature in capitals",
        |sent| {
            let value = sent.value("authorization");
            let at = value.rfind('=').unwrap();
            value[at..].make_ascii_uppercase();
        },
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "half a signature",
        |sent| {
            let value = sent.value("authorization");
            value.truncate(value.len() - 32);
        },
        "InvalidSignatureException",
        "does not match",
    ),
    (
        "a hash of the body that is not signed",
        |sent| sent.add("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        "InvalidSignatureException",
        "'x-amz-content-sha256' must",
    ),
];

/// Changes of a request for S3 after it was signed, with the codes of S3.
const S3: &[Case] = &[
    ("no Authorization", |sent| sent.remove("authorization"), "AccessDenied 403", "is not signed"),
    ("another body", |sent| sent.body.push(b'!'), "XAmzContentSHA256Mismatch 400", "x-amz-content-sha256"),
    (
        "no hash of the body",
        |sent| sent.remove("x-amz-content-sha256"),
        "AccessDenied 403",
        "'x-amz-content-sha256' must",
    ),
    (
        "a body that is not signed",
        |sent| *sent.value("x-amz-content-sha256") = "UNSIGNED-PAYLOAD".into(),
        "NotImplemented 501",
        "payload_signing_enabled",
    ),
    (
        "a body in chunks",
        |sent| *sent.value("x-amz-content-sha256") = "STREAMING-UNSIGNED-PAYLOAD-TRAILER".into(),
        "NotImplemented 501",
        "when_required",
    ),
    (
        "a header of S3 that is not signed",
        |sent| sent.add("x-amz-acl", "public-read"),
        "AccessDenied 403",
        "'x-amz-acl' must",
    ),
    (
        "a path that is normalised",
        |sent| sent.path = "/bucket/a/c%20d".into(),
        "SignatureDoesNotMatch 403",
        "does not match",
    ),
    (
        "another region",
        |sent| replace(sent, "eu-west-1", "us-east-1"),
        "AuthorizationHeaderMalformed 400",
        "us-east-1",
    ),
    ("no session token", |sent| sent.remove("x-amz-security-token"), "InvalidAccessKeyId 403", "not known"),
    (
        "a session token that was changed",
        |sent| sent.value("x-amz-security-token").push('A'),
        "InvalidToken 400",
        "invalid",
    ),
];

fn of(principal: &str) -> Credentials {
    issue(&master(), principal, alice().validity)
}

fn replace(sent: &mut Sent, from: &str, to: &str) {
    let value = sent.value("authorization");
    assert!(value.contains(from), "{value} has {from}");
    *value = value.replacen(from, to, 1);
}

/// Takes a parameter out.
fn cut(sent: &mut Sent, name: &str) {
    let value = sent.value("authorization");
    let start = value.find(name).unwrap();
    let end = value[start + 1..].find(',').map_or(value.len(), |length| start + 1 + length);
    value.replace_range(start..end, "");
}

#[test]
fn every_change_of_a_signed_request_is_refused_by_its_name() {
    for (case, change, code, says) in JSON {
        let mut sent = Sent::list_pipelines().signed(&Signing::default());
        change(&mut sent);
        let error = sent.verified(NOW_MS, "codepipeline").expect_err(case);
        assert_eq!(
            (error.code(Protocol::Json), error.status(Protocol::Json)),
            (*code, 400),
            "{case}: {error}"
        );
        assert!(error.to_string().contains(says), "{case}: {error}");
    }
}

#[test]
fn s3_has_names_of_its_own() {
    for (case, change, answer, says) in S3 {
        let mut sent = Sent::put_object().signed(&Signing { service: "s3", ..Signing::default() });
        change(&mut sent);
        let error = sent.verified(NOW_MS, "s3").expect_err(case);
        let given = format!("{} {}", error.code(Protocol::S3), error.status(Protocol::S3));
        assert_eq!(given, *answer, "{case}: {error}");
        assert!(error.to_string().contains(says), "{case}: {error}");
    }
}

#[test]
fn a_clock_that_is_wrong_is_told_both_times() {
    let sent = Sent::list_pipelines().signed(&Signing::default());
    let late = sent.verified(NOW_MS + 301_000, "codepipeline").unwrap_err();
    assert!(
        late.to_string().starts_with(
            "Signature expired: 20261122T040000Z is now earlier than 20261122T040001Z (20261122T040501Z - 5 min.). \
             The request says that it is 20261122T040000Z, and here it is 20261122T040501Z: set the clock"
        ),
        "{late}"
    );
    let early = sent.verified(NOW_MS - 301_000, "codepipeline").unwrap_err();
    assert!(
        early.to_string().starts_with(
            "Signature not yet current: 20261122T040000Z is still later than 20261122T035959Z \
             (20261122T035459Z + 5 min.)"
        ),
        "{early}"
    );
    assert_eq!(early.code(Protocol::Json), "InvalidSignatureException");
    assert_eq!(early.code(Protocol::S3), "RequestTimeTooSkewed");
}

#[test]
fn a_key_expires_at_the_moment_that_its_token_says() {
    let end_ms = NOW_MS + HOUR_MS;
    let sent = Sent::list_pipelines().signed(&Signing { at_ms: end_ms, ..Signing::default() });
    assert!(sent.verified(end_ms - 1, "codepipeline").is_ok());
    let error = sent.verified(end_ms, "codepipeline").unwrap_err();
    assert_eq!(error.code(Protocol::Json), "ExpiredTokenException");
    assert_eq!(error.code(Protocol::S3), "ExpiredToken");
    assert!(
        error.to_string().contains("valid until 2026-11-22T05:00:00Z, and here it is 2026-11-22T05:00:00Z")
    );
}

#[test]
fn a_key_of_another_service_is_unknown_and_its_secret_signs_nothing() {
    let other = MasterKey::new([7; 32]);
    let foreign = issue(&other, "alice", alice().validity);
    let sent = Sent::list_pipelines().signed(&Signing { credentials: foreign.clone(), ..Signing::default() });
    assert_eq!(sent.verified(NOW_MS, "codepipeline"), Err(SignatureError::UnknownToken));
    let mixed = Credentials { secret_access_key: foreign.secret_access_key, ..alice() };
    let sent = Sent::list_pipelines().signed(&Signing { credentials: mixed, ..Signing::default() });
    assert_eq!(sent.verified(NOW_MS, "codepipeline"), Err(SignatureError::Mismatch));
}
