//! Step Functions in one process: an Amazon States Language interpreter for Standard workflows and
//! the Step Functions API over it.
//!
//! [`LocalStepFunctions`] is the service. Its executions survive a restart of the process; what is
//! guaranteed, and what of Step Functions is refused, is in this crate's README.

mod choice;
mod data;
mod definition;
mod driver;
mod failure;
mod interpreter;
mod intrinsic;
mod operations;
mod path;
mod payload_template;
mod randomness;
mod store;
mod task_token;
mod timestamp;

pub use definition::{DefinitionError, validate_definition};
pub use driver::{FunctionError, LambdaInvoker, LocalStepFunctions, OpenError, Place, Surroundings};
pub use interpreter::Counts;
pub use store::StoreError;
