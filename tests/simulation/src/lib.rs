//! A seeded simulation of everything around the real `engine::decide`, in memory and in virtual time.
//!
//! One seed draws a pipeline, its users and its faults; [`run`] plays it to the end and checks named
//! invariants after every transaction. Nothing is drawn elsewhere, so a seed is a complete bug report:
//!
//! ```text
//! PIPEWRIGHT_SIM_SEED=4711 cargo test -p test-simulation --test faults -- --nocapture   # with its trace
//! PIPEWRIGHT_SIM_RUNS=1000000 cargo test -p test-simulation --test faults               # for longer
//! ```
//!
//! A seed that failed goes into `seeds.txt`, which every run replays, and what it found becomes a named
//! case in the engine's own tests. `tests/models.rs` explores small scopes exhaustively instead.

mod delivery;
mod faults;
mod functions;
mod invariants;
pub mod models;
mod observe;
mod people;
mod plans;
mod seen;
mod store;
mod trace;
mod workflows;
mod world;
mod writer;

pub use faults::Faults;
pub use invariants::Violation;
pub use seen::{Path, Seen};
pub use world::{Outcome, Tracing, run};
