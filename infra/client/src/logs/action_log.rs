//! What one action prints: in one stream, or in a stream of each build of its batch.

use super::{Line, Stream};
use crate::execution::{Log, log_of_build};
use crate::failure::Failure;
use crate::session::Session;

#[derive(Debug)]
pub(super) enum ActionLog {
    One(Stream),
    OfBatch {
        id: String,
        /// Of the builds that are known to have begun, by their identifiers in the batch.
        builds: Vec<(String, Stream)>,
    },
}

impl ActionLog {
    pub(super) fn new(log: &Log) -> Self {
        match log {
            Log::One(stream) => Self::One(Stream::new(stream.clone())),
            Log::OfBatch(id) => Self::OfBatch { id: id.clone(), builds: Vec::new() },
        }
    }

    /// Tells the lines that have come since the last time.
    pub(super) async fn read(
        &mut self,
        session: &Session,
        say: &mut dyn FnMut(&Line),
    ) -> Result<(), Failure> {
        match self {
            Self::One(stream) => stream.read(&session.api.logs, say).await,
            Self::OfBatch { id, builds } => {
                for (identifier, arn) in session.api.builds_of_batch(id).await? {
                    let is_known = builds.iter().any(|(known, _)| *known == identifier);
                    let log = log_of_build(arn.rsplit_once('/').map_or(arn.as_str(), |(_, id)| id));
                    builds.extend(log.filter(|_| !is_known).map(|log| (identifier, Stream::new(log))));
                }
                for (identifier, stream) in builds {
                    let mut of_build =
                        |line: &Line| say(&Line { build: Some(identifier.clone()), ..line.clone() });
                    stream.read(&session.api.logs, &mut of_build).await?;
                }
                Ok(())
            }
        }
    }
}
