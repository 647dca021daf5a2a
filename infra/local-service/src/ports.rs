//! What a service offers and what it may need from its surroundings.

use serde_json::Value;

use crate::ApiError;

pub type BoxFuture<'a, T> = futures::future::BoxFuture<'a, T>;

/// An AWS service: `call("StartExecution", {…})`, with the field names of the service's API.
/// Timestamps in answers are numbers: seconds since the epoch, with milliseconds as the fraction.
pub trait Service: Send + Sync + 'static {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>>;
}

/// Where a service's EventBridge events go. `event` is the whole envelope (`source`,
/// `detail-type`, `detail`, …). Delivery is somebody else's work: this never blocks.
pub trait EventSink: Send + Sync + 'static {
    fn put_event(&self, event: Value);

    /// `false`: nobody would get an event of this source and detail-type, so it need not be made.
    fn is_awaited(&self, _source: &str, _detail_type: &str) -> bool {
        true
    }
}

/// The objects that builds and deployments read and write, as S3 holds them.
pub trait ObjectStore: Send + Sync + 'static {
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>, ApiError>>;
    fn put<'a>(&'a self, bucket: &'a str, key: &'a str, body: Vec<u8>)
    -> BoxFuture<'a, Result<(), ApiError>>;
}
