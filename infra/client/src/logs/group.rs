//! All streams of a log group, one after the other: the next one begins where the one before has ended.

use super::{Line, Stream};
use crate::execution::LogStream;
use crate::failure::Failure;
use crate::session::Session;

/// What was read of a group whose streams are named in their order.
#[derive(Debug)]
pub(crate) struct LogGroup {
    name: String,
    /// The newest stream that was read, and what of it.
    newest: Option<(String, Stream)>,
}

impl LogGroup {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), newest: None }
    }

    /// Tells the lines that have come since the last time.
    pub async fn read(&mut self, session: &Session, say: &mut dyn FnMut(&Line)) -> Result<(), Failure> {
        // The last lines of a stream are there before the next stream is.
        for name in self.streams(session).await? {
            let is_known = self.newest.as_ref().is_some_and(|(newest, _)| *newest == name);
            if !is_known {
                let log = LogStream { group: self.name.clone(), stream: name.clone() };
                self.newest = Some((name, Stream::new(log)));
            }
            if let Some((_, stream)) = &mut self.newest {
                stream.read(&session.api.logs, say).await?;
            }
        }
        Ok(())
    }

    /// The newest stream that was read and those behind it; all if none was.
    async fn streams(&self, session: &Session) -> Result<Vec<String>, Failure> {
        let request = session.api.logs.describe_log_streams().log_group_name(&self.name);
        let mut pages = request.into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(stream) = pages.next().await {
            names.extend(stream?.log_stream_name().map(str::to_owned));
        }
        names.sort();
        if let Some((newest, _)) = &self.newest {
            names.retain(|name| name >= newest);
        }
        Ok(names)
    }
}
