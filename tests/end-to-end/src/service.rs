//! `pipewright up`: a team's service on one machine, from its start to its end.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::declare::{PIPELINE, approval, commands, stage};
use crate::process::{Running, command, pipewright};
use crate::served::{Served, exchange};

#[test]
fn a_service_runs_what_it_is_told_and_ends_when_it_is_told() {
    let mut served = Served::with([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    assert_eq!(served.newest_end(), "Succeeded");
    served.say(&["logs", PIPELINE, "Compile"]).assert_status(0).assert_says(&["hello"]);
    served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
    served.service().until("both executions", |output| output.matches("  succeeded in ").count() == 2);
    assert_eq!(served.service().output().matches("  started, version 1\n").count(), 2);

    let service_file = served.data().join("service.json");
    let mode = fs::metadata(&service_file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    served.signal("TERM");
    let ended = served.end();
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    assert!(!service_file.exists(), "nobody can be asked any more");
    served.say(&["list"]).assert_status(7).assert_says(&["pipewright up"]);
}

#[test]
fn what_the_resources_said_is_kept_without_their_file() {
    let mut served = Served::with([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    assert_eq!(served.newest_end(), "Succeeded");
    served.signal("INT");
    served.end();
    fs::remove_file(served.workplace.path().join("local-resources.yaml")).expect("it was there");
    served.start(&[]);
    served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
}

#[test]
fn strangers_are_refused_and_health_is_open() {
    let served = Served::open();
    let address = served.address();
    let port = address.rsplit(':').next().expect("a port");
    let health = format!("GET /health HTTP/1.1\r\nhost: {address}");
    let call = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: "
    );
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=ApiFunction/20261122/us-east-1/dynamodb/aws4_request, \
                  SignedHeaders=host, Signature=00";
    let large = vec![b' '; 7 * 1024 * 1024];
    let table: [(String, &[u8], u16, &str); 13] = [
        (health.clone(), b"", 200, "\"ready\":true"),
        (
            format!("GET /health HTTP/1.1\r\nhost: localhost:{port}\r\naccept: text/html"),
            b"",
            200,
            "✔ Pipewright",
        ),
        ("GET /health HTTP/1.1\r\nhost: rebound.example".to_owned(), b"", 421, "Host"),
        ("GET /health HTTP/1.1\r\nhost: 127.0.0.1".to_owned(), b"", 421, "Host"),
        (format!("{health}\r\norigin: http://elsewhere.example"), b"", 403, "another origin"),
        (format!("GET http://elsewhere.example/ HTTP/1.1\r\nhost: {address}"), b"", 400, "no proxy"),
        (format!("{call}CodePipeline_20150709.ListPipelines"), b"{}", 400, "MissingAuthenticationToken"),
        (format!("{call}DynamoDB_20120810.ListTables"), b"{}", 400, "MissingAuthenticationToken"),
        // The id by which the connector knows a function is no key.
        (format!("{call}DynamoDB_20120810.ListTables\r\n{signed}"), b"{}", 400, "InvalidSignature"),
        (format!("{call}Pipewright.WriteSnapshot"), b"{}", 400, "MissingAuthenticationToken"),
        (format!("{call}Nobody.Knows"), b"{}", 400, "UnknownOperation"),
        (format!("GET /pipelines HTTP/1.1\r\nhost: {address}"), b"", 404, "UnknownOperation"),
        (format!("{call}CodePipeline_20150709.ListPipelines"), &large, 413, "RequestEntityTooLarge"),
    ];
    for (head, body, status, part) in table {
        let reply = served.request(&head, body);
        assert_eq!(reply.status, status, "{head}\n\n{}", reply.text);
        assert!(reply.text.contains(part), "{head}\n\n{}", reply.text);
        assert!(!reply.text.to_ascii_lowercase().contains("access-control-"), "{}", reply.text);
    }
    let over_ipv6 = TcpStream::connect(format!("[::1]:{port}")).is_ok();
    if over_ipv6 {
        let reply =
            exchange(&format!("[::1]:{port}"), &format!("GET /health HTTP/1.1\r\nhost: [::1]:{port}"), b"");
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}

#[test]
fn slow_clients_hold_nobody_up() {
    let served = Served::open();
    let address = served.address();
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("the service listens");
            stream.write_all(b"POST / HTTP/1.1\r\nhost: ").expect("a part of a request");
            stream
        })
        .collect();
    let (answered, answers) = mpsc::channel();
    let health = format!("GET /health HTTP/1.1\r\nhost: {address}");
    std::thread::spawn(move || answered.send(exchange(&address, &health, b"").status));
    assert_eq!(answers.recv_timeout(Duration::from_secs(5)), Ok(200));
    drop(slow);
}

#[test]
fn a_second_service_is_told_what_is_in_its_way() {
    let served = Served::open();
    let port = served.address().rsplit(':').next().expect("a port").to_owned();
    let up = |options: &[&str], name: &str| {
        let mut up = command(pipewright());
        up.current_dir(served.workplace.path()).arg("up").args(options);
        Running::start(up, served.workplace.path().join(name)).end()
    };
    up(&["--data", "data", "--port", "0"], "same-data.txt")
        .assert_status(7)
        .assert_says(&["in use", "--data"]);
    up(&["--data", "other", "--port", &port], "same-port.txt")
        .assert_status(7)
        .assert_says(&[&port, "--port"]);
    let elsewhere = ["--data", "missing", "--port", "0", "--resources", "nowhere.yaml"];
    up(&elsewhere, "no-file.txt").assert_status(2).assert_says(&["nowhere.yaml"]);
    assert!(!served.workplace.path().join("missing").exists(), "nothing was made");
    served.say(&["list"]).assert_status(0);
}

#[test]
fn the_region_of_the_data_is_chosen_once() {
    let mut served = Served::closed();
    served.start(&["--region", "eu-west-1"]);
    served.signal("TERM");
    served.end();
    let mut other = command(pipewright());
    other.current_dir(served.workplace.path()).args([
        "up",
        "--data",
        "data",
        "--port",
        "0",
        "--region",
        "us-east-1",
    ]);
    let refused = Running::start(other, served.workplace.path().join("other.txt")).end();
    refused.assert_status(2).assert_says(&["eu-west-1"]);
    served.start(&[]);
    assert!(served.service().output().contains("region eu-west-1"), "{}", served.service().output());
}

#[test]
fn keys_are_printed_for_who_may_read_the_data_and_for_nobody_else() {
    let served = Served::open();
    let printed = served.say(&["credentials"]).assert_status(0);
    let keys: Value = serde_json::from_str(&printed.output).expect("JSON");
    assert_eq!(keys["Version"], 1);
    for name in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
        assert!(keys[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    served.say_to("nowhere", &["credentials"]).assert_status(4).assert_says(&["pipewright up"]);
    let key = served.data().join("secrets/SigningKey");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
    served.say(&["credentials"]).assert_status(4).assert_says(&["chmod 600"]);
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let mut served = Served::open();
    served.say(&["doctor"]).assert_status(0).assert_says(&["✔ signed call", "✔ endpoint"]);
    let report = served.say(&["doctor", "--json"]).assert_status(0);
    let report: Value = serde_json::from_str(&report.output).expect("JSON");
    assert_eq!(report["ok"], true);
    fs::set_permissions(served.data(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    served.say(&["doctor"]).assert_status(1).assert_says(&["✖ data directory", "chmod 700"]);
    fs::set_permissions(served.data(), fs::Permissions::from_mode(0o700)).expect("it is ours");
    served.kill();
    served.say(&["doctor"]).assert_status(7).assert_says(&["✖ service", "was killed"]);
    served.say_to("nowhere", &["doctor"]).assert_status(7).assert_says(&["✖ data directory", "✖ service"]);
}

#[test]
fn an_approval_waits_through_the_end_of_the_service() {
    let mut served = Served::with([stage("Approve", [approval("Approve")])]);
    served.service().until_it_says("Approve waits for an approval");
    served.signal("TERM");
    let ended = served.end();
    assert_eq!(ended.status, Some(0), "{}", ended.output);
    served.start(&[]);
    served.say(&["approve", PIPELINE, "--yes"]).assert_status(0);
    assert_eq!(served.newest_end(), "Succeeded");
}
