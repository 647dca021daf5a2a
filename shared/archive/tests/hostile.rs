//! Archives that an attacker, or a broken disk, would make: each is refused, the entry is named, and
//! nothing is left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;

use archive::{ArchiveError, Limits, Refusal, unpack};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One entry as it stands in the zip; what is `None` is derived from the rest.
#[derive(Clone)]
struct Raw {
    name: Vec<u8>,
    local_name: Option<Vec<u8>>,
    mode: u32,
    data: Vec<u8>,
    deflated: Option<Vec<u8>>,
    claimed_size: Option<u32>,
    method: Option<u16>,
    flags: u16,
    crc: Option<u32>,
    /// Where the central directory says that the local header is; none is written then.
    header_at: Option<u32>,
}

fn raw(name: impl AsRef<[u8]>) -> Raw {
    Raw {
        name: name.as_ref().to_vec(),
        local_name: None,
        mode: 0o100_644,
        data: b"data".to_vec(),
        deflated: None,
        claimed_size: None,
        method: None,
        flags: 0x800,
        crc: None,
        header_at: None,
    }
}

fn link(name: &str, target: &str) -> Raw {
    Raw { mode: 0o120_777, data: target.into(), ..raw(name) }
}

/// A zip built byte by byte, so that it can say what no writer would.
fn zip(entries: &[Raw]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let stored = entry.deflated.as_ref().unwrap_or(&entry.data);
        let method = entry.method.unwrap_or(if entry.deflated.is_some() { 8 } else { 0 });
        let mut crc = flate2::Crc::new();
        crc.update(&entry.data);
        let size = entry.claimed_size.unwrap_or(entry.data.len() as u32);
        let mut middle = Vec::new();
        for field in [20, entry.flags, method, 0, 33] {
            middle.extend(field.to_le_bytes());
        }
        for field in [entry.crc.unwrap_or(crc.sum()), stored.len() as u32, size] {
            middle.extend(field.to_le_bytes());
        }
        let offset = match entry.header_at {
            Some(offset) => offset,
            None => {
                let offset = bytes.len() as u32;
                let name = entry.local_name.as_ref().unwrap_or(&entry.name);
                bytes.extend(b"PK\x03\x04");
                bytes.extend(&middle);
                bytes.extend((name.len() as u16).to_le_bytes());
                bytes.extend([0, 0]);
                bytes.extend(name);
                bytes.extend(stored);
                offset
            }
        };
        directory.extend(b"PK\x01\x02");
        directory.extend([20, 3]);
        directory.extend(&middle);
        directory.extend((entry.name.len() as u16).to_le_bytes());
        directory.extend([0; 8]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (start, length, count) = (bytes.len() as u32, directory.len() as u32, entries.len() as u16);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// The refused entry's name; a good entry comes first, so there would be something to leave behind.
fn refused(entries: &[Raw], limits: &Limits) -> (String, Refusal) {
    let mut all = vec![raw("good")];
    all.extend_from_slice(entries);
    let parent = tempfile::tempdir().unwrap();
    let destination = parent.path().join("inner/out");
    fs::create_dir(parent.path().join("inner")).unwrap();
    let result = unpack(Cursor::new(zip(&all)), &destination, limits);
    let left: Vec<_> = fs::read_dir(parent.path().join("inner")).unwrap().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "something escaped");
    match result {
        Err(ArchiveError::Refused { entry, refusal }) => (entry, refusal),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn each_hostile_entry_is_refused_and_nothing_is_left() {
    let leaves = |target: &str| Refusal::SymlinkLeavesArchive { target: target.into() };
    let cases: Vec<(&str, Vec<Raw>, &str, Refusal)> = vec![
        ("a path upwards", vec![raw("../evil")], "../evil", Refusal::ParentDirectory),
        ("hidden in the middle", vec![raw("a/../../evil")], "a/../../evil", Refusal::ParentDirectory),
        ("an absolute path", vec![raw("/tmp/evil")], "/tmp/evil", Refusal::AbsolutePath),
        ("a Windows path", vec![raw("..\\evil")], "..\\evil", Refusal::Backslash),
        ("a drive", vec![raw("C:evil")], "C:evil", Refusal::DriveLetter),
        ("a NUL", vec![raw("a\0b")], "a\0b", Refusal::NulByte),
        ("a name in Latin-1", vec![raw(b"caf\xe9")], "caf\u{fffd}", Refusal::NameNotUtf8),
        ("an entry twice", vec![raw("x"), raw("x")], "x", Refusal::Duplicate),
        ("twice in disguise", vec![raw("x"), raw("./x")], "x", Refusal::Duplicate),
        (
            "a twin in capitals",
            vec![raw("readme"), raw("README")],
            "README",
            Refusal::CaseCollision { other: "readme".into() },
        ),
        (
            "a file through a link",
            vec![link("l", "d"), raw("d/x"), raw("l/evil")],
            "l/evil",
            Refusal::ParentIsNoDirectory { parent: "l".into() },
        ),
        ("a link upwards", vec![link("l", "..")], "l", leaves("..")),
        ("an absolute link", vec![link("l", "/etc/passwd")], "l", leaves("/etc/passwd")),
        (
            "links that climb together",
            vec![link("d/up", ".."), link("out", "d/up/../x")],
            "out",
            leaves("d/up/../x"),
        ),
        (
            "a link in circles",
            vec![link("a", "b"), link("b", "a")],
            "a",
            Refusal::SymlinkLoop { target: "b".into() },
        ),
        ("a device", vec![Raw { mode: 0o020_666, ..raw("null") }], "null", Refusal::SpecialFile),
        ("a pipe", vec![Raw { mode: 0o010_666, ..raw("pipe") }], "pipe", Refusal::SpecialFile),
        (
            "a directory with bytes",
            vec![Raw { mode: 0o040_755, ..raw("d/") }],
            "d/",
            Refusal::DirectoryWithContents,
        ),
        ("an encrypted entry", vec![Raw { flags: 0x801, ..raw("secret") }], "secret", Refusal::Encrypted),
        // The second entry's header and bytes lie inside of the first entry's bytes.
        (
            "two entries over the same bytes",
            vec![
                Raw { data: zip(&[raw("b")]), ..raw("a") },
                Raw { header_at: Some((30 + 4 + 4) + (30 + 1)), ..raw("b") },
            ],
            "b",
            Refusal::Overlap,
        ),
    ];
    for (case, entries, entry, refusal) in cases {
        assert_eq!(refused(&entries, &Limits::default()), (entry.to_string(), refusal), "{case}");
    }
}

#[test]
fn damage_and_double_talk_are_refused_by_name() {
    let packed = deflate(&[b'x'; 1000]);
    type Expected = fn(&Refusal) -> bool;
    let cases: Vec<(&str, Raw, Expected)> = vec![
        (
            "another name in the local header",
            Raw { local_name: Some(b"evil".to_vec()), ..raw("fine") },
            |refusal| matches!(refusal, Refusal::HeaderMismatch { .. }),
        ),
        ("another entry's local header", Raw { header_at: Some(0), ..raw("fine") }, |refusal| {
            matches!(refusal, Refusal::HeaderMismatch { .. })
        }),
        ("a wrong checksum", Raw { crc: Some(1), ..raw("fine") }, |refusal| {
            matches!(refusal, Refusal::Corrupt { .. })
        }),
        (
            "more bytes than it claims",
            Raw {
                data: vec![b'x'; 1000],
                deflated: Some(packed.clone()),
                claimed_size: Some(10),
                ..raw("fine")
            },
            |refusal| matches!(refusal, Refusal::Corrupt { .. }),
        ),
        (
            "a compressed stream that is cut off",
            Raw { data: vec![b'x'; 1000], deflated: Some(packed[..4].to_vec()), ..raw("fine") },
            |refusal| matches!(refusal, Refusal::Corrupt { .. }),
        ),
        ("an unknown compression", Raw { method: Some(12), ..raw("fine") }, |refusal| {
            matches!(refusal, Refusal::UnsupportedCompression { .. })
        }),
    ];
    for (case, entry, expected) in cases {
        let (name, refusal) = refused(&[entry], &Limits::default());
        assert!(name == "fine" && expected(&refusal), "{case}: {name}: {refusal}");
    }
}

#[test]
fn limits_hold_while_inflating_whatever_the_headers_claim() {
    let bomb_data = vec![0; 64 * 1024 * 1024];
    let bomb = Raw { deflated: Some(deflate(&bomb_data)), data: bomb_data, ..raw("bomb") };
    assert!(bomb.deflated.as_ref().is_some_and(|bytes| bytes.len() < 66_000), "a bomb of 65 KB");
    let liar = Raw { claimed_size: Some(100), ..bomb.clone() };
    let usual = Limits::default();
    let cases: Vec<(Vec<Raw>, Limits, &str, Refusal)> = vec![
        (vec![bomb], usual, "bomb", Refusal::RatioTooHigh { limit: 200 }),
        (
            vec![raw("one"), raw("two")],
            Limits { max_total_bytes: 10, ..usual },
            "two",
            Refusal::TooManyBytes { limit: 10 },
        ),
        (
            vec![raw("one"), raw("two")],
            Limits { max_entries: 2, ..usual },
            "two",
            Refusal::TooManyEntries { limit: 2 },
        ),
        (vec![raw("a/b/c")], Limits { max_depth: 2, ..usual }, "a/b/c", Refusal::TooDeep { limit: 2 }),
        (
            vec![raw("long name")],
            Limits { max_path_bytes: 8, ..usual },
            "long name",
            Refusal::PathTooLong { limit_bytes: 8 },
        ),
    ];
    for (entries, limits, entry, refusal) in cases {
        assert_eq!(refused(&entries, &limits), (entry.to_string(), refusal));
    }
    // The claim of 100 bytes does not help: either the claim or the ratio stops it.
    let (name, refusal) = refused(&[liar], &usual);
    assert_eq!(name, "bomb");
    assert!(matches!(refusal, Refusal::Corrupt { .. } | Refusal::RatioTooHigh { .. }), "{refusal}");
}

#[test]
fn dangerous_permissions_are_dropped_and_the_root_entry_is_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let destination = parent.path().join("out");
    let entries = [
        Raw { mode: 0o040_755, data: Vec::new(), ..raw("./") },
        Raw { mode: 0o106_777, ..raw("./setuid") },
        Raw { mode: 0o100_000, ..raw("no-mode") },
        Raw { mode: 0o100_444, ..raw("read-only") },
    ];
    let summary = unpack(Cursor::new(zip(&entries)), &destination, &Limits::default()).unwrap();
    assert_eq!(summary.entries, 3);
    let mode = |name: &str| fs::metadata(destination.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("setuid"), mode("no-mode"), mode("read-only")), (0o755, 0o644, 0o644));
}

#[test]
fn what_is_no_zip_is_refused_as_a_whole() {
    let cut: Vec<u8> = zip(&[raw("a")]).into_iter().rev().skip(10).rev().collect();
    for bytes in [b"".to_vec(), b"<html>not found</html>".to_vec(), cut] {
        let parent = tempfile::tempdir().unwrap();
        match unpack(Cursor::new(bytes), &parent.path().join("out"), &Limits::default()) {
            Err(ArchiveError::NotAZip { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}
