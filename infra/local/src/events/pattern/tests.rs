use serde_json::json;

use super::*;

#[test]
fn patterns_against_a_build_event() {
    let event = json!({
        "source": "aws.codebuild",
        "detail-type": "CodeBuild Build State Change",
        "resources": ["arn:a", "arn:b"],
        "detail": {
            "build-status": "FAILED",
            "project-name": "Web-Site",
            "duration": 42.5,
            "attempt": 1,
            "ok": false,
            "nothing": null,
            "phases": [{"name": "INSTALL", "state": "SUCCEEDED"}, {"name": "BUILD", "state": "FAILED"}],
        },
    });
    for (pattern, expected) in [
        (json!({"source": ["aws.codebuild"]}), true),
        (
            json!({"source": ["aws.codebuild", "aws.s3"], "detail-type": ["CodeBuild Build State Change"]}),
            true,
        ),
        (json!({"source": ["aws.s3"]}), false),
        (json!({"source": ["aws.codebuild"], "detail": {"build-status": ["SUCCEEDED"]}}), false),
        (json!({"detail": {"build-status": ["SUCCEEDED", "FAILED"]}}), true),
        (json!({"detail": {"attempt": [1], "ok": [false], "nothing": [null]}}), true),
        (json!({"detail": {"attempt": ["1"]}}), false),
        (json!({"resources": ["arn:b"]}), true),
        (json!({"resources": ["arn:c"]}), false),
        (json!({"detail": {"phases": {"name": ["BUILD"], "state": ["FAILED"]}}}), true),
        (json!({"detail": {"phases": {"name": ["INSTALL"], "state": ["FAILED"]}}}), false),
        (json!({"detail": {"build-status": [{"prefix": "FA"}]}}), true),
        (json!({"detail": {"project-name": [{"prefix": {"equals-ignore-case": "WEB"}}]}}), true),
        (json!({"detail": {"build-status": [{"suffix": "LED"}]}}), true),
        (json!({"detail": {"project-name": [{"suffix": {"equals-ignore-case": "-SITE"}}]}}), true),
        (json!({"detail": {"project-name": [{"equals-ignore-case": "web-site"}]}}), true),
        (json!({"detail": {"project-name": [{"wildcard": "W*-*e"}]}}), true),
        (json!({"detail": {"project-name": [{"wildcard": "W*-x"}]}}), false),
        (json!({"detail": {"build-status": [{"anything-but": "IN_PROGRESS"}]}}), true),
        (json!({"detail": {"build-status": [{"anything-but": ["FAILED", "STOPPED"]}]}}), false),
        (json!({"detail": {"build-status": [{"anything-but": {"prefix": "FA"}}]}}), false),
        (json!({"detail": {"build-status": [{"anything-but": {"suffix": ["ED", "ING"]}}]}}), false),
        (json!({"detail": {"absent": [{"anything-but": "x"}]}}), false),
        (json!({"detail": {"duration": [{"numeric": [">", 42, "<=", 42.5]}]}}), true),
        (json!({"detail": {"duration": [{"numeric": ["<", 42]}]}}), false),
        (json!({"detail": {"build-status": [{"numeric": ["<", 42]}]}}), false),
        (json!({"detail": {"duration": [{"exists": true}]}}), true),
        (json!({"detail": {"absent": [{"exists": true}]}}), false),
        (json!({"detail": {"absent": [{"exists": false}]}}), true),
        (json!({"absent": {"deeper": [{"exists": false}]}}), true),
        (json!({"absent": {"deeper": ["x"]}}), false),
        (json!({"$or": [{"source": ["aws.s3"]}, {"detail": {"attempt": [1]}}]}), true),
        (json!({"$or": [{"source": ["aws.s3"]}, {"source": ["aws.ec2"]}]}), false),
        (json!({"source": ["aws.s3"], "$or": [{"detail": {"attempt": [1]}}]}), false),
    ] {
        let read = Pattern::parse(&pattern).expect("understood");
        assert_eq!(read.matches(&event), expected, "{pattern}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (pattern, expected) in [
        (json!({}), "names at least one field"),
        (json!([]), "is an object"),
        (json!({"source": "aws.s3"}), "source: values are written as a list"),
        (json!({"source": []}), "source: the list of values is empty"),
        (
            json!({"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}),
            "detail: ip: the comparison cidr is not supported",
        ),
        (json!({"a": [{"prefix": 1}]}), "a: prefix must be a text"),
        (json!({"a": [{"prefix": "x", "suffix": "y"}]}), "a: a comparison is an object with one entry"),
        (json!({"a": [{"numeric": ["<"]}]}), "a: numeric must be"),
        (json!({"a": [{"numeric": ["!", 1]}]}), "is not one of = < <= > >="),
        (json!({"a": [{"anything-but": {"cidr": "x"}}]}), "the comparison cidr is not supported"),
        (json!({"a": [{"anything-but": []}]}), "anything-but: the list is empty"),
        (json!({"a": [{"wildcard": "a\\*"}]}), "a wildcard with"),
        (json!({"a": [{"exists": "yes"}]}), "exists must be"),
        (json!({"$or": [{"a": "x"}]}), "$or: a: values are written as a list"),
    ] {
        let problem = Pattern::parse(&pattern).expect_err("refused");
        assert!(problem.contains(expected), "{pattern}: {problem}");
    }
}
