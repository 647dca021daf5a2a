//! How much one archive may ask for.

/// Bounds that [`crate::unpack`] holds while it inflates; the sizes that an archive claims are not
/// trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files, directories and symbolic links together.
    pub max_entries: usize,
    /// Bytes after decompression, over all entries.
    pub max_total_bytes: u64,
    /// Decompressed bytes per compressed byte of one entry. It is looked at once an entry has grown
    /// past [`Limits::RATIO_FREE_BYTES`], because a small file of blanks is nobody's bomb.
    pub max_ratio: u64,
    /// Components of a path: `a/b/c` has 3.
    pub max_depth: usize,
    /// Bytes of a path. Linux stops at 4,096 including the directory that is unpacked into.
    pub max_path_bytes: usize,
}

impl Limits {
    pub const RATIO_FREE_BYTES: u64 = 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 100_000,
            // The largest artifact that CodePipeline takes from S3 is below this.
            max_total_bytes: 5 * 1024 * 1024 * 1024,
            // Deflate ends near 1,030; source code and JSON stay below 50.
            max_ratio: 200,
            max_depth: 64,
            max_path_bytes: 1_024,
        }
    }
}
