//! The files of a commit as a zip, made of git's objects: what a checkout would write is never written.
//!
//! What a checkout changes about a file is in the commit's own `.gitattributes` (ends of lines, encodings,
//! `$Id$`). No configuration has a say in it, not even the repository's, and so no filter program is run: a
//! file of Git LFS stays a pointer.

use std::io::{self, Cursor};

use archive::{ArchiveError, EntryKind, PackedEntry, Refusal};
use git::told;
use gix::attrs::search::MetadataCollection;
use gix::bstr::ByteSlice;
use gix::filter::plumbing::Pipeline;
use gix::filter::plumbing::pipeline::convert::ToWorktreeOutcome;
use gix::filter::plumbing::pipeline::convert::to_worktree;
use gix::glob::pattern::Case;
use gix::index::entry::Mode;
use gix::validate::path::component;
use gix::worktree::stack::State;
use gix::worktree::stack::state::Attributes;
use gix::worktree::stack::state::attributes::Source;

/// # Errors
/// A sentence that says which file cannot be packed, and why.
pub(super) fn pack(repository: &gix::Repository, tree: gix::ObjectId) -> Result<Vec<u8>, String> {
    // The names that git refuses on Linux: `.git` in all its spellings.
    let names = component::Options { protect_windows: false, protect_hfs: false, protect_ntfs: true };
    let index = gix::index::State::from_tree(&tree, &repository.objects, names).map_err(told)?;
    let entries = index.entries().iter().map(|entry| packed(repository, &index, entry));
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let mut checkout = Checkout::new(repository, &index).map_err(told)?;
    let mut zip = Cursor::new(Vec::new());
    archive::pack_entries(entries, |path| checkout.contents(path), &mut zip).map_err(told)?;
    Ok(zip.into_inner())
}

fn packed(
    repository: &gix::Repository,
    index: &gix::index::State,
    entry: &gix::index::Entry,
) -> Result<PackedEntry, String> {
    let path = entry.path(index);
    let refused = |refusal| told(ArchiveError::Refused { entry: path.to_string(), refusal });
    let kind = match entry.mode {
        Mode::FILE_EXECUTABLE => EntryKind::File { is_executable: true },
        Mode::SYMLINK => {
            let target = repository.find_blob(entry.id).map_err(told)?.take_data();
            let target = String::from_utf8(target).map_err(|_| refused(Refusal::SymlinkTargetInvalid))?;
            EntryKind::Symlink { target }
        }
        // Where a submodule would be: its files are in another repository.
        Mode::COMMIT | Mode::DIR => EntryKind::Directory,
        _ => EntryKind::File { is_executable: false },
    };
    let name = path.to_str().map_err(|_| refused(Refusal::NameNotUtf8))?;
    Ok(PackedEntry { path: name.to_owned(), kind })
}

struct Checkout<'r> {
    repository: &'r gix::Repository,
    index: &'r gix::index::State,
    attributes: gix::worktree::Stack,
    filters: Pipeline,
}

impl<'r> Checkout<'r> {
    fn new(repository: &'r gix::Repository, index: &'r gix::index::State) -> io::Result<Self> {
        let mut buffer = Vec::new();
        let mut collection = MetadataCollection::default();
        let no_files: [&str; 0] = [];
        let built_in = gix::attrs::Search::new_globals(no_files, &mut buffer, &mut collection)?;
        let state = State::AttributesStack(Attributes::new(built_in, None, Source::IdMapping, collection));
        let case = Case::Sensitive;
        let files = state.id_mappings_from_index(index, index.path_backing(), case);
        // A place that nothing is looked up in: all attributes come from objects.
        let attributes = gix::worktree::Stack::new("", state, case, buffer, files);
        let filters = Pipeline::new(Default::default(), repository.object_hash(), Default::default());
        Ok(Self { repository, index, attributes, filters })
    }

    fn contents(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let name = path.as_bytes().as_bstr();
        let entry = self.index.entry_by_path(name).ok_or(io::ErrorKind::NotFound)?;
        let mut blob = self.repository.find_blob(entry.id).map_err(io::Error::other)?;
        let attributes = self.attributes.at_entry(name, Some(entry.mode), &self.repository.objects)?;
        let filtered = self.filters.convert_to_worktree(
            &blob.data,
            name,
            &mut |_, found| {
                attributes.matching_attributes(found);
            },
            to_worktree::Options::default(),
        );
        let changed = match filtered.map_err(io::Error::other)? {
            ToWorktreeOutcome::Unchanged(_) => None,
            ToWorktreeOutcome::Buffer(bytes) => Some(bytes.to_vec()),
            ToWorktreeOutcome::Process(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(changed.unwrap_or_else(|| blob.take_data()))
    }
}
