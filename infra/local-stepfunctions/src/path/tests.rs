use serde_json::{Value, json};

use super::{JsonPath, ReferencePath};

fn document() -> Value {
    json!({
        "a": { "b": [10, 20, 30, 40], "c d": "space", "n": null },
        "books": [
            { "title": "one", "price": 8, "tags": ["x"] },
            { "title": "two", "price": 12 },
            { "title": "three", "price": 8.5, "isbn": "3" },
        ],
        "limit": 10,
    })
}

#[test]
fn a_path_selects_what_step_functions_selects() {
    let cases = [
        ("$.a.b[1]", json!(20)),
        ("$.a.b[-1]", json!(40)),
        ("$['a']['c d']", json!("space")),
        ("$.a.n", json!(null)),
        ("$.a.b[1:3]", json!([20, 30])),
        ("$.a.b[:2]", json!([10, 20])),
        ("$.a.b[-2:]", json!([30, 40])),
        ("$.a.b[0,2]", json!([10, 30])),
        ("$.a.b[*]", json!([10, 20, 30, 40])),
        ("$.books[*].title", json!(["one", "two", "three"])),
        ("$.books[*].isbn", json!(["3"])),
        ("$.books.[0].title", json!("one")),
        ("$..isbn", json!(["3"])),
        ("$..price", json!([8, 12, 8.5])),
        ("$.books[?(@.price < 10)].title", json!(["one", "three"])),
        ("$.books[?(@.price > $.limit)].title", json!(["two"])),
        ("$.books[?(@.title == 'two' || @.isbn)].price", json!([12, 8.5])),
        ("$.books[?(!@.isbn && @.price >= 8)].title", json!(["one", "two"])),
        ("$.books[?(@.title=='none')]", json!([])),
        ("$.books[0]['title','price']", json!(["one", 8])),
    ];
    for (path, expected) in cases {
        let parsed = JsonPath::parse(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(parsed.find(&document()).as_deref(), Some(&expected), "{path}");
    }
}

#[test]
fn a_definite_path_that_leads_nowhere_finds_nothing() {
    for path in ["$.x", "$.a.b[9]", "$.a.b.c", "$.limit[0]", "$.books.title"] {
        assert_eq!(JsonPath::parse(path).expect(path).find(&document()), None, "{path}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for path in ["", "a.b", "$.", "$.a[", "$.a[']", "$.a.length()", "$.a b", "$[?(@.a ~ 1)]", "$.a[0:3:0]"] {
        assert!(JsonPath::parse(path).is_err(), "{path}");
    }
}

#[test]
fn a_result_is_put_where_the_reference_path_says() {
    let cases = [
        ("$", json!({"a": 1}), Some(json!("R"))),
        ("$.a", json!({"a": 1, "b": 2}), Some(json!({"a": "R", "b": 2}))),
        ("$.x.y", json!({}), Some(json!({"x": {"y": "R"}}))),
        ("$.a[1]", json!({"a": [1, 2]}), Some(json!({"a": [1, "R"]}))),
        ("$.a[2]", json!({"a": [1, 2]}), None),
        ("$.a.b", json!({"a": "text"}), None),
        ("$.a", json!([1]), None),
    ];
    for (path, document, expected) in cases {
        let reference = ReferencePath::parse(path).expect(path);
        assert_eq!(reference.insert(document, json!("R")), expected, "{path}");
    }
}

#[test]
fn a_reference_path_names_one_place() {
    for path in ["$.a[*]", "$..a", "$.a[0:1]", "$$.Execution", "$.a[?(@.b)]", "$.a['b','c']"] {
        assert!(ReferencePath::parse(path).is_err(), "{path}");
    }
}
