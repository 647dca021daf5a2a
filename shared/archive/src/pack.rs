//! Zips whose bytes depend on nothing but names, contents and executable bits.
//!
//! Entries are sorted by the bytes of their path; times are 1980-01-01, the first that a zip can
//! hold; modes are 0644 and 0755; everything is deflated at one level. (Another version of the
//! compressor may give other bytes, never other contents.)

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::tree::{self, Kind, Node};
use crate::{ArchiveError, Limits, Refusal, Summary, name};

/// Deflate's level: source code, measured with 18 MB of it, is packed a third faster than at the usual 6 and becomes
/// 2 % larger.
const LEVEL: i64 = 3;

/// A file and the path that it gets in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Relative, with `/`.
    pub path: String,
    pub source: PathBuf,
}

/// Something to be packed that is on no disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedEntry {
    /// Relative, with `/`.
    pub path: String,
    pub kind: EntryKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    File { is_executable: bool },
    Symlink { target: String },
    Directory,
}

/// Zips everything below `root`, empty directories included.
///
/// Symbolic links are stored as links. One that leads out of `root` (also by an absolute path) is
/// refused, as are devices, pipes and sockets, and names that [`crate::unpack`] would refuse.
pub fn pack_tree<W: Write + Seek>(root: &Path, writer: W) -> Result<Summary, ArchiveError> {
    let mut found = Vec::new();
    collect(root, "", &mut found)?;
    write(found, writer, |_, source| open(source))
}

/// Zips entries that are on no disk, under the rules of [`pack_tree`] and with its bytes: the directories that
/// entries lie in are added, so they need not be among them.
///
/// `contents` gives the bytes of a file, which it is asked for one after the other, in the order of the paths.
/// Whatever else is wrong is found out before the first question.
pub fn pack_entries<W: Write + Seek>(
    entries: Vec<PackedEntry>,
    mut contents: impl FnMut(&str) -> io::Result<Vec<u8>>,
    writer: W,
) -> Result<Summary, ArchiveError> {
    let mut found = Vec::with_capacity(entries.len());
    let mut directories = BTreeSet::new();
    for entry in entries {
        let path = normalised(&entry.path)?;
        directories.extend(tree::parents(&path).map(str::to_owned));
        let (kind, is_executable) = match entry.kind {
            EntryKind::File { is_executable } => (Kind::File, is_executable),
            EntryKind::Symlink { target } => (Kind::Symlink { target }, false),
            EntryKind::Directory => {
                directories.insert(path);
                continue;
            }
        };
        found.push((Node { path, kind }, is_executable));
    }
    found.extend(directories.into_iter().map(|path| (Node { path, kind: Kind::Directory }, false)));
    write(found, writer, |node, is_executable| {
        let bytes = contents(&node.path).map_err(ArchiveError::io(Path::new(&node.path)))?;
        let size_bytes = bytes.len() as u64;
        Ok(Contents { is_executable: *is_executable, size_bytes, reader: Cursor::new(bytes) })
    })
}

/// Zips the files that are named, under the paths that are given.
///
/// A symbolic link is replaced by the file that it leads to, because what stands beside it may not
/// be in the list; the file has to lie below `root`.
pub fn pack_files<W: Write + Seek>(
    root: &Path,
    files: &[PackedFile],
    writer: W,
) -> Result<Summary, ArchiveError> {
    let root = fs::canonicalize(root).map_err(ArchiveError::io(root))?;
    let mut found = Vec::with_capacity(files.len());
    for file in files {
        let source = fs::canonicalize(&file.source).map_err(ArchiveError::io(&file.source))?;
        if !source.starts_with(&root) {
            let target = source.to_string_lossy().into_owned();
            return Err(ArchiveError::refused(&file.path, Refusal::SymlinkLeavesArchive { target }));
        }
        let metadata = fs::metadata(&source).map_err(ArchiveError::io(&source))?;
        if !metadata.is_file() {
            return Err(ArchiveError::refused(&file.path, Refusal::SpecialFile));
        }
        let path = normalised(&file.path)?;
        found.push((Node { path, kind: Kind::File }, source));
    }
    write(found, writer, |_, source| open(source))
}

type Found = Vec<(Node, PathBuf)>;

fn collect(directory: &Path, prefix: &str, found: &mut Found) -> Result<(), ArchiveError> {
    for listed in fs::read_dir(directory).map_err(ArchiveError::io(directory))? {
        let listed = listed.map_err(ArchiveError::io(directory))?;
        let source = listed.path();
        let file_name = listed.file_name();
        let Some(file_name) = file_name.to_str() else {
            let shown = format!("{prefix}{}", file_name.to_string_lossy());
            return Err(ArchiveError::refused(shown, Refusal::NameNotUtf8));
        };
        let path = normalised(&format!("{prefix}{file_name}"))?;
        let file_type = listed.file_type().map_err(ArchiveError::io(&source))?;
        let kind = if file_type.is_symlink() {
            let target = fs::read_link(&source).map_err(ArchiveError::io(&source))?;
            let Some(target) = target.to_str() else {
                return Err(ArchiveError::refused(path, Refusal::SymlinkTargetInvalid));
            };
            Kind::Symlink { target: target.into() }
        } else if file_type.is_dir() {
            collect(&source, &format!("{path}/"), found)?;
            Kind::Directory
        } else if file_type.is_file() {
            Kind::File
        } else {
            return Err(ArchiveError::refused(path, Refusal::SpecialFile));
        };
        found.push((Node { path, kind }, source));
    }
    Ok(())
}

fn normalised(path: &str) -> Result<String, ArchiveError> {
    let refused = |refusal| ArchiveError::refused(path, refusal);
    let components = name::components(path, &Limits::default()).map_err(refused)?;
    if components.is_empty() {
        return Err(refused(Refusal::NameEmpty));
    }
    Ok(components.join("/"))
}

/// What a file in the archive has in it.
struct Contents<R> {
    is_executable: bool,
    size_bytes: u64,
    reader: R,
}

fn open(source: &Path) -> Result<Contents<File>, ArchiveError> {
    let reader = File::open(source).map_err(ArchiveError::io(source))?;
    let metadata = reader.metadata().map_err(ArchiveError::io(source))?;
    let is_executable = metadata.permissions().mode() & 0o111 != 0;
    Ok(Contents { is_executable, size_bytes: metadata.len(), reader })
}

fn write<W: Write + Seek, S, R: Read>(
    mut found: Vec<(Node, S)>,
    writer: W,
    mut open: impl FnMut(&Node, &S) -> Result<Contents<R>, ArchiveError>,
) -> Result<Summary, ArchiveError> {
    found.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    let nodes: Vec<Node> = found.iter().map(|(node, _)| node.clone()).collect();
    tree::check(&nodes)?;
    let limit = Limits::default().max_entries;
    if let Some(node) = nodes.get(limit) {
        return Err(ArchiveError::refused(&node.path, Refusal::TooManyEntries { limit }));
    }
    let mut zip = ZipWriter::new(writer);
    let mut summary = Summary { entries: found.len(), bytes: 0 };
    for (node, source) in &found {
        summary.bytes += write_entry(&mut zip, node, || open(node, source))?;
    }
    let finished = zip.finish().map_err(io_error);
    finished.map_err(ArchiveError::io(Path::new("the archive")))?;
    Ok(summary)
}

fn write_entry<W: Write + Seek, R: Read>(
    zip: &mut ZipWriter<W>,
    node: &Node,
    open: impl FnOnce() -> Result<Contents<R>, ArchiveError>,
) -> Result<u64, ArchiveError> {
    let failed = |error| ArchiveError::io(Path::new(&node.path))(io_error(error));
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .last_modified_time(DateTime::DEFAULT)
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL));
    match &node.kind {
        Kind::Directory => {
            zip.add_directory(node.path.as_str(), options.unix_permissions(0o755)).map_err(failed)?;
            Ok(0)
        }
        Kind::Symlink { target } => {
            zip.add_symlink(&node.path, target, options.unix_permissions(0o777)).map_err(failed)?;
            Ok(0)
        }
        Kind::File => {
            let mut contents = open()?;
            let options = options
                .unix_permissions(if contents.is_executable { 0o755 } else { 0o644 })
                .large_file(contents.size_bytes >= u64::from(u32::MAX));
            zip.start_file(&node.path, options).map_err(failed)?;
            io::copy(&mut contents.reader, zip).map_err(ArchiveError::io(Path::new(&node.path)))
        }
    }
}

fn io_error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::other(other),
    }
}
