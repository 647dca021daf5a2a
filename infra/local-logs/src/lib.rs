//! CloudWatch Logs on this machine, over the log files that builds and deployments write.
//!
//! A stream is a file and an event is a line. `GetLogEvents`, `FilterLogEvents` and `DescribeLogStreams` are
//! answered; whoever writes the files is asked through [`LogSource`] where they are. A page is one read of at most
//! a megabyte at the offset that its token names, however large the file is.
//!
//! # Where it differs
//!
//! - The files say of no line when it was written. The `timestamp` of an event is when its stream began, and its
//!   `ingestionTime` when the file was last written. `startTime` and `endTime` keep an event when its time may lie
//!   between them, so they choose whole streams.
//! - `filterPattern` takes terms and quoted phrases, which all have to occur; every other kind is refused.
//! - Tokens do not expire.

mod file;
mod filter_pattern;
mod operations;
mod service;
mod source;
mod token;

pub use service::LocalLogs;
pub use source::{Account, LogSource, LogStream};

#[cfg(test)]
mod tests;
