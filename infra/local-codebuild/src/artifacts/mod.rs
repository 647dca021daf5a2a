//! From the files of a build to what is stored.

mod collect;
mod copy;
mod pack;
mod select;

pub use collect::{CollectError, collect};
pub use copy::{choose_files, copy_files};
pub use pack::zip;
pub use select::Selected;
