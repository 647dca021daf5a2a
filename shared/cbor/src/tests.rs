//! There and back, and what hostile clients send.

use serde_json::json;

use crate::{decode, encode};

const TIMES: &[&str] = &["created", "updated"];

#[test]
fn what_is_written_is_read_again() {
    for value in [
        json!({}),
        json!({ "name": "shop", "version": 3, "none": null, "flag": true, "far": -70_000, "list": [1, "a", []] }),
        json!({ "pipeline": { "stages": [{ "actions": [{ "configuration": { "created": "text" } }] }] } }),
        json!({ "created": 1_795_323_600.125, "updated": 5, "maxResults": u64::MAX }),
    ] {
        let bytes = encode(&value, TIMES).expect("it is written");
        assert_eq!(decode(&bytes).expect("it is read"), value);
    }
}

#[test]
fn times_have_their_tag_and_nothing_else_has() {
    let time = [0xa1, 0x67, b'c', b'r', b'e', b'a', b't', b'e', b'd', 0xc1, 0xfb];
    assert!(encode(&json!({ "created": 0.5 }), TIMES).expect("it is written").starts_with(&time));
    assert_eq!(
        encode(&json!({ "created": "x" }), TIMES).expect("it is written")[9],
        0x61,
        "a text of one byte"
    );
    assert_eq!(encode(&json!({ "version": 1 }), TIMES).expect("it is written").last(), Some(&1));
}

#[test]
fn items_without_a_length_texts_in_pieces_and_short_floats_are_read() {
    // {_ "a": (_ "b", "c"), "d": [_ 1, undefined], "e": 1.5 in four bytes, "f": 1(7)}
    let bytes = [
        0xbf, 0x61, b'a', 0x7f, 0x61, b'b', 0x61, b'c', 0xff, 0x61, b'd', 0x9f, 0x01, 0xf7, 0xff, 0x61, b'e',
        0xfa, 0x3f, 0xc0, 0x00, 0x00, 0x61, b'f', 0xc1, 0x07, 0xff,
    ];
    assert_eq!(decode(&bytes).expect("it is read"), json!({ "a": "bc", "d": [1, null], "e": 1.5, "f": 7 }));
}

#[test]
fn what_is_no_input_is_refused_and_nothing_breaks() {
    let deep = vec![0x81; 10_000];
    let tagged = vec![0xc1; 10_000];
    let claims = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for bytes in
        [&b""[..], &[0x42, 1, 2], &[0xff], &[0xa1, 0x01, 0x01], &[0xa0, 0xa0], &deep, &tagged, &claims]
    {
        decode(bytes).expect_err("it is no input");
    }
}
