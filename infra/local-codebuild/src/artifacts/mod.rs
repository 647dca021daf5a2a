//! From the files of a build to what is stored.

mod collect;
mod pack;
mod select;

pub use collect::{CollectError, collect};
pub use pack::zip;
pub use select::Selected;
