//! Whatever is sent, a request is verified or refused: nothing panics, and nothing that was not signed is verified.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signature::{MasterKey, Scope, SignedRequest, Validity, issue, verify};

/// 2026-11-22T04:00:00Z
const NOW_MS: i64 = 1_795_320_000_000;

// Parts of a request, one on a line: the method, the path, the query, headers as `name:value`; an empty line; the body.
fuzz_target!(|data: &[u8]| {
    let master = MasterKey::new([7; MasterKey::BYTES]);
    let validity = Validity { issued_at_ms: NOW_MS, not_after_ms: NOW_MS + 3_600_000 };
    let keys = issue(&master, "alice", validity);
    let (head, body) = match data.windows(2).position(|two| two == b"\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, b"".as_slice()),
    };
    let Ok(head) = std::str::from_utf8(head) else { return };
    // So that the fuzzer need not find out what only the service can make.
    let head = head.replace("$KEY", &keys.access_key_id).replace("$TOKEN", &keys.session_token);
    let mut lines = head.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (method, path, query) = (next(), next(), next());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let request = SignedRequest { method, path, query, headers: &headers, body };
    let services = ["codepipeline", "s3", "logs"];
    let scope = Scope { region: "us-east-1", services: &services };
    assert!(verify(&request, &master, NOW_MS, scope).is_err(), "nobody has signed it");
});
