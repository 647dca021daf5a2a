//! What is packed comes back, and packing the same tree twice gives the same bytes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::fs::{self, File, Permissions};
use std::io::Cursor;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use archive::{
    ArchiveError, EntryKind, Limits, PackedEntry, PackedFile, Refusal, Summary, pack_entries, pack_files,
    pack_tree, read_entry, unpack,
};

fn put(root: &Path, path: &str, contents: &str, mode: u32) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, contents).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
}

fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "bin/run.sh", "#!/bin/sh\necho run\n", 0o4775);
    put(root.path(), "src/main.rs", "fn main() {}\n", 0o640);
    put(root.path(), "grüße/日本 語.txt", "ünïcödé", 0o644);
    put(root.path(), "empty file", "", 0o644);
    fs::create_dir_all(root.path().join("empty/directory")).unwrap();
    symlink("../src/main.rs", root.path().join("bin/main")).unwrap();
    root
}

fn packed(root: &Path) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pack_tree(root, &mut bytes).unwrap();
    bytes.into_inner()
}

fn refusal(result: Result<Summary, ArchiveError>) -> (String, Refusal) {
    match result {
        Err(ArchiveError::Refused { entry, refusal }) => (entry, refusal),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_tree_comes_back_with_its_executables_links_empty_directories_and_unicode_names() {
    let source = tree();
    let parent = tempfile::tempdir().unwrap();
    let destination = parent.path().join("out");
    let summary = unpack(Cursor::new(packed(source.path())), &destination, &Limits::default()).unwrap();

    assert_eq!(summary.bytes, 19 + 13 + 11);
    assert_eq!(fs::read_to_string(destination.join("grüße/日本 語.txt")).unwrap(), "ünïcödé");
    assert_eq!(fs::read_to_string(destination.join("empty file")).unwrap(), "");
    assert!(destination.join("empty/directory").is_dir());
    assert_eq!(fs::read_link(destination.join("bin/main")).unwrap(), Path::new("../src/main.rs"));
    let mode = |path: &str| fs::metadata(destination.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("bin/run.sh"), mode("src/main.rs")), (0o755, 0o644));
    // The way back gives the same zip: nothing was lost.
    assert_eq!(packed(&destination), packed(source.path()));
}

#[test]
fn the_bytes_do_not_depend_on_times_owners_permissions_or_the_order_of_creation() {
    let one = tree();
    let other = tempfile::tempdir().unwrap();
    symlink_parent(other.path());
    put(other.path(), "empty file", "", 0o600);
    put(other.path(), "grüße/日本 語.txt", "ünïcödé", 0o664);
    fs::create_dir_all(other.path().join("empty/directory")).unwrap();
    put(other.path(), "src/main.rs", "fn main() {}\n", 0o444);
    put(other.path(), "bin/run.sh", "#!/bin/sh\necho run\n", 0o700);
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::open(other.path().join("bin/run.sh")).unwrap().set_modified(old).unwrap();
    assert_eq!(packed(one.path()), packed(other.path()));

    fs::set_permissions(other.path().join("bin/run.sh"), Permissions::from_mode(0o600)).unwrap();
    assert_ne!(packed(one.path()), packed(other.path()), "the executable bit is part of the contents");
}

fn symlink_parent(root: &Path) {
    fs::create_dir_all(root.join("bin")).unwrap();
    symlink("../src/main.rs", root.join("bin/main")).unwrap();
}

#[test]
fn what_could_not_be_unpacked_is_not_packed() {
    type Make = fn(&Path);
    let cases: [(&str, Make, Refusal); 4] = [
        (
            "out",
            |root| symlink("../../etc", root.join("out")).unwrap(),
            Refusal::SymlinkLeavesArchive { target: "../../etc".into() },
        ),
        (
            "absolute",
            |root| symlink("/etc/passwd", root.join("absolute")).unwrap(),
            Refusal::SymlinkLeavesArchive { target: "/etc/passwd".into() },
        ),
        ("a\\b", |root| put(root, "a\\b", "", 0o644), Refusal::Backslash),
        ("socket", |root| drop(UnixListener::bind(root.join("socket")).unwrap()), Refusal::SpecialFile),
    ];
    for (name, make, expected) in cases {
        let root = tempfile::tempdir().unwrap();
        make(root.path());
        let found = refusal(pack_tree(root.path(), Cursor::new(Vec::new())));
        assert_eq!(found, (name.to_string(), expected));
    }
}

#[test]
fn listed_files_get_their_new_paths_and_links_become_the_files_that_they_lead_to() {
    let source = tree();
    let listed = |path: &str, from: &str| PackedFile { path: path.into(), source: source.path().join(from) };
    let mut bytes = Cursor::new(Vec::new());
    let files = [listed("run", "bin/run.sh"), listed("deep/main.rs", "bin/main")];
    pack_files(source.path(), &files, &mut bytes).unwrap();

    assert_eq!(read_entry(&mut bytes, "deep/main.rs", 100).unwrap().unwrap(), b"fn main() {}\n");
    assert_eq!(read_entry(&mut bytes, "deep/other", 100).unwrap(), None);
    match read_entry(&mut bytes, "./run", 18) {
        Err(ArchiveError::Refused { refusal: Refusal::TooManyBytes { limit: 18 }, .. }) => {}
        other => panic!("{other:?}"),
    }

    symlink("/etc/hostname", source.path().join("host")).unwrap();
    let found = refusal(pack_files(source.path(), &[listed("host", "host")], Cursor::new(Vec::new())));
    assert!(matches!(found, (name, Refusal::SymlinkLeavesArchive { .. }) if name == "host"));
    let twice = [listed("a", "bin/run.sh"), listed("./a", "src/main.rs")];
    let found = refusal(pack_files(source.path(), &twice, Cursor::new(Vec::new())));
    assert_eq!(found, ("a".into(), Refusal::Duplicate));
}

fn file(path: &str, is_executable: bool) -> PackedEntry {
    PackedEntry { path: path.into(), kind: EntryKind::File { is_executable } }
}

#[test]
fn entries_that_are_on_no_disk_give_the_bytes_of_the_same_tree() {
    let link = EntryKind::Symlink { target: "../src/main.rs".into() };
    let entries = vec![
        file("src/main.rs", false),
        PackedEntry { path: "empty/directory".into(), kind: EntryKind::Directory },
        file("grüße/日本 語.txt", false),
        PackedEntry { path: "bin/main".into(), kind: link },
        file("empty file", false),
        file("bin/run.sh", true),
    ];
    let source = tree();
    let mut bytes = Cursor::new(Vec::new());
    pack_entries(entries, |path| fs::read(source.path().join(path)), &mut bytes).unwrap();
    assert_eq!(bytes.into_inner(), packed(source.path()));
}

#[test]
fn entries_on_no_disk_are_refused_before_their_contents_are_asked_for() {
    let link = |target: &str| EntryKind::Symlink { target: target.into() };
    let cases = [
        (vec![file("a\\b", false)], Refusal::Backslash),
        (vec![file("../a", false)], Refusal::ParentDirectory),
        (vec![file("a", false), file("a", true)], Refusal::Duplicate),
        (vec![file("a", false), file("a/b", true)], Refusal::Duplicate),
        (vec![file("a", false), file("A", true)], Refusal::CaseCollision { other: "A".into() }),
        (
            vec![file("a", false), PackedEntry { path: "l".into(), kind: link("/etc") }],
            Refusal::SymlinkLeavesArchive { target: "/etc".into() },
        ),
    ];
    for (entries, expected) in cases {
        let case = format!("{entries:?}");
        let contents = |path: &str| panic!("{path} was asked for");
        let (_, found) = refusal(pack_entries(entries, contents, Cursor::new(Vec::new())));
        assert_eq!(found, expected, "{case}");
    }
    let gone = |_: &str| Err(std::io::Error::other("it is gone"));
    match pack_entries(vec![file("a/b", false)], gone, Cursor::new(Vec::new())) {
        Err(ArchiveError::Io { path, .. }) => assert_eq!(path, Path::new("a/b")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_destination_is_new_or_empty() {
    let bytes = packed(tree().path());
    let parent = tempfile::tempdir().unwrap();
    let empty = parent.path().join("empty");
    fs::create_dir(&empty).unwrap();
    unpack(Cursor::new(&bytes), &empty, &Limits::default()).unwrap();
    assert!(empty.join("bin/run.sh").is_file());

    match unpack(Cursor::new(&bytes), &empty, &Limits::default()) {
        Err(ArchiveError::DestinationNotEmpty(path)) => assert_eq!(path, empty),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "no temporary directory stays");
}
