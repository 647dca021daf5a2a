//! A miniature Lambda: functions that are commands of this host, or that answer at a URL.
//!
//! It answers `Invoke`, synchronously (`RequestResponse`), asynchronously (`Event`) and as a trial
//! (`DryRun`). Functions are given with [`LocalLambda::define`]; the API's create call has no field for a
//! command.
//!
//! # A command
//!
//! It finds the event on its standard input, and in its environment what Lambda gives a function
//! (`AWS_LAMBDA_FUNCTION_NAME`, `AWS_REGION`, …), the function's own variables,
//! [`Settings::environment`], and what [`LocalLambda::surround_with`] gives; nothing else of ours. Exit
//! status 0 is success, and its last line on standard output is its answer when that is JSON. Another
//! exit status, a signal or the timeout is a function error with its last lines. What it leaves running
//! is ended.
//!
//! # A URL
//!
//! The event is posted as JSON; a container with Lambda's runtime interface emulator takes it as it is.
//! The answer's body is the function's answer. A status other than 2xx, the header
//! `X-Amz-Function-Error`, or a body with `errorType` and `errorMessage` is a function error.
//!
//! # Differences from Lambda
//!
//! Asynchronous invocations are not retried. Their ends are told to [`Settings::ends`], which stands for
//! a destination. One that a killed process left unfinished is told as failed at the next start.
//!
//! # Files
//!
//! ```text
//! <directory>/lock                        held while the directory is open
//! <directory>/functions.json               what stands for each function
//! <directory>/invocations/<id>.json       an asynchronous invocation that was accepted and is not told yet
//! <directory>/logs/<function>/<id>.log    what a command printed
//! <directory>/events/<id>.json            the event of a command that runs
//! ```

mod command;
mod error;
mod function;
mod input;
mod service;
mod url;

pub use error::FunctionError;
pub use function::{Function, InvalidFunction, Runs};
pub use local_service::OpenError;
pub use service::{End, Ends, LocalLambda, Settings, Surroundings};
