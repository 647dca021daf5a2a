//! Whatever the official signer signs is accepted, and no byte of it can be changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[a-zA-Z0-9._~-]{0,8}",
        "(%[0-9a-fA-F]{2}){1,3}",
        "[a-z!$&'()*+,;=:@]{1,6}",
        Just(".".to_owned()),
        Just("..".to_owned()),
        Just(String::new()),
    ];
    vec(segment, 0..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Escapes are of UTF-8: the official signer takes other bytes for U+FFFD, so that it would sign two queries
/// as one.
fn query() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-zA-Z0-9._~-]{0,8}",
        "[+/?:@!$'()*,;=%-]{1,4}",
        "(%[2-7][0-9a-fA-F]|%20|%C3%A4|%e2%82%ac){1,3}",
    ];
    let pair = prop_oneof![
        ("[a-zA-Z0-9._~-]{0,5}", value.clone()).prop_map(|(name, value)| format!("{name}={value}")),
        value,
    ];
    vec(pair, 0..4).prop_map(|pairs| pairs.join("&"))
}

fn sent(service: &'static str) -> impl Strategy<Value = Sent> {
    let method = select(vec!["GET", "POST", "PUT", "DELETE", "HEAD"]);
    let header = ("[xX]-[a-zA-Z0-9-]{1,6}", "[ -~]{0,20}");
    (method, path(), query(), vec(header, 0..6), vec(any::<u8>(), 0..60)).prop_map(
        move |(method, path, query, headers, body)| {
            let mut sent = if service == "s3" { Sent::put_object() } else { Sent::list_pipelines() };
            let headers = headers.into_iter().filter(|(name, _)| !name.to_lowercase().starts_with("x-am"));
            sent.headers.extend(headers);
            Sent { method: method.into(), path, query, body, ..sent }
        },
    )
}

fn any_service() -> impl Strategy<Value = (&'static str, Sent)> {
    prop_oneof![
        sent("codepipeline").prop_map(|sent| ("codepipeline", sent)),
        sent("s3").prop_map(|sent| ("s3", sent)),
    ]
}

/// Parts of a request in which every letter and digit counts: not a path in which `..` takes away what stands
/// before it.
fn parts(sent: &mut Sent) -> Vec<&mut String> {
    let mut parts = vec![&mut sent.method, &mut sent.query];
    if !sent.path.split('/').any(|segment| segment == "..") {
        parts.push(&mut sent.path);
    }
    parts.extend(sent.headers.iter_mut().filter(|(name, _)| name != "User-Agent").map(|(_, value)| value));
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_official_signer_signs_is_accepted((service, sent) in any_service()) {
        let signed = sent.signed(&Signing { service, ..Signing::default() });
        let verified = signed.verified(NOW_MS, service).map(|principal| principal.name);
        prop_assert_eq!(verified, Ok("alice".to_owned()));
    }

    #[test]
    fn a_letter_or_digit_that_was_changed_is_noticed(
        (service, sent) in any_service(),
        place in any::<prop::sample::Index>(),
        other in "[a-zA-Z0-9]",
    ) {
        let mut sent = sent.signed(&Signing { service, ..Signing::default() });
        let mut parts = parts(&mut sent);
        let places = parts.iter().enumerate().flat_map(|(part, text)| {
            let letters = text.char_indices().filter(|(_, character)| character.is_ascii_alphanumeric());
            letters.map(move |(at, _)| (part, at))
        });
        let places: Vec<_> = places.collect();
        let (part, at) = places[place.index(places.len())];
        let is_escape = parts[part][..at].ends_with('%')
            || at >= 2 && parts[part].as_bytes()[at - 2] == b'%';
        prop_assume!(!is_escape && parts[part][at..=at] != *other);
        parts[part].replace_range(at..=at, &other);
        prop_assert!(sent.verified(NOW_MS, service).is_err(), "{:?}", sent);
    }

    #[test]
    fn a_byte_of_the_body_that_was_changed_is_noticed(
        (service, sent) in any_service(),
        place in any::<prop::sample::Index>(),
        mask in 1..=255_u8,
    ) {
        prop_assume!(!sent.body.is_empty());
        let mut sent = sent.signed(&Signing { service, ..Signing::default() });
        let place = place.index(sent.body.len());
        sent.body[place] ^= mask;
        prop_assert!(sent.verified(NOW_MS, service).is_err());
    }

    #[test]
    fn nothing_that_is_sent_is_too_strange_to_be_refused(
        method in ".*", path in ".*", query in ".*",
        headers in vec((".*", ".*"), 0..5), authorization in "(AWS4-HMAC-SHA256 )?.*",
        body in vec(any::<u8>(), 0..10),
    ) {
        let mut sent = Sent { method, path, query, headers, body };
        sent.add("authorization", &authorization);
        prop_assert!(sent.verified(NOW_MS, "codepipeline").is_err());
    }
}

/// A time that grew with the square of a part's length would not end within a day.
#[test]
fn a_megabyte_of_every_part_does_no_harm() {
    const LENGTH: usize = 1_000_000;
    let mut sent = Sent::list_pipelines();
    sent.add("x-a", "");
    let mut sent = sent.signed(&Signing::default());
    sent.path = "/a/..".repeat(LENGTH / 5);
    sent.query = "%41&".repeat(LENGTH / 4);
    *sent.value("x-a") = " a".repeat(LENGTH / 2);
    (0..LENGTH / 10).for_each(|number| sent.add(&format!("x-b-{number}"), "b"));
    assert_eq!(sent.verified(NOW_MS, "codepipeline"), Err(SignatureError::Mismatch));
    sent.value("x-amz-security-token").push_str(&"A".repeat(LENGTH));
    assert_eq!(sent.verified(NOW_MS, "codepipeline"), Err(SignatureError::UnknownToken));
    *sent.value("authorization") = format!("AWS4-HMAC-SHA256 {}", "a=,".repeat(LENGTH / 3));
    assert!(sent.verified(NOW_MS, "codepipeline").is_err());
}
