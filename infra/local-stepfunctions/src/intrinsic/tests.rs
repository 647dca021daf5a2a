use serde_json::{Value, json};

use super::Call;
use crate::data::with_data;
use crate::failure::Failure;
use crate::randomness::Randomness;

fn evaluate(source: &str) -> Result<Value, Failure> {
    let call = Call::parse(source).unwrap_or_else(|error| panic!("{error}"));
    let input =
        json!({ "name": "Ada", "n": 3, "list": [1, 2, 3, 3], "o": { "a": 1 }, "p": { "a": 2, "b": 3 } });
    with_data(&input, &json!({ "Execution": { "Name": "E" } }), |data| {
        call.evaluate(data, &mut Randomness::new("seed"))
    })
}

#[test]
fn an_intrinsic_function_gives_what_aws_documents() {
    let cases = [
        (r"States.Format('Hello {}, {} of {}', $.name, $.n, 5)", json!("Hello Ada, 3 of 5")),
        (r"States.Format('{}', $.o)", json!("{\"a\":1}")),
        (r"States.Format('\{\} it\'s \\ {}', null)", json!("{} it's \\ null")),
        (r"States.Format($$.Execution.Name)", json!("E")),
        (r#"States.StringToJson('{"a": [1, true]}')"#, json!({ "a": [1, true] })),
        (r"States.JsonToString($.list)", json!("[1,2,3,3]")),
        (r"States.Array('a', 1, $.n, States.Array())", json!(["a", 1, 3, []])),
        (r"States.ArrayPartition($.list, 3)", json!([[1, 2, 3], [3]])),
        (r"States.ArrayContains($.list, 2)", json!(true)),
        (r"States.ArrayContains($.list, '2')", json!(false)),
        (r"States.ArrayRange(1, 9, 2)", json!([1, 3, 5, 7, 9])),
        (r"States.ArrayRange(3, 1, -1)", json!([3, 2, 1])),
        (r"States.ArrayGetItem($.list, 1)", json!(2)),
        (r"States.ArrayLength($.list)", json!(4)),
        (r"States.ArrayUnique($.list)", json!([1, 2, 3])),
        (r"States.Base64Encode('Data to encode')", json!("RGF0YSB0byBlbmNvZGU=")),
        (r"States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", json!("Data to encode")),
        (r"States.Hash('input data', 'MD5')", json!("812f45842bc6d66ee14572ce20db8e86")),
        (r"States.Hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
        (
            r"States.Hash('input data', 'SHA-256')",
            json!("b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"),
        ),
        (r"States.JsonMerge($.o, $.p, false)", json!({ "a": 2, "b": 3 })),
        (r"States.MathAdd($.n, -1)", json!(2)),
        (r"States.StringSplit('1,2;3,,4', ',;')", json!(["1", "2", "3", "4"])),
        (r"States.ArrayLength(States.StringSplit('a b', ' '))", json!(2)),
    ];
    for (source, expected) in cases {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_an_intrinsic_failure() {
    for source in [
        "States.Format('{}')",
        "States.Format('{', 1)",
        "States.Format('', 1)",
        "States.StringToJson('{')",
        "States.ArrayRange(1, 3, 0)",
        "States.ArrayRange(1, 2000, 1)",
        "States.ArrayGetItem($.list, 9)",
        "States.ArrayPartition($.list, 0)",
        "States.ArrayLength($.name)",
        "States.Hash('a', 'CRC')",
        "States.JsonMerge($.o, $.p, true)",
        "States.MathAdd(2147483647, 1)",
        "States.Base64Decode('?')",
    ] {
        assert_eq!(evaluate(source).expect_err(source).error, "States.IntrinsicFailure", "{source}");
    }
    assert_eq!(evaluate("States.Format('{}', $.none)").expect_err("no value").error, "States.Runtime");
}

#[test]
fn random_values_are_in_range_and_repeat_with_the_seed() {
    for _ in 0..100 {
        let value = evaluate("States.MathRandom(5, 8)").expect("a number").as_i64();
        assert!(value.is_some_and(|value| (5..8).contains(&value)), "{value:?}");
    }
    assert_eq!(evaluate("States.MathRandom(1, 9999, 7)"), evaluate("States.MathRandom(1, 9999, 7)"));
    let uuid = evaluate("States.UUID()").expect("a UUID");
    assert_eq!(uuid.as_str().map(str::len), Some(36));
}

#[test]
fn what_is_no_call_is_refused() {
    for source in [
        "States.Nothing()",
        "States.UUID(1)",
        "States.Format('a'",
        "States.Format('a) ",
        "States.Array(a)",
        "States.Array(1) 2",
        "text",
    ] {
        assert!(Call::parse(source).is_err(), "{source}");
    }
}
