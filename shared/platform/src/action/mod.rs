//! What every action provider's function has in common: it learns what to do, does it, and says how it
//! ended. A provider is one function from a job to a result.

mod inputs;
mod job;
mod run;

pub use job::{ActionJob, ActionResult, ActionTask};
pub use run::{action, action_outside};
