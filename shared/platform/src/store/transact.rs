//! Decide, commit: the new state, the history rows and the outbox in one transaction, conditional on
//! nobody having written in between.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use engine::Rejection;
use engine::decide::{Decision, Event, EventKind, decide};
use engine::execution::{PipelineState, StateKey, Timestamp};

use super::beside::Beside;
use super::document::{encode, key_of};
use super::history::{HISTORY_SECONDS, seconds};
use super::outbox::Pending;
use super::recent::Turn;
use super::state_changes::CHANGES;
use super::states::Stored;
use super::{Store, StoreError, keys};
use crate::{Fault, ids};

/// A decision that is on disk.
#[derive(Debug)]
pub struct Committed {
    /// For the next decision of the same caller, which need not read it again.
    pub stored: Stored,
    /// Whether anything had to be written: not so for a late or repeated event.
    pub is_written: bool,
    /// Still to be delivered.
    pub pending: Vec<Pending>,
}

impl Committed {
    /// `decision` is written, with what is `beside` its state.
    pub(super) fn new(decision: Decision, beside: Beside, now: Timestamp) -> Self {
        let Beside { revision, write_ids, latest, retries, .. } = beside;
        let stored = Stored { state: decision.state, revision, write_ids, latest, retries };
        let pending = decision.effects.into_iter().map(|effect| Pending::new(now, effect)).collect();
        Self { stored, is_written: true, pending }
    }
}

/// What is written in the transaction of a decision besides what the decision itself says.
#[derive(Default)]
pub(crate) enum Companions {
    #[default]
    None,
    /// Only if the decision changes something: a late or repeated event leaves them out.
    WithChange(Vec<TransactWriteItem>),
    /// Even if the state stays as it is: their own conditions say whether they may be.
    Always(Vec<TransactWriteItem>),
}

impl Companions {
    fn items(&self) -> &[TransactWriteItem] {
        match self {
            Self::None => &[],
            Self::WithChange(items) | Self::Always(items) => items,
        }
    }
}

/// Enough for a crowd of writers; a caller that is refused after that is retried from outside.
pub(super) const ATTEMPTS_MAX: u32 = 12;
/// The most that DynamoDB takes at once (API reference, TransactWriteItems).
const TRANSACTION_ITEMS_MAX: usize = 100;

/// What became of one attempt to write.
pub(super) enum Written {
    Yes,
    SomebodyElseDid,
}

impl Store {
    /// Decides on `event` and commits the decision, with `companions` in the same transaction. An event that
    /// changes nothing writes nothing.
    ///
    /// It begins with what the caller has `seen`. A decision that was made on an old state is never written;
    /// one that writes nothing, or refuses, is made again on what is stored now.
    ///
    /// # Errors
    /// The engine's rejection, or a fault; `Conflict` when others kept writing.
    pub(crate) async fn transact_with(
        &self,
        event: &Event,
        mut seen: Option<Stored>,
        companions: &Companions,
    ) -> Result<Committed, StoreError> {
        let mut turn = self.recent.turn(&event.key).await;
        for attempt in 0..ATTEMPTS_MAX {
            let now = self.clock.now();
            // Taken out: what a write that fails has left is not known.
            let recent = turn.as_mut().and_then(|turn| turn.take());
            seen = newer(seen, recent);
            let is_fresh = seen.is_none();
            let stored = match seen.take() {
                Some(seen) => Some(seen),
                None => self.stored_state(&event.key).await?,
            };
            let before = match &stored {
                Some(stored) => &stored.state,
                None => &first_state(event)?,
            };
            let decision = match decide(before, event, now) {
                Err(_) if !is_fresh => continue,
                decided => decided?,
            };
            if let Some(stored) = &stored
                && decision.changes_nothing(before)
                && !matches!(companions, Companions::Always(_))
            {
                if is_fresh {
                    remember(&mut turn, stored);
                    return Ok(Committed { stored: stored.clone(), is_written: false, pending: Vec::new() });
                }
                continue;
            }
            let write_id = ids::uuid();
            let beside = Beside::of(stored.as_ref(), &decision, &write_id, now);
            let mut items = self.writes_of(stored.as_ref(), &decision, &beside, now)?;
            items.extend_from_slice(companions.items());
            match self.commit(&decision.state.key, &write_id, items).await? {
                Written::Yes => {
                    let committed = Committed::new(decision, beside, now);
                    remember(&mut turn, &committed.stored);
                    return Ok(committed);
                }
                Written::SomebodyElseDid => {
                    self.check_that_it_is_open(event).await?;
                    pause(attempt).await;
                }
            }
        }
        let name = &event.key.pipeline_name;
        Err(Fault::conflict(format!("others kept writing the state of pipeline '{name}'")).into())
    }

    /// Deciding again does not help a start whose client token was faster, nor a version whose number
    /// somebody else took.
    async fn check_that_it_is_open(&self, event: &Event) -> Result<(), StoreError> {
        let name = &event.key.pipeline_name;
        match &event.kind {
            EventKind::ExecutionRequested(requested) => {
                let Some(request) = &requested.client_request else { return Ok(()) };
                match self.client_request(name, &request.token).await? {
                    Some(_) => Err(Fault::conflict("the token has started an execution meanwhile").into()),
                    None => Ok(()),
                }
            }
            EventKind::DeclarationUpdated(updated) => match self.pipeline(name).await? {
                Some(head) if head.version < updated.version => Ok(()),
                _ => Err(Rejection::Conflict(format!(
                    "The pipeline '{name}' was updated by somebody else meanwhile. Read it again and repeat the update."
                ))
                .into()),
            },
            _ => Ok(()),
        }
    }

    /// The new state, the history rows and the outbox.
    pub(super) fn writes_of(
        &self,
        before: Option<&Stored>,
        decision: &Decision,
        beside: &Beside,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Fault> {
        let mut items = vec![self.put_state(before, &decision.state, beside, now)?];
        for record in &decision.records {
            items.extend(self.record_writes(record, now)?);
        }
        for effect in &decision.effects {
            items.push(self.put_outbox(now, effect)?);
        }
        Ok(items)
    }

    /// One transaction that contains a write of the state `key` with the mark `write_id`.
    pub(super) async fn commit(
        &self,
        key: &StateKey,
        write_id: &str,
        items: Vec<TransactWriteItem>,
    ) -> Result<Written, Fault> {
        check_count(&key.pipeline_name, items.len())?;
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) if was_refused(&error) => Ok(Written::SomebodyElseDid),
            Err(error) => self.after_lost_reply(key, write_id, error).await,
        }
    }

    /// The reply may be lost although the write took place: the state itself tells.
    async fn after_lost_reply(
        &self,
        key: &StateKey,
        write_id: &str,
        error: SdkError<TransactWriteItemsError>,
    ) -> Result<Written, Fault> {
        let fault = Fault::of_call("committing a decision", error);
        match self.stored_state(key).await {
            Ok(Some(stored)) if stored.write_ids.iter().any(|id| id == write_id) => Ok(Written::Yes),
            _ => Err(fault),
        }
    }

    fn put_state(
        &self,
        before: Option<&Stored>,
        state: &PipelineState,
        beside: &Beside,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Fault> {
        let write_ids = beside.write_ids.iter().cloned().map(AttributeValue::S).collect();
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::state(&state.key))))
            .item("state", encode("the state of a pipeline", state)?)
            .item("latestInStages", encode("the latest executions of stages", &beside.latest)?)
            .item("revision", AttributeValue::N(beside.revision.to_string()))
            .item("writeIds", AttributeValue::L(write_ids));
        let put = with_changes(put, beside)?;
        // It can be retried as long as it is shown; then it goes as its rows do.
        let put = match has_ended_for_itself(state) {
            true => put.item("expiresAt", seconds(now.0 / 1000 + HISTORY_SECONDS)),
            false => put,
        };
        let put = match before {
            Some(before) => {
                let AsRead { expression, values } = as_read(before);
                put.condition_expression(expression).set_expression_attribute_values(Some(values))
            }
            None => put.condition_expression("attribute_not_exists(pk)"),
        };
        write_of(put)
    }
}

/// Of a PARALLEL execution, whose state serves no other.
fn has_ended_for_itself(state: &PipelineState) -> bool {
    let has_ended = state.executions.values().all(|execution| execution.status.is_ended());
    state.key.parallel_execution.is_some() && has_ended
}

/// That a state is the one that was read.
pub(super) struct AsRead {
    pub expression: &'static str,
    pub values: HashMap<String, AttributeValue>,
}

/// Revisions of a pipeline that is created again are counted anew; the mark of the last write tells them apart.
pub(super) fn as_read(stored: &Stored) -> AsRead {
    let last_write = stored.write_ids.last().cloned().unwrap_or_default();
    let values = HashMap::from([
        (":revision".to_owned(), AttributeValue::N(stored.revision.to_string())),
        (":write".to_owned(), AttributeValue::S(last_write)),
    ]);
    AsRead { expression: "revision = :revision AND contains(writeIds, :write)", values }
}

/// What has changed goes with the state, so that no decision is without its events; the table's stream brings it to
/// whoever publishes it. The next write takes its place.
fn with_changes(put: PutBuilder, beside: &Beside) -> Result<PutBuilder, Fault> {
    let put = match beside.retries.is_empty() {
        true => put,
        false => put.item("retries", encode("the retries of executions", &beside.retries)?),
    };
    Ok(match beside.changes.is_empty() {
        true => put,
        false => put.item(CHANGES, encode("state changes", &beside.changes)?),
    })
}

pub(super) fn write_of(put: PutBuilder) -> Result<TransactWriteItem, Fault> {
    let put = put.build().map_err(|error| Fault::corrupt(format!("a write is incomplete: {error}")))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(super) fn delete_of(delete: DeleteBuilder, key: keys::Key) -> Result<TransactWriteItem, Fault> {
    let delete = delete.set_key(Some(key_of(key))).build();
    let delete = delete.map_err(|error| Fault::corrupt(format!("a deletion is incomplete: {error}")))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

pub(super) fn check_count(pipeline_name: &str, items: usize) -> Result<(), Fault> {
    if items <= TRANSACTION_ITEMS_MAX {
        return Ok(());
    }
    Err(Fault::misconfigured(format!(
        "pipeline '{pipeline_name}': a decision changes {items} items at once; DynamoDB takes {TRANSACTION_ITEMS_MAX}"
    )))
}

/// Of two that were seen of one state, the one that was written later.
fn newer(one: Option<Stored>, other: Option<Stored>) -> Option<Stored> {
    [one, other].into_iter().flatten().max_by_key(|stored| stored.revision)
}

/// A state in which nothing runs is read again when it is needed.
fn remember(turn: &mut Option<Turn>, stored: &Stored) {
    if let Some(turn) = turn {
        let state = &stored.state;
        let is_live = !state.executions.is_empty() || !state.parallel_executions.is_empty();
        **turn = is_live.then(|| stored.clone());
    }
}

/// A PARALLEL execution's state begins with its admission; every other state is there before any event.
fn first_state(event: &Event) -> Result<PipelineState, Rejection> {
    match (&event.kind, &event.key.parallel_execution) {
        (EventKind::ParallelExecutionAdmitted(admitted), Some(_)) => {
            Ok(PipelineState::of_parallel(event.key.clone(), admitted))
        }
        (_, Some(id)) => {
            Err(Rejection::PipelineExecutionNotFound(format!("The pipeline execution {id} does not exist.")))
        }
        (_, None) => Err(Rejection::PipelineNotFound(format!(
            "Account does not have a pipeline with name '{}'",
            event.key.pipeline_name
        ))),
    }
}

/// A condition did not hold, or another transaction was under way: read again, decide again.
pub(super) fn was_refused(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled
            .cancellation_reasons()
            .iter()
            .filter_map(|reason| reason.code())
            .any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict")),
        _ => false,
    }
}

/// None after the first attempt: whoever was faster has ended. Then longer with every attempt, and different for
/// everybody who waits.
pub(super) async fn pause(attempt: u32) {
    let ceiling_ms = 2_u64.pow(attempt.min(8)) - 1;
    if ceiling_ms > 0 {
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..=ceiling_ms))).await;
    }
}

#[cfg(test)]
mod tests {
    use engine::declaration::ExecutionMode;
    use engine::execution::Plan;
    use serde_json::json;

    use super::*;

    /// A live execution may wait for longer than history is kept.
    #[test]
    fn only_the_state_of_a_parallel_execution_that_has_ended_expires() {
        for (is_parallel, status, expected) in [
            (true, "InProgress", false),
            (true, "Stopping", false),
            (true, "Failed", true),
            (true, "Succeeded", true),
            (false, "Failed", false),
        ] {
            let execution = json!({
                "version": 1, "mode": "PARALLEL", "sequence": 1, "status": status, "stageIndex": 0,
                "startedAt": 0, "updatedAt": 0, "trigger": { "triggerType": "StartPipelineExecution" },
            });
            let key = match is_parallel {
                true => StateKey::parallel("shop", &"e".into()),
                false => StateKey::pipeline("shop"),
            };
            let mut state = PipelineState::new("shop", 1, ExecutionMode::Parallel, Plan { stages: vec![] });
            state.key = key;
            state.executions.insert("e".into(), serde_json::from_value(execution).expect("an execution"));
            assert_eq!(has_ended_for_itself(&state), expected, "{is_parallel} {status}");
        }
    }
}
