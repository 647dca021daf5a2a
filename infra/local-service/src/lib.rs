//! What the embedded AWS services have in common.
//!
//! A service is a function from an operation's name and its JSON input to its JSON output or an
//! [`ApiError`]; the connector in `infra/local` turns HTTP requests of the AWS SDKs into such calls.
//! Keeping the services free of HTTP keeps them small, quick to compile, and callable from tests.

mod clock;
mod directory;
mod disk_queue;
mod error;
mod hand_over;
mod ports;
mod records;

pub use clock::{AdjustableClock, Clock, Timestamp};
pub use directory::{LockedDirectory, OpenError};
pub use disk_queue::DiskQueue;
pub use error::ApiError;
pub use hand_over::hand_over;
pub use ports::{BoxFuture, EventSink, ObjectStore, Service};
pub use records::{read_record, write_declared, write_record};
