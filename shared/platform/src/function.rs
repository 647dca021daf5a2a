//! A function as the runtime sees it, on AWS and on a laptop: JSON in, JSON out, or a fault with a
//! stable name. The JSON is encoded and decoded in both places.

use std::future::Future;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Fault, Platform};

pub type Function = Arc<dyn Fn(Platform, Value) -> BoxFuture<'static, Result<Value, Fault>> + Send + Sync>;

/// A handler of typed events as a function.
pub fn boxed<Event, Output, Running>(handle: fn(Platform, Event) -> Running) -> Function
where
    Event: DeserializeOwned + Send + 'static,
    Output: Serialize,
    Running: Future<Output = Result<Output, Fault>> + Send + 'static,
{
    Arc::new(move |platform, event| {
        async move {
            let event = serde_json::from_value(event).map_err(|error| {
                Fault::misconfigured(format!("the event is not what this function takes: {error}"))
            })?;
            let output = handle(platform, event).await?;
            serde_json::to_value(output).map_err(|error| Fault::corrupt(format!("the answer: {error}")))
        }
        .boxed()
    })
}
