use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use local_service::{ApiError, Service};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

/// 2001-09-09
const CREATED_MS: i64 = 1_000_000_000_000;

/// A group `builds`, whose streams are the files of a folder, and a group without streams.
struct Files {
    folder: TempDir,
    running: Option<&'static str>,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder, running: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn service(self) -> (Arc<Self>, LocalLogs) {
        let files = Arc::new(self);
        let account = Account { id: "111122223333".into(), region: "eu-west-1".into() };
        (files.clone(), LocalLogs::new(account, files))
    }
}

impl LogSource for Files {
    /// The first letter of a stream is its age.
    fn streams(&self, group: &str) -> Option<Vec<LogStream>> {
        if group == "empty" {
            return Some(Vec::new());
        }
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        (group == "builds").then(|| {
            names
                .map(|name| LogStream {
                    path: self.path(&name),
                    created_at_ms: CREATED_MS + i64::from(name.as_bytes()[0] - b'a'),
                    is_complete: self.running != Some(name.as_str()),
                    name,
                })
                .collect()
        })
    }
}

async fn get(service: &LocalLogs, stream: &str, more: Value) -> Result<Value, ApiError> {
    let mut input = json!({ "logGroupName": "builds", "logStreamName": stream });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    service.call("GetLogEvents", input).await
}

fn messages(output: &Value) -> Vec<&str> {
    output["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_log_is_read_from_its_head_until_the_token_no_longer_moves() {
    let (_, service) = Files::new(&[("a", "one\ntwo\n\nthree")]).service();
    let first = get(&service, "a", json!({"startFromHead": true, "limit": 2})).await.unwrap();
    assert_eq!(messages(&first), ["one", "two"]);
    let second = get(&service, "a", json!({"nextToken": first["nextForwardToken"]})).await.unwrap();
    assert_eq!(messages(&second), ["", "three"]);
    let end = get(&service, "a", json!({"nextToken": second["nextForwardToken"]})).await.unwrap();
    assert_eq!(messages(&end), Vec::<&str>::new());
    assert_eq!(end["nextForwardToken"], second["nextForwardToken"]);
    let back = get(&service, "a", json!({"nextToken": second["nextBackwardToken"]})).await.unwrap();
    assert_eq!(messages(&back), ["one", "two"]);
}

#[tokio::test]
async fn a_log_is_read_from_its_end_where_nothing_else_is_said() {
    let (_, service) = Files::new(&[("a", "one\ntwo\nthree\n")]).service();
    let last = get(&service, "a", json!({"limit": 2})).await.unwrap();
    assert_eq!(messages(&last), ["two", "three"]);
    let before =
        get(&service, "a", json!({"limit": 2, "nextToken": last["nextBackwardToken"]})).await.unwrap();
    assert_eq!(messages(&before), ["one"]);
    let none = get(&service, "a", json!({"nextToken": before["nextBackwardToken"]})).await.unwrap();
    assert_eq!(messages(&none), Vec::<&str>::new());
    assert_eq!(none["nextBackwardToken"], before["nextBackwardToken"]);
    let forward = get(&service, "a", json!({"nextToken": none["nextForwardToken"]})).await.unwrap();
    assert_eq!(messages(&forward), ["one", "two", "three"]);
}

#[tokio::test]
async fn a_growing_log_is_followed_by_whole_lines() {
    let files = Files { running: Some("a"), ..Files::new(&[]) };
    files.append("a", "");
    let (files, service) = files.service();
    let mut token = json!(null);
    let mut seen = Vec::new();
    for text in ["", "one\ntw", "o\n", "", "\u{e4}", "\n"] {
        files.append("a", text);
        let page = get(&service, "a", json!({"startFromHead": true, "nextToken": token})).await.unwrap();
        seen.extend(messages(&page).into_iter().map(str::to_owned));
        token = page["nextForwardToken"].clone();
    }
    assert_eq!(seen, ["one", "two", "\u{e4}"]);
}

#[tokio::test]
async fn a_page_of_a_large_log_has_a_megabyte_and_no_line_is_lost_or_torn() {
    let lines: Vec<_> = (0..60_000).map(|number| format!("{number} {}", "x".repeat(number % 90))).collect();
    let (_, service) = Files::new(&[("a", &(lines.join("\n") + "\n"))]).service();
    for (mut input, token, limit) in [
        (json!({"startFromHead": true}), "nextForwardToken", 10_000),
        (json!({"limit": 7001}), "nextBackwardToken", 7001),
    ] {
        let mut pages = Vec::new();
        loop {
            let page = get(&service, "a", input.clone()).await.unwrap();
            let texts: Vec<_> = messages(&page).into_iter().map(str::to_owned).collect();
            if texts.is_empty() {
                break;
            }
            assert!(texts.len() <= limit && texts.iter().map(String::len).sum::<usize>() <= 1024 * 1024);
            input["nextToken"] = page[token].clone();
            pages.push(texts);
        }
        if token == "nextBackwardToken" {
            pages.reverse();
        }
        assert!(pages.len() >= 6);
        assert!(pages.concat() == lines, "{token}");
    }
}

#[tokio::test]
async fn a_line_that_is_longer_than_a_page_is_several_events() {
    let long = "x".repeat(3 * 1024 * 1024 + 17);
    let (_, service) = Files::new(&[("a", &format!("before\n{long}\nafter\n"))]).service();
    let mut input = json!({"startFromHead": true});
    let mut seen = Vec::new();
    loop {
        let page = get(&service, "a", input.clone()).await.unwrap();
        if messages(&page).is_empty() {
            break;
        }
        seen.extend(messages(&page).into_iter().map(str::to_owned));
        input["nextToken"] = page["nextForwardToken"].clone();
    }
    assert_eq!((seen.first().unwrap().as_str(), seen.last().unwrap().as_str()), ("before", "after"));
    assert!(seen[1..seen.len() - 1].concat() == long && seen.iter().all(|event| event.len() <= 256 * 1024));
    let last = get(&service, "a", json!({})).await.unwrap();
    assert_eq!(messages(&last), ["after"]);
    let before = get(&service, "a", json!({"nextToken": last["nextBackwardToken"]})).await.unwrap();
    assert!(messages(&before).iter().all(|event| event.starts_with('x')) && messages(&before).len() > 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_directions_have_the_same_lines_whatever_the_pages_are(
        lines in prop::collection::vec("[a-c ]{0,6}", 0..30),
        limit in 1..9_i64,
        ends_with_newline in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut text = lines.join("\n");
        text += if ends_with_newline && !lines.is_empty() { "\n" } else { "" };
        let expected: Vec<_> = text.lines().map(str::to_owned).collect();
        let (_, service) = Files::new(&[("a", &text)]).service();
        for (head, token) in [(true, "nextForwardToken"), (false, "nextBackwardToken")] {
            let mut input = json!({"startFromHead": head, "limit": limit});
            let mut pages = Vec::new();
            loop {
                let page = runtime.block_on(get(&service, "a", input.clone())).unwrap();
                let is_end = page[token] == input["nextToken"];
                prop_assert_eq!(is_end, messages(&page).is_empty() && !input["nextToken"].is_null());
                if is_end {
                    break;
                }
                input["nextToken"] = page[token].clone();
                pages.push(messages(&page).into_iter().map(str::to_owned).collect::<Vec<_>>());
            }
            if !head {
                pages.reverse();
            }
            prop_assert_eq!(pages.concat(), expected.clone());
        }
    }
}

#[tokio::test]
async fn lines_have_the_time_at_which_they_were_seen_first_and_are_chosen_by_it() {
    let (files, service) = Files::new(&[]).service();
    for (text, at_s) in [("one\ntwo\n", 2_000_000_001), ("three\n", 2_000_000_002), ("four\n", 2_000_000_003)]
    {
        files.append("a", text);
        let file = fs::File::options().append(true).open(files.path("a")).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(at_s)).unwrap();
        get(&service, "a", json!({"limit": 1})).await.unwrap();
    }
    let all = get(&service, "a", json!({"startFromHead": true})).await.unwrap();
    let event = |message: &str, at_s: i64| json!({"message": message, "timestamp": at_s * 1000, "ingestionTime": 2_000_000_003_000_i64});
    let times =
        [("one", 2_000_000_001), ("two", 2_000_000_001), ("three", 2_000_000_002), ("four", 2_000_000_003)];
    assert_eq!(all["events"], json!(times.map(|(message, at_s)| event(message, at_s))));
    for (start, end, expected) in [
        (Some(2_000_000_002_000_i64), None, vec!["three", "four"]),
        (None, Some(2_000_000_002_000_i64), vec!["one", "two"]),
        (Some(2_000_000_001_001), Some(2_000_000_003_000), vec!["three"]),
        (Some(2_000_000_003_001), None, vec![]),
        (None, Some(2_000_000_001_000), vec![]),
        (Some(2_000_000_003_000), Some(2_000_000_001_000), vec![]),
    ] {
        let range = json!({"startTime": start, "endTime": end});
        assert_eq!(messages(&get(&service, "a", range.clone()).await.unwrap()), expected, "{range}");
        let forward = json!({"startTime": start, "endTime": end, "startFromHead": true});
        assert_eq!(messages(&get(&service, "a", forward).await.unwrap()), expected, "{range}");
        let mut input = range.clone();
        input["logGroupName"] = "builds".into();
        let filtered = service.call("FilterLogEvents", input).await.unwrap();
        assert_eq!(messages(&filtered), expected, "{range}");
    }
}

#[tokio::test]
async fn a_group_is_filtered_from_its_oldest_stream_on() {
    let files = Files::new(&[("b", "x 3\ny 4\nx 5\n"), ("a2", "x 2\n"), ("a1", "y 0\nx 1\n"), ("c", "")]);
    let (_, service) = files.service();
    let mut input = json!({"logGroupIdentifier": "arn:aws:logs:eu-west-1:111122223333:log-group:builds:*", "filterPattern": "x", "limit": 2});
    let mut seen = Vec::new();
    loop {
        let page = service.call("FilterLogEvents", input.clone()).await.unwrap();
        for event in page["events"].as_array().unwrap() {
            seen.push(format!(
                "{} {}",
                event["eventId"].as_str().unwrap(),
                event["message"].as_str().unwrap()
            ));
        }
        input["nextToken"] = page["nextToken"].clone();
        if input["nextToken"].is_null() {
            break;
        }
    }
    let at = |stream: &str, offset: u64, message: &str| format!("{stream}/{offset:020} {message}");
    assert_eq!(seen, [at("a1", 4, "x 1"), at("a2", 0, "x 2"), at("b", 0, "x 3"), at("b", 8, "x 5")]);
    for (chosen, expected) in [
        (json!({"logStreamNames": ["b", "a2"]}), vec!["x 2", "x 3", "y 4", "x 5"]),
        (json!({"logStreamNamePrefix": "a"}), vec!["y 0", "x 1", "x 2"]),
    ] {
        let mut input = chosen;
        input["logGroupName"] = "builds".into();
        assert_eq!(messages(&service.call("FilterLogEvents", input).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn a_search_that_finds_nothing_in_a_lot_goes_on_with_the_next_call() {
    let (_, service) =
        Files::new(&[("a", &(("x".repeat(1023) + "\n").repeat(24 * 1024) + "found\n"))]).service();
    let mut input = json!({"logGroupName": "builds", "filterPattern": "found"});
    let mut calls = 0;
    let found = loop {
        calls += 1;
        let page = service.call("FilterLogEvents", input.clone()).await.unwrap();
        if page["nextToken"].is_null() {
            break page;
        }
        assert_eq!(messages(&page), Vec::<&str>::new());
        input["nextToken"] = page["nextToken"].clone();
    };
    assert_eq!(messages(&found), ["found"]);
    assert!(calls > 1);
}

#[tokio::test]
async fn streams_are_described_in_order_page_by_page() {
    let (files, service) = Files::new(&[("a", "one\n"), ("b", ""), ("ab", "x\n")]).service();
    let first_time = fs::File::options().append(true).open(files.path("ab")).unwrap();
    first_time.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(2_000_000_000)).unwrap();
    let names = async |mut input: Value| {
        input["logGroupName"] = "builds".into();
        let mut names = Vec::new();
        loop {
            let page = service.call("DescribeLogStreams", input.clone()).await.unwrap();
            let streams = page["logStreams"].as_array().unwrap().iter();
            names.extend(streams.map(|stream| stream["logStreamName"].as_str().unwrap().to_owned()));
            if page["nextToken"].is_null() {
                return names;
            }
            input["nextToken"] = page["nextToken"].clone();
        }
    };
    assert_eq!(names(json!({})).await, ["a", "ab", "b"]);
    assert_eq!(names(json!({"limit": 1})).await, ["a", "ab", "b"]);
    assert_eq!(names(json!({"limit": 2, "descending": true})).await, ["b", "ab", "a"]);
    assert_eq!(names(json!({"logStreamNamePrefix": "a"})).await, ["a", "ab"]);
    let latest = names(json!({"limit": 1, "descending": true, "orderBy": "LastEventTime"})).await;
    assert_eq!(latest[0], "ab");
    let described = service.call("DescribeLogStreams", json!({"logGroupName": "builds"})).await.unwrap();
    let stream = &described["logStreams"][1];
    assert_eq!(stream["arn"], "arn:aws:logs:eu-west-1:111122223333:log-group:builds:log-stream:ab");
    assert_eq!(stream["lastEventTimestamp"], 2_000_000_000_000_i64);
    assert_eq!(stream["creationTime"], CREATED_MS);
    assert!(described["logStreams"][2]["lastEventTimestamp"].is_null());
}

#[tokio::test]
async fn what_cannot_be_answered_has_the_name_that_aws_gives_it() {
    let (_, service) = Files::new(&[("a", "one\n")]).service();
    let invalid = "InvalidParameterException";
    let missing = "ResourceNotFoundException";
    for (operation, input, code, says) in [
        (
            "GetLogEvents",
            json!({"logGroupName": "other", "logStreamName": "a"}),
            missing,
            "log group does not exist",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "builds", "logStreamName": "z"}),
            missing,
            "log stream does not exist",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "empty", "logStreamName": "a"}),
            missing,
            "log stream does not exist",
        ),
        ("GetLogEvents", json!({"logGroupName": "builds"}), invalid, "logStreamName"),
        ("GetLogEvents", json!({"logStreamName": "a"}), invalid, "either logGroupName"),
        (
            "GetLogEvents",
            json!({"logGroupName": "builds", "logStreamName": "a", "nextToken": "x"}),
            invalid,
            "nextToken",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "builds", "logStreamName": "a", "nextToken": "f/5"}),
            invalid,
            "nextToken",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "builds", "logStreamName": "a", "limit": 0}),
            invalid,
            "1 to 10000",
        ),
        ("FilterLogEvents", json!({"logGroupName": "other"}), missing, "log group"),
        (
            "FilterLogEvents",
            json!({"logGroupName": "builds", "filterPattern": "?a ?b"}),
            invalid,
            "filter pattern",
        ),
        ("FilterLogEvents", json!({"logGroupName": "builds", "nextToken": "x"}), invalid, "nextToken"),
        (
            "FilterLogEvents",
            json!({"logGroupName": "builds", "logStreamNames": ["z"]}),
            missing,
            "log stream",
        ),
        (
            "FilterLogEvents",
            json!({"logGroupName": "builds", "logStreamNames": ["a"], "logStreamNamePrefix": "a"}),
            invalid,
            "either logStreamNames",
        ),
        ("DescribeLogStreams", json!({"logGroupName": "other"}), missing, "log group"),
        ("DescribeLogStreams", json!({"logGroupName": "builds", "limit": 51}), invalid, "1 to 50"),
        (
            "DescribeLogStreams",
            json!({"logGroupName": "builds", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"}),
            invalid,
            "LastEventTime",
        ),
        ("PutLogEvents", json!({}), "UnsupportedOperation", "PutLogEvents"),
    ] {
        let error = service.call(operation, input.clone()).await.expect_err(operation);
        assert_eq!(error.code, code, "{operation} {input}: {error}");
        assert!(error.message.contains(says), "{operation} {input}: {error}");
    }
}

#[tokio::test]
async fn a_stream_without_a_file_has_no_events_yet() {
    struct Announced;
    impl LogSource for Announced {
        fn streams(&self, _: &str) -> Option<Vec<LogStream>> {
            let (name, path) = ("a".to_owned(), PathBuf::from("/nowhere/at/all"));
            Some(vec![LogStream { name, path, created_at_ms: CREATED_MS, is_complete: false }])
        }
    }
    let account = Account { id: "111122223333".into(), region: "eu-west-1".into() };
    let service = LocalLogs::new(account, Arc::new(Announced));
    let page = get(&service, "a", json!({"startFromHead": true})).await.unwrap();
    assert_eq!(messages(&page), Vec::<&str>::new());
    assert_eq!(page["nextForwardToken"], "f/00000000000000000000");
}
