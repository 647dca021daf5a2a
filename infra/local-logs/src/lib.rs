//! CloudWatch Logs on this machine, over the log files that builds and deployments write.
//!
//! A stream is a file and an event is a line. `GetLogEvents`, `FilterLogEvents` and `DescribeLogStreams` are
//! answered; whoever writes the files is asked through [`LogSource`] where they are. A page is one read of at most
//! a megabyte at the offset that its token names, however large the file is.
//!
//! # Where it differs
//!
//! - A file keeps no time of its lines. So the `timestamp` of an event is when the file had been written last as
//!   this process first saw the line: about right for a log that is followed, and the log's end for one that is read
//!   later. The `ingestionTime` is when the file was written last.
//! - `filterPattern` takes terms and quoted phrases, which all have to occur; every other kind is refused.
//! - Tokens do not expire.

mod file;
mod filter_pattern;
mod operations;
mod service;
mod source;
mod times;
mod token;

pub use service::LocalLogs;
pub use source::{Account, LogSource, LogStream};

#[cfg(test)]
mod tests;
