//! Clones of repositories that git itself makes and serves.

#![expect(clippy::disallowed_methods, reason = "git itself makes the repositories and serves them")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

fn git(repository: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository with two commits on `main`, of which the first has no file `second`.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    git(directory.path(), &["init", "-q", "-b", "main"]);
    for name in ["first", "second"] {
        fs::write(directory.path().join(name), name).expect("a file");
        git(directory.path(), &["add", "."]);
        git(directory.path(), &["commit", "-q", "-m", name]);
    }
    directory
}

fn wanted(url: &str) -> Wanted {
    Wanted { url: url.to_owned(), branch: "main".to_owned(), commit: None, with_history: false }
}

fn has(cloned: &Cloned, path: &str) -> bool {
    archive::read_entry(Cursor::new(&cloned.zip), path, 1024).expect("a zip").is_some()
}

#[test]
fn a_branch_of_a_directory_is_its_newest_commit_without_history() {
    let repository = repository();
    let cloned = clone(&wanted(&repository.path().display().to_string())).expect("it is there");
    assert_eq!(cloned.revision.id, git(repository.path(), &["rev-parse", "HEAD"]));
    assert_eq!((cloned.revision.message.trim(), cloned.revision.author_name.as_str()), ("second", "Ann"));
    assert!(has(&cloned, "second") && !has(&cloned, ".git/HEAD"));
}

#[test]
fn an_older_commit_can_be_asked_for_and_the_whole_clone() {
    let repository = repository();
    let first = git(repository.path(), &["rev-parse", "HEAD~1"]);
    let url = repository.path().display().to_string();
    let cloned = clone(&Wanted { commit: Some(first.clone()), ..wanted(&url) }).expect("it is there");
    assert_eq!(cloned.revision.id, first);
    assert!(has(&cloned, "first") && !has(&cloned, "second"));
    let whole = clone(&Wanted { with_history: true, ..wanted(&url) }).expect("it is there");
    assert!(has(&whole, "second") && has(&whole, ".git/HEAD"));
}

#[test]
fn what_is_not_there_is_told_with_its_cause() {
    let repository = repository();
    let url = repository.path().display().to_string();
    for (wanted, expected) in [
        (Wanted { branch: "release".to_owned(), ..wanted(&url) }, "release"),
        (wanted("/nowhere/at/all"), "/nowhere/at/all"),
        (wanted("https://127.0.0.1:1/a.git"), "127.0.0.1"),
    ] {
        let why = clone(&wanted).err().expect("it is not there");
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn a_repository_is_fetched_over_http_as_a_host_serves_it() {
    let repository = repository();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/example/app.git", listener.local_addr().expect("an address"));
    let served = repository.path().to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, &served);
        }
    });
    let cloned = clone(&wanted(&url)).expect("it is served");
    assert!(has(&cloned, "second"));
}

/// One request of git's smart HTTP protocol (gitprotocol-http), answered by git itself.
fn serve(mut stream: TcpStream, repository: &Path) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut request = String::new();
    reader.read_line(&mut request).expect("a request");
    let (mut length, mut protocol, mut chunked) = (0, String::new(), false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let header = header.trim().to_ascii_lowercase();
        match header.split_once(": ") {
            None => break,
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            Some(("git-protocol", value)) => protocol = value.to_owned(),
            Some(("transfer-encoding", value)) => chunked = value == "chunked",
            Some(_) => {}
        }
    }
    let body = if chunked { read_chunks(&mut reader) } else { read_exactly(&mut reader, length) };
    let advertises = request.starts_with("GET");
    let mut command = Command::new("git");
    command.args(["upload-pack", "--stateless-rpc"]);
    if advertises {
        command.arg("--advertise-refs");
    }
    let mut git = command
        .arg(repository)
        .env("GIT_PROTOCOL", &protocol)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git runs");
    git.stdin.take().expect("an input").write_all(&body).expect("git reads");
    let answer = git.wait_with_output().expect("git ends").stdout;
    let kind = if advertises { "advertisement" } else { "result" };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("somebody reads");
    if advertises {
        stream.write_all(b"001e# service=git-upload-pack\n0000").expect("somebody reads");
    }
    stream.write_all(&answer).expect("somebody reads");
}

fn read_exactly(reader: &mut impl Read, length: usize) -> Vec<u8> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    body
}

fn read_chunks(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).expect("a size");
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        body.extend(read_exactly(reader, size));
        read_exactly(reader, 2);
        if size == 0 {
            return body;
        }
    }
}
