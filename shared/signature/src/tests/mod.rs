//! The official signer of the AWS SDK for Rust is the oracle: what it signs is accepted, and nothing else.

mod accepted;
mod credentials;
mod identity_proof;
mod properties;
mod refused;

use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;

use crate::{
    Credentials, MasterKey, Principal, Scope, SignatureError, SignedRequest, Validity, issue, verify,
};

/// 2026-11-22T04:00:00Z
const NOW_MS: i64 = 1_795_320_000_000;
const HOUR_MS: i64 = 3_600_000;

fn master() -> MasterKey {
    MasterKey::new(*b"a key of exactly thirty-two byte")
}

fn alice() -> Credentials {
    issue(&master(), "alice", Validity { issued_at_ms: NOW_MS, not_after_ms: NOW_MS + HOUR_MS })
}

/// A request that owns its parts, to be signed, changed and verified.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// For whom and when something is signed.
#[derive(Clone)]
struct Signing {
    credentials: Credentials,
    region: &'static str,
    service: &'static str,
    at_ms: i64,
}

impl Default for Signing {
    fn default() -> Self {
        Self { credentials: alice(), region: "eu-west-1", service: "codepipeline", at_ms: NOW_MS }
    }
}

impl Sent {
    fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            method: method.into(),
            path: path.into(),
            query: String::new(),
            headers: headers.collect(),
            body: body.into(),
        }
    }

    /// As the AWS CLI calls CodePipeline.
    fn list_pipelines() -> Self {
        let headers = [
            ("Host", "127.0.0.1:8787"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "CodePipeline_20150709.ListPipelines"),
            ("User-Agent", "aws-cli/2"),
        ];
        Self::new("POST", "/", &headers, b"{}")
    }

    fn put_object() -> Self {
        let headers = [("Host", "127.0.0.1:8787"), ("x-amz-meta-a", "b")];
        Self::new("PUT", "/bucket/a//b/../c%20d", &headers, b"content")
    }

    fn uri(&self) -> String {
        let question = if self.query.is_empty() { "" } else { "?" };
        format!("http://127.0.0.1:8787{}{question}{}", self.path, self.query)
    }

    /// Adds what the official signer adds.
    fn signed(mut self, signing: &Signing) -> Self {
        let keys = &signing.credentials;
        let identity = aws_credential_types::Credentials::new(
            &keys.access_key_id,
            &keys.secret_access_key,
            Some(keys.session_token.clone()),
            None,
            "test",
        )
        .into();
        let mut settings = SigningSettings::default();
        if signing.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(signing.at_ms).unwrap());
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(signing.region)
            .name(signing.service)
            .time(at)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let uri = self.uri();
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(&self.body);
        let signable = SignableRequest::new(&self.method, uri, headers, body).unwrap();
        let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
        let added = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.headers.extend(added.collect::<Vec<_>>());
        self
    }

    fn verified(&self, now_ms: i64, service: &str) -> Result<Principal, SignatureError> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = SignedRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
        };
        verify(&request, &master(), now_ms, Scope { region: "eu-west-1", services: &[service] })
    }

    fn position(&self, name: &str) -> usize {
        self.headers.iter().position(|(header, _)| header.eq_ignore_ascii_case(name)).unwrap()
    }

    fn value(&mut self, name: &str) -> &mut String {
        let position = self.position(name);
        &mut self.headers[position].1
    }

    fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    fn remove(&mut self, name: &str) {
        let position = self.position(name);
        self.headers.remove(position);
    }
}
