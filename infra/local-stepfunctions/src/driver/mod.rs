//! Everything around the pure interpreter: the clock, the functions, the disk.

mod executions;
mod invocation;
mod invoker;
mod machines;
mod open;
mod status_change;
mod timers;

pub(crate) use executions::Unaccepted;
pub use invoker::{FunctionError, LambdaInvoker};
pub(crate) use open::Inner;
pub use open::{LocalStepFunctions, OpenError, Place, Surroundings};
