//! The AWS SDK against the store, in one process: what the functions of a pipeline do.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod connector;
mod durability;
mod listings;
mod multipart;
mod objects;
mod versions;

use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use local_s3::{LocalS3, Settings};
use local_service::{AdjustableClock, DiskQueue, EventSink};
use serde_json::Value;

#[derive(Default)]
struct Events(Mutex<Vec<Value>>);

impl EventSink for Events {
    fn put_event(&self, event: Value) {
        self.0.lock().unwrap().push(event);
    }
}

struct Fixture {
    s3: LocalS3,
    client: Client,
    events: Arc<Events>,
    directory: tempfile::TempDir,
}

fn open(directory: &Path, events: Arc<Events>) -> LocalS3 {
    // Nothing here loses power.
    let settings = Settings { disk: Some(DiskQueue::default()), events: Some(events), ..Settings::default() };
    LocalS3::open_with(directory, Arc::new(AdjustableClock::default()), settings).unwrap()
}

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let events = Arc::new(Events::default());
    let s3 = open(directory.path(), events.clone());
    Fixture { client: connector::client(&s3), s3, events, directory }
}

/// The error code that the service answered with.
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => error.code().unwrap_or("no code").to_string(),
    }
}
