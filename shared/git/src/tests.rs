//! Repositories that git itself makes and serves.

#![expect(clippy::disallowed_methods, reason = "git itself makes the repositories")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use super::*;

fn git(repository: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Writes the files, each with its path as what is in it, and commits everything.
fn commit(repository: &Path, files: &[&str]) -> String {
    for file in files {
        let path = repository.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, format!("{file} {}", git(repository, &["rev-list", "--count", "--all"])))
            .expect("a file");
    }
    git(repository, &["add", "--all"]);
    git(repository, &["commit", "-q", "-m", "one more"]);
    git(repository, &["rev-parse", "HEAD"])
}

fn here(repository: &Path) -> Origin {
    Origin { url: repository.display().to_string(), credentials: None }
}

fn changed(repository: &Path, comparison: &Comparison) -> Vec<String> {
    changed_files(&here(repository), comparison, &AtomicBool::new(false)).expect("they are compared")
}

#[test]
fn what_a_push_changed_is_what_differs_between_its_ends() {
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path();
    git(root, &["init", "-q", "-b", "main"]);
    let first = commit(root, &["a", "src/b", "src/deep/c", "swap/file"]);
    fs::remove_dir_all(root.join("swap")).expect("a folder");
    fs::remove_file(root.join("a")).expect("a file");
    let second = commit(root, &["src/deep/c", "swap", "ä/new"]);
    let third = commit(root, &["src/b"]);
    let push = |before: &str, after: &str| Comparison::Push { before: before.into(), after: after.into() };
    for (before, after, expected) in [
        (&first, &second, vec!["a", "src/deep/c", "swap", "swap/file", "ä/new"]),
        (&second, &first, vec!["a", "src/deep/c", "swap", "swap/file", "ä/new"]),
        (&second, &third, vec!["src/b"]),
        (&first, &third, vec!["a", "src/b", "src/deep/c", "swap", "swap/file", "ä/new"]),
        (&third, &third, vec![]),
    ] {
        assert_eq!(changed(root, &push(before, after)), expected);
    }
    let gone = push(&"0123456789".repeat(4), &third);
    let why = changed_files(&here(root), &gone, &AtomicBool::new(false)).expect_err("it is not there");
    assert!(why.contains("0123456789"), "{why}");
}

#[test]
fn a_pull_request_changes_what_its_branch_did_since_they_parted() {
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path();
    git(root, &["init", "-q", "-b", "main"]);
    commit(root, &["a"]);
    git(root, &["checkout", "-q", "-b", "fix"]);
    commit(root, &["fixed"]);
    let head = commit(root, &["fixed too"]);
    git(root, &["checkout", "-q", "main"]);
    commit(root, &["of main"]);
    let branch = |name: &str| Head::Branch(name.into());
    for source in [branch("fix"), Head::Commit(head)] {
        let request = Comparison::PullRequest { source, target: branch("main") };
        assert_eq!(changed(root, &request), ["fixed", "fixed too"]);
    }
    git(root, &["checkout", "-q", "--orphan", "alone"]);
    commit(root, &["alone"]);
    let request = Comparison::PullRequest { source: branch("alone"), target: branch("main") };
    let why = changed_files(&here(root), &request, &AtomicBool::new(false)).expect_err("no ancestor");
    assert!(why.contains("no commit in common"), "{why}");
}

#[test]
fn a_password_for_codecommit_is_signed_as_its_helper_does() {
    let keys = AwsKeys {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token: None,
    };
    let host = "git-codecommit.us-east-1.amazonaws.com";
    let path = "/v1/repos/shop";
    let made = codecommit_credentials(&keys, "us-east-1", host, path, "20261122T140509");
    assert_eq!(made.username, "AKIDEXAMPLE");
    // By the signer of botocore: of the same keys, time and canonical request.
    let expected = "20261122T140509Z5d9050c85f76ffa0c33c0ec079a40199a77442c869a4f0183b937e423fbb6881";
    assert_eq!(made.password, expected);
    assert!(!format!("{made:?}").contains("20261122T"), "a password is in a log");
    let with_token = AwsKeys { session_token: Some("token"), ..keys };
    let made = codecommit_credentials(&with_token, "us-east-1", host, path, "20261122T140509");
    assert_eq!(made.username, "AKIDEXAMPLE%token");
}

#[test]
fn only_the_host_that_credentials_are_for_gets_them() {
    use gix::credentials::helper::Action;
    let known = Credentials { username: "me".into(), password: "a token".into() };
    for (credentials, url, expected) in [
        (Some(&known), "https://h.example/me/app.git", Ok("a token")),
        (Some(&known), "https://h.example:8443/me/app.git", Err("the credentials are for h.example")),
        (Some(&known), "https://elsewhere.example/me/app.git", Err("the credentials are for h.example")),
        (None, "https://h.example/me/app.git", Err("there are no credentials for it")),
    ] {
        match (credentials::answer(credentials, "h.example", Action::get_for_url(url)), expected) {
            (Ok(Some(outcome)), Ok(password)) => assert_eq!(outcome.identity.password, password),
            (Err(why), Err(expected)) => assert!(why.to_string().contains(expected), "{why}"),
            (answered, _) => panic!("{url}: {answered:?}"),
        }
    }
    let stored = credentials::answer(Some(&known), "h.example", Action::Store("url=x".into()));
    assert!(matches!(stored, Ok(None)), "nothing is stored");
}
