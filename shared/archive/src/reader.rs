//! Reading a zip entry by entry: the central directory decides, and each local header has to agree
//! with it.
//!
//! `zip`'s own `extract` is not used: it sets no limit on what an archive inflates to, and of two
//! entries with one name it silently keeps the last.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek, SeekFrom, Write};

use zip::read::ZipFileEntry;
use zip::{CompressionMethod, System, ZipArchive, ZipReadOptions};

use crate::tree::{Kind, Node};
use crate::{ArchiveError, Limits, Refusal, name};

/// An entry with its normalised path; the archive's root (`./`) is never one.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) index: usize,
    pub(crate) node: Node,
    /// `None` when the archive was not made on a Unix.
    pub(crate) mode: Option<u32>,
}

const FILE_TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const SYMLINK: u32 = 0o120_000;

pub(crate) struct Archive<R> {
    zip: ZipArchive<R>,
    limits: Limits,
    bytes_left: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Memory grows with the archive's size (a central directory of millions of entries is read
    /// before it is counted), so callers bound the size of what they download.
    pub(crate) fn open(reader: R, limits: &Limits) -> Result<Self, ArchiveError> {
        let zip =
            ZipArchive::new(reader).map_err(|error| ArchiveError::NotAZip { reason: error.to_string() })?;
        if zip.has_duplicate_names() {
            let start = zip.central_directory_start();
            let entry = duplicate(zip.into_inner(), start);
            return Err(ArchiveError::refused(entry.unwrap_or_default(), Refusal::Duplicate));
        }
        Ok(Self { zip, limits: *limits, bytes_left: limits.max_total_bytes })
    }

    /// All entries, each checked by itself and then all together; nothing but the targets of
    /// symbolic links is inflated.
    pub(crate) fn entries(&mut self) -> Result<Vec<Entry>, ArchiveError> {
        let mut entries = Vec::with_capacity(self.zip.len());
        let mut occupied = BTreeMap::new();
        for index in 0..self.zip.len() {
            let shown = self.shown(index);
            let refused = |refusal| ArchiveError::refused(&shown, refusal);
            if index >= self.limits.max_entries {
                return Err(refused(Refusal::TooManyEntries { limit: self.limits.max_entries }));
            }
            let entry = self.entry(index).map_err(refused)?;
            self.check_headers(index, &mut occupied).map_err(refused)?;
            let Some(mut entry) = entry else { continue };
            if matches!(entry.node.kind, Kind::Symlink { .. }) {
                let target = self.target(index)?;
                entry.node.kind = Kind::Symlink { target };
            }
            entries.push(entry);
        }
        let nodes: Vec<Node> = entries.iter().map(|entry| entry.node.clone()).collect();
        crate::tree::check(&nodes)?;
        Ok(entries)
    }

    /// Inflates one entry, counting: against the limits of the archive and its own claims.
    pub(crate) fn copy(&mut self, index: usize, out: &mut dyn Write) -> Result<u64, CopyError> {
        let limits = self.limits;
        let mut file = self
            .zip
            .by_index_with_options(index, strict())
            .map_err(|error| CopyError::Refused(Refusal::Corrupt { reason: error.to_string() }))?;
        let (compressed, claimed) = (file.compressed_size().max(1), file.size());
        let mut buffer = vec![0; 64 * 1024];
        let mut copied: u64 = 0;
        loop {
            let count = file
                .read(&mut buffer)
                .map_err(|error| CopyError::Refused(Refusal::Corrupt { reason: error.to_string() }))?;
            if count == 0 {
                break;
            }
            copied += count as u64;
            if copied > self.bytes_left {
                let refusal = Refusal::TooManyBytes { limit: limits.max_total_bytes };
                return Err(CopyError::Refused(refusal));
            }
            if copied > Limits::RATIO_FREE_BYTES && copied / compressed >= limits.max_ratio {
                return Err(CopyError::Refused(Refusal::RatioTooHigh { limit: limits.max_ratio }));
            }
            out.write_all(&buffer[..count]).map_err(CopyError::Output)?;
        }
        if copied != claimed {
            let reason = format!("it has {copied} bytes and claims {claimed}");
            return Err(CopyError::Refused(Refusal::Corrupt { reason }));
        }
        self.bytes_left -= copied;
        Ok(copied)
    }

    /// From here on, at most this much is inflated.
    pub(crate) fn limit_bytes(&mut self, max_bytes: u64) {
        self.limits.max_total_bytes = max_bytes;
        self.bytes_left = max_bytes;
    }

    fn shown(&self, index: usize) -> String {
        match self.zip.by_index_data(index) {
            Ok(entry) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
            Err(_) => format!("number {index}"),
        }
    }

    fn entry(&self, index: usize) -> Result<Option<Entry>, Refusal> {
        let data =
            self.zip.by_index_data(index).map_err(|error| Refusal::Corrupt { reason: error.to_string() })?;
        let name = std::str::from_utf8(data.name_raw()).map_err(|_| Refusal::NameNotUtf8)?;
        let components = name::components(name, &self.limits)?;
        if data.encrypted() {
            return Err(Refusal::Encrypted);
        }
        if !matches!(data.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Refusal::UnsupportedCompression { method: data.compression().to_string() });
        }
        let mode = (data.system() == System::Unix).then(|| data.external_attributes() >> 16);
        let kind = kind(&data, name, mode)?;
        if components.is_empty() {
            return Ok(None);
        }
        let node = Node { path: components.join("/"), kind };
        Ok(Some(Entry { index, node, mode }))
    }

    fn check_headers(&mut self, index: usize, occupied: &mut BTreeMap<u64, u64>) -> Result<(), Refusal> {
        let file = self
            .zip
            .by_index_with_options(index, strict())
            .map_err(|error| Refusal::HeaderMismatch { reason: error.to_string() })?;
        let start = file.header_start();
        let end = file.data_start().unwrap_or(start).saturating_add(file.compressed_size());
        let before = occupied.range(..=start).next_back().is_some_and(|(_, &other_end)| other_end > start);
        let after = occupied.range(start..).next().is_some_and(|(&other_start, _)| other_start < end);
        if before || after {
            return Err(Refusal::Overlap);
        }
        occupied.insert(start, end);
        Ok(())
    }

    fn target(&mut self, index: usize) -> Result<String, ArchiveError> {
        let shown = self.shown(index);
        let mut target = Vec::new();
        self.copy(index, &mut target).map_err(|error| match error {
            CopyError::Refused(refusal) => ArchiveError::refused(&shown, refusal),
            CopyError::Output(_) => ArchiveError::refused(&shown, Refusal::SymlinkTargetInvalid),
        })?;
        String::from_utf8(target).map_err(|_| ArchiveError::refused(&shown, Refusal::SymlinkTargetInvalid))
    }
}

pub(crate) enum CopyError {
    Refused(Refusal),
    Output(std::io::Error),
}

fn strict() -> ZipReadOptions<'static> {
    ZipReadOptions::new().enforce_header_consistency(true)
}

fn kind(data: &ZipFileEntry<'_>, name: &str, mode: Option<u32>) -> Result<Kind, Refusal> {
    let named_directory = name.ends_with('/');
    let kind = match mode.unwrap_or(0) & FILE_TYPE {
        // No type: the archive was made without modes, and the slash decides.
        0 if named_directory => Kind::Directory,
        0 => Kind::File,
        // Some tools write a directory with the mode of a file.
        REGULAR if !named_directory => Kind::File,
        REGULAR | DIRECTORY => Kind::Directory,
        SYMLINK if !named_directory => Kind::Symlink { target: String::new() },
        _ => return Err(Refusal::SpecialFile),
    };
    if kind == Kind::Directory && data.size() > 0 {
        return Err(Refusal::DirectoryWithContents);
    }
    Ok(kind)
}

/// The first name that the central directory has twice; `zip` only says that there is one.
fn duplicate<R: Read + Seek>(mut reader: R, directory_start: u64) -> Option<String> {
    const HEADER_BYTES: usize = 46;
    let length_at = |header: &[u8; HEADER_BYTES], at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let mut seen = HashSet::new();
    reader.seek(SeekFrom::Start(directory_start)).ok()?;
    loop {
        let mut header = [0; HEADER_BYTES];
        reader.read_exact(&mut header).ok()?;
        if !header.starts_with(b"PK\x01\x02") {
            return None;
        }
        let mut name = vec![0; usize::from(length_at(&header, 28))];
        reader.read_exact(&mut name).ok()?;
        let skipped = i64::from(length_at(&header, 30)) + i64::from(length_at(&header, 32));
        reader.seek(SeekFrom::Current(skipped)).ok()?;
        if !seen.insert(name.clone()) {
            return Some(String::from_utf8_lossy(&name).into_owned());
        }
    }
}
