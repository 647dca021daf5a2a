//! What was decided, in DynamoDB.

mod action_types;
mod begun_with;
mod beside;
mod condition;
mod connections;
mod deletion;
mod deployments;
mod document;
mod history;
mod jobs;
pub mod keys;
mod latest;
mod outbox;
mod outside;
mod page;
mod pipelines;
mod provided_action_types;
mod recent;
mod roles;
mod state_changes;
mod states;
mod tags;
mod transact;
mod trigger_events;
mod unlisted;
mod watches;
mod webhooks;

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use engine::Rejection;

use crate::{Clock, Config, Fault};

pub use action_types::CustomActionTypeRow;
pub use begun_with::Beginning;
pub use connections::Connection;
pub use deletion::Deleted;
pub use history::{ActionRow, ExecutionRow};
pub use latest::{LatestInStage, LatestInStages};
pub use outbox::Pending;
pub use outside::{Invocation, OutsideWork, Provider, WorkerTask};
pub use page::Page;
pub use pipelines::{PipelineHead, PipelineSummary, PipelineVersion};
pub use recent::Recent;
pub use state_changes::{ChangedItem, changed_items};
pub use states::Stored;
pub use tags::{ResourceTags, TaggedResource};
pub use transact::Committed;
pub(crate) use transact::Companions;
pub use trigger_events::{Judged, TriggerEvent};
pub use watches::Watcher;
pub use webhooks::{Webhook, WebhookError};

#[derive(Clone)]
pub struct Store {
    client: Client,
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    recent: Recent,
}

impl Store {
    pub fn new(client: Client, config: Arc<Config>, clock: Arc<dyn Clock>) -> Self {
        Self { client, config, clock, recent: Recent::default() }
    }

    /// For a process that does nearly all the writing: what each of its stores writes or reads last, the others know.
    #[must_use]
    pub fn with_recent(self, recent: Recent) -> Self {
        Self { recent, ..self }
    }
}

/// Why a commit did not happen.
#[derive(Debug)]
pub enum StoreError {
    Rejected(Rejection),
    Fault(Fault),
}

impl From<Rejection> for StoreError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}
