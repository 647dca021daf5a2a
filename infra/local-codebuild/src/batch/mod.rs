//! Batches: several builds of one project that depend on each other.
//!
//! Source: "Run builds in batches" in the CodeBuild user guide.

mod children;
mod combine;
mod order;
mod run;
mod specification;

pub use run::{BatchOrder, spawn};
