//! Pushes to git repositories of this machine: a hook leaves a file for each in the data directory, and the
//! service takes them from there. So a push while no service runs starts its pipelines when one does.

mod arrivals;
mod events;
mod pick_up;
mod spool;

pub use pick_up::pick_up;
pub use spool::{Push, leave};
