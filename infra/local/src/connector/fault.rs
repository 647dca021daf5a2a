//! Faults that AWS has on some days, on request.

use std::fmt;
use std::sync::Arc;

/// One call, as a fault is chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The logical id of the calling function.
    pub caller: &'a str,
    /// As IAM names it: `dynamodb:TransactWriteItems`, `s3:PutObject`.
    pub action: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service refuses the call for now and does nothing.
    Throttle,
    /// The service does what it was asked to, and the answer never arrives.
    LoseReply,
    /// The connection breaks in the middle of the request's body.
    CutRequest,
    /// The connection breaks in the middle of the answer's body.
    CutReply,
}

/// Asked before each call that is allowed.
pub type FaultInjection = Arc<dyn Fn(&Call<'_>) -> Option<Fault> + Send + Sync>;

/// Marks an answer of which only the first half arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct HalfArrives;

/// The connection broke before the answer arrived, or in the middle of it, or before all of the request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed before all of the answer arrived (injected)")
    }
}

impl std::error::Error for Lost {}
