//! From the files of a build to what is stored.

mod collect;
mod copy;
mod digest;
mod pack;
mod select;

pub use collect::{CollectError, collect};
pub use copy::{choose_files, copy_files};
pub use digest::sha256;
pub use pack::zip;
pub use select::Selected;
