//! Commits of repositories that git itself makes and serves; what git checks out is what has to be in the zip.

#![expect(clippy::disallowed_methods, reason = "git itself makes the repositories and serves them")]

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git::Credentials;

use super::*;

fn git(repository: &Path, arguments: &[&str]) -> String {
    git_reading(repository, arguments, Path::new("/dev/null"))
}

fn git_reading(repository: &Path, arguments: &[&str], input: &Path) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
        .args(arguments)
        .stdin(fs::File::open(input).expect("an input"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
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
    let remote = Origin { url: url.to_owned(), credentials: None };
    Wanted { remote, branch: "main".to_owned(), commit: None, with_history: false }
}

fn has(fetched: &Fetched, path: &str) -> bool {
    archive::read_entry(Cursor::new(&fetched.zip), path, 1024).expect("a zip").is_some()
}

#[test]
fn a_branch_of_a_directory_is_its_newest_commit_without_history() {
    let repository = repository();
    let fetched = fetch(&wanted(&repository.path().display().to_string())).expect("it is there");
    assert_eq!(fetched.revision.id, git(repository.path(), &["rev-parse", "HEAD"]));
    assert_eq!((fetched.revision.message.trim(), fetched.revision.author_name.as_str()), ("second", "Ann"));
    assert!(has(&fetched, "second") && !has(&fetched, ".git/HEAD"));
}

#[test]
fn an_older_commit_can_be_asked_for_and_the_whole_clone() {
    let repository = repository();
    let first = git(repository.path(), &["rev-parse", "HEAD~1"]);
    let url = repository.path().display().to_string();
    let fetched = fetch(&Wanted { commit: Some(first.clone()), ..wanted(&url) }).expect("it is there");
    assert_eq!(fetched.revision.id, first);
    assert!(has(&fetched, "first") && !has(&fetched, "second"));
    let whole = fetch(&Wanted { with_history: true, ..wanted(&url) }).expect("it is there");
    assert!(has(&whole, "second") && has(&whole, ".git/HEAD"));
}

#[test]
fn what_is_not_there_is_told_with_its_cause() {
    let repository = repository();
    let url = repository.path().display().to_string();
    for (wanted, expected) in [
        (Wanted { branch: "release".to_owned(), ..wanted(&url) }, "release"),
        (wanted("/nowhere/at/all"), "/nowhere/at/all"),
        (Wanted { commit: Some("0123456789".repeat(4)), ..wanted(&url) }, "0123456789"),
        (Wanted { commit: Some("main".to_owned()), ..wanted(&url) }, "hex"),
        (wanted("https://127.0.0.1:1/a.git"), "127.0.0.1"),
    ] {
        let why = fetch(&wanted).err().expect("it is not there");
        assert!(why.contains(expected), "{why}");
    }
}

/// What git itself checks out of `main`, packed.
fn checked_out(repository: &Path) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path().join("clone");
    git(repository, &["clone", "-q", "-b", "main", ".", &root.display().to_string()]);
    fs::remove_dir_all(root.join(".git")).expect("a clone");
    let mut zip = Cursor::new(Vec::new());
    archive::pack_tree(&root, &mut zip).expect("a tree");
    zip.into_inner()
}

/// Every mode that git has, and every conversion that a checkout makes, here and there overruled.
fn repository_with_attributes() -> tempfile::TempDir {
    let repository = repository();
    let put = |name: &str, contents: &[u8]| {
        let path = repository.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, contents).expect("a file");
    };
    let attributes = "[attr]windows text eol=crlf\n*.bat windows\n*.auto text=auto eol=crlf\n\n\
        *.latin text working-tree-encoding=ISO-8859-1 eol=crlf\n*.png binary\nhidden export-ignore\n\
        *.big filter=lfs diff=lfs -text\n*.odd filter=mystery\n";
    put(".gitattributes", attributes.as_bytes());
    put("deep/.gitattributes", b"*.bat -text\n*.auto !text !eol\n");
    for folder in ["", "deep/", "deep/er/"] {
        for name in ["run.bat", "some.auto", "mixed.auto", "a.png", "a.big", "an.odd", "hidden"] {
            put(&format!("{folder}{name}"), b"one\ntwo $Id$\nthree\n");
        }
        put(&format!("{folder}an.latin"), b"gr\xfc\xdfe\n");
        put(&format!("{folder}zero.auto"), b"a\0b\nc\n");
        put(&format!("{folder}empty"), b"");
    }
    put("tool.sh", b"#!/bin/sh\n");
    std::os::unix::fs::symlink("deep/er/empty", repository.path().join("link")).expect("a link");
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["update-index", "--chmod=+x", "tool.sh"]);
    let elsewhere = format!("160000,{},parts/module", git(repository.path(), &["rev-parse", "HEAD"]));
    git(repository.path(), &["update-index", "--add", "--cacheinfo", &elsewhere]);
    git(repository.path(), &["commit", "-q", "-m", "attributes"]);
    repository
}

#[test]
fn the_zip_has_what_git_would_check_out() {
    let repository = repository_with_attributes();
    let expected = checked_out(repository.path());
    // None of it belongs to the commit, so none of it may matter.
    let witness = repository.path().join("filter-ran");
    let smudge = format!("touch {}; cat", witness.display());
    for (name, value) in
        [("filter.lfs.smudge", smudge.as_str()), ("core.autocrlf", "true"), ("core.eol", "crlf")]
    {
        git(repository.path(), &["config", name, value]);
    }
    fs::write(repository.path().join(".git/info/attributes"), "* ident eol=crlf\n").expect("a file");
    fs::write(repository.path().join(".gitattributes"), "* eol=crlf\n").expect("a file");
    let fetched = fetch(&wanted(&repository.path().display().to_string())).expect("it is there");
    assert!(!witness.exists(), "a filter program was run");
    assert!(has(&fetched, "hidden") && has(&fetched, "deep/er/run.bat"));
    for name in ["run.bat", "deep/run.bat", "an.latin", "a.big", "zero.auto", "some.auto"] {
        let entry = |zip: &[u8]| archive::read_entry(Cursor::new(zip), name, 1024).expect("a zip");
        assert_eq!(entry(&fetched.zip), entry(&expected), "{name}");
    }
    assert!(fetched.zip == expected, "another zip than of a checkout");
}

#[test]
fn a_repository_of_this_machine_is_read_in_every_form_that_it_has() {
    let repository = repository_with_attributes();
    let root = repository.path();
    let expected = checked_out(root);
    let other = tempfile::tempdir().expect("a directory");
    let place = |name: &str| other.path().join(name).display().to_string();
    git(root, &["clone", "-q", "--bare", ".", &place("bare.git")]);
    git(root, &["clone", "-q", "--shared", ".", &place("borrowing")]);
    git(root, &["worktree", "add", "-q", "--detach", &place("worktree")]);
    git(root, &["clone", "-q", "--bare", ".", &place("packed.git")]);
    git(Path::new(&place("packed.git")), &["gc", "-q"]);
    let here = root.display().to_string();
    let urls = [
        here.clone(),
        format!("file://{here}"),
        format!("{here}/.git"),
        place("bare.git"),
        place("borrowing"),
        place("worktree"),
        place("packed.git"),
    ];
    for url in urls {
        let fetched = fetch(&wanted(&url)).unwrap_or_else(|why| panic!("{url}: {why}"));
        assert!(fetched.zip == expected, "{url}: another zip than of a checkout");
    }
}

#[test]
fn a_branch_goes_before_a_tag_of_its_name_and_replacements_are_not_followed() {
    let repository = repository();
    let root = repository.path();
    let [first, second] = ["HEAD~1", "HEAD"].map(|name| git(root, &["rev-parse", name]));
    git(root, &["tag", "-a", "-m", "an annotated tag", "release", &first]);
    git(root, &["tag", "main", &first]);
    git(root, &["replace", &second, &first]);
    let url = root.display().to_string();
    let newest = fetch(&wanted(&url)).expect("it is there");
    assert!(newest.revision.id == second && has(&newest, "second"));
    let release = Wanted { branch: "release".to_owned(), ..wanted(&url) };
    assert_eq!(fetch(&release).expect("a tag").revision.id, first);
}

#[test]
fn names_that_would_leave_the_zip_or_become_part_of_git_are_refused() {
    let repository = repository();
    let root = repository.path();
    fs::write(root.join("contents"), "../../elsewhere").expect("a file");
    let blob = git(root, &["hash-object", "-w", "contents"]);
    let cases = [
        (format!("100644 blob {blob}\t.git\n"), ".git"),
        (format!("100644 blob {blob}\t.GIT\n"), ".GIT"),
        (format!("100644 blob {blob}\tgit~1\n"), "git~1"),
        (format!("100644 blob {blob}\t..\n"), ".."),
        (format!("100644 blob {blob}\ta\\b\n"), "backslash"),
        (format!("100644 blob {blob}\tA\n100644 blob {blob}\ta\n"), "upper and lower case"),
        (format!("120000 blob {blob}\tlink\n"), "outside of the archive"),
    ];
    for (entries, expected) in cases {
        let listed = root.join("entries");
        fs::write(&listed, &entries).expect("a file");
        let tree = git_reading(root, &["mktree"], &listed);
        let commit = git(root, &["commit-tree", "-m", "hostile", &tree]);
        let wanted = Wanted { commit: Some(commit), ..wanted(&root.display().to_string()) };
        let why = fetch(&wanted).err().unwrap_or_else(|| panic!("{entries} was packed"));
        assert!(why.contains(expected), "{entries}: {why}");
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
            serve(stream, &served, None);
        }
    });
    let fetched = fetch(&wanted(&url)).expect("it is served");
    let read = fetch(&wanted(&repository.path().display().to_string())).expect("it is there");
    assert_eq!(fetched.revision.id, read.revision.id);
    assert!(fetched.zip == read.zip, "fetched, or read where it is: the same files");
}

/// A host that wants to know who asks; where it is.
fn private_host(repository: &Path, credentials: &Credentials) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v1/repos/app", listener.local_addr().expect("an address"));
    let known = STANDARD.encode(format!("{}:{}", credentials.username, credentials.password));
    let served = repository.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, &served, Some(&format!("Basic {known}")));
        }
    });
    url
}

#[test]
fn a_host_that_wants_to_know_who_asks_is_told_over_https_only() {
    let repository = repository();
    let known = Credentials { username: "x-access-token".into(), password: "a token".into() };
    let url = private_host(repository.path(), &known);
    for (credentials, expected) in
        [(None, "wants to know who asks, and there are no credentials"), (Some(known), "in clear text")]
    {
        let wanted = wanted(&url);
        let remote = Origin { credentials, ..wanted.remote };
        let why = fetch(&Wanted { remote, ..wanted }).err().expect("nobody is let in");
        assert!(why.contains(expected) && !why.contains("a token"), "{why}");
    }
}

/// One request of git's smart HTTP protocol (gitprotocol-http), answered by git itself.
fn serve(mut stream: TcpStream, repository: &Path, known: Option<&str>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut request = String::new();
    reader.read_line(&mut request).expect("a request");
    let (mut length, mut protocol, mut chunked, mut asks) = (0, String::new(), false, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        if let Some((name, value)) = header.trim().split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            value.clone_into(&mut asks);
        }
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
    if known.is_some_and(|known| known != asks) {
        let refused = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\n\
                       Connection: close\r\n\r\n";
        stream.write_all(refused.as_bytes()).expect("somebody reads");
        return;
    }
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
