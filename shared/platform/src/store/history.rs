//! History rows: what users see of executions, stages and actions.

use std::sync::Arc;

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use engine::decide::{ActionInput, ActionOutput, ActionRecord, ExecutionRecord, Record, StageRecord};
use engine::execution::{ActionExecution, ActionRef, PipelineExecutionId, SourceRevisionOverride, Timestamp};
use engine::variables::PipelineVariable;
use serde::{Deserialize, Serialize};

use super::document::{Item, encode, key_of, read, read_required};
use super::transact::write_of;
use super::{Store, keys};
use crate::Fault;

/// CodePipeline keeps the history of executions for twelve months (user guide, "Quotas").
pub(super) const HISTORY_SECONDS: i64 = 366 * 24 * 3600;
/// A repeated start is recognised for five days: GitHub delivers a webhook's request again for three (GitHub
/// documentation, "Redelivering webhooks").
const CLIENT_REQUEST_SECONDS: i64 = 5 * 24 * 3600;

/// An execution with what it was started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExecutionRow {
    pub execution: ExecutionRecord,
    pub variables: Vec<PipelineVariable>,
    pub source_revision_overrides: Vec<SourceRevisionOverride>,
}

/// An action execution with what went in and what came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    pub stage_index: usize,
    pub execution: ActionExecution,
    pub input: Option<ActionInput>,
    pub output: Option<ActionOutput>,
}

impl Store {
    pub(super) fn record_writes(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Fault> {
        match record {
            Record::Execution(record) => self.write_execution(record),
            Record::Stage(record) => Ok(vec![self.write_stage(record)?]),
            Record::Action(record) => Ok(vec![self.write_action(record)?]),
            Record::ApprovalToken { token, action } => {
                let expires = now.0 / 1000 + HISTORY_SECONDS;
                Ok(vec![self.put_row(keys::approval(token), "action", action, expires)?])
            }
            Record::ClientRequest { pipeline_name, execution_id, request } => {
                let put = Put::builder()
                    .table_name(&self.config.pipelines_table)
                    .set_item(Some(key_of(keys::client_request(pipeline_name, &request.token))))
                    .item("executionId", AttributeValue::S(execution_id.0.clone()))
                    .item("digest", AttributeValue::S(request.digest.clone()))
                    .item("expiresAt", seconds(now.0 / 1000 + CLIENT_REQUEST_SECONDS))
                    // DynamoDB takes its time with what has expired.
                    .condition_expression("attribute_not_exists(pk) OR expiresAt <= :now")
                    .expression_attribute_values(":now", seconds(now.0 / 1000));
                Ok(vec![write_of(put)?])
            }
        }
    }

    pub(super) fn put_row<T: Serialize>(
        &self,
        key: keys::Key,
        name: &str,
        value: &T,
        expires: i64,
    ) -> Result<TransactWriteItem, Fault> {
        write_of(self.row(key, name, value, expires)?)
    }

    fn row<T: Serialize>(
        &self,
        key: keys::Key,
        name: &str,
        value: &T,
        expires: i64,
    ) -> Result<PutBuilder, Fault> {
        Ok(Put::builder()
            .table_name(&self.config.executions_table)
            .set_item(Some(key_of(key)))
            .item(name, encode(name, value)?)
            .item("expiresAt", seconds(expires)))
    }

    /// Refused when the row is there: an execution's id is used once.
    fn create_row<T: Serialize>(
        &self,
        key: keys::Key,
        name: &str,
        value: &T,
        expires: i64,
    ) -> Result<TransactWriteItem, Fault> {
        write_of(self.row(key, name, value, expires)?.condition_expression("attribute_not_exists(pk)"))
    }

    fn write_stage(&self, record: &StageRecord) -> Result<TransactWriteItem, Fault> {
        let key = keys::stage(&record.execution_id, record.stage_index);
        self.put_row(key, "stage", record, expiry(record.started_at))
    }

    /// The first row of an execution comes with the pointer that finds it by its id.
    fn write_execution(&self, record: &ExecutionRecord) -> Result<Vec<TransactWriteItem>, Fault> {
        let key = keys::execution(&record.pipeline_name, record.sequence);
        let bare = ExecutionRecord { variables: None, source_revision_overrides: None, ..record.clone() };
        let mut update = RowUpdate::default();
        update.set("execution", encode("an execution", &bare)?);
        update.set("expiresAt", seconds(expiry(record.started_at)));
        if let Some(variables) = &record.variables {
            update.set("variables", encode("the variables of an execution", variables)?);
        }
        if let Some(overrides) = &record.source_revision_overrides {
            update.set("overrides", encode("source revisions", overrides)?);
        }
        let mut writes = vec![update.build(&self.config.executions_table, key)?];
        if record.variables.is_some() {
            let place = Place { pipeline_name: record.pipeline_name.clone(), sequence: record.sequence };
            let key = keys::execution_pointer(&record.execution_id);
            writes.push(self.create_row(key, "place", &place, expiry(record.started_at))?);
        }
        Ok(writes)
    }

    fn write_action(&self, record: &ActionRecord) -> Result<TransactWriteItem, Fault> {
        let ActionRef { pipeline_execution_id, stage_index, action_execution_id, condition, .. } =
            &record.action;
        let started_at = record.execution.started_at;
        let key_of = if condition.is_some() { keys::rule } else { keys::action };
        let key = key_of(pipeline_execution_id, *stage_index, started_at, action_execution_id);
        let mut update = RowUpdate::default();
        update.set("execution", encode("an action execution", &record.execution)?);
        update.set("stageIndex", AttributeValue::N(stage_index.to_string()));
        update.set("expiresAt", seconds(expiry(started_at)));
        if let Some(input) = &record.input {
            update.set("input", encode("an action's input", input)?);
        }
        if let Some(output) = &record.output {
            update.set("output", encode("an action's output", output)?);
        }
        update.build(&self.config.executions_table, key)
    }

    /// An execution by its id; `None` if there is no such execution of this pipeline.
    pub async fn execution(
        &self,
        pipeline_name: &str,
        id: &PipelineExecutionId,
    ) -> Result<Option<ExecutionRow>, Fault> {
        let table = &self.config.executions_table;
        let Some(pointer) = self.get(table, keys::execution_pointer(id)).await? else { return Ok(None) };
        let place: Place = read_required(&pointer, "place")?;
        if place.pipeline_name != pipeline_name {
            return Ok(None);
        }
        self.execution_at(pipeline_name, place.sequence).await
    }

    /// An execution by its place in the order of starts.
    pub async fn execution_at(
        &self,
        pipeline_name: &str,
        sequence: u64,
    ) -> Result<Option<ExecutionRow>, Fault> {
        let item = self.get(&self.config.executions_table, keys::execution(pipeline_name, sequence)).await?;
        item.map(|item| execution_of(&item)).transpose()
    }

    /// The action executions of an execution, by stage and start.
    pub async fn actions(&self, id: &PipelineExecutionId) -> Result<Vec<ActionRow>, Fault> {
        self.executions_by_prefix(id, keys::ACTION_PREFIX).await
    }

    /// The executions of the rules of an execution's stages, likewise.
    pub async fn rules(&self, id: &PipelineExecutionId) -> Result<Vec<ActionRow>, Fault> {
        self.executions_by_prefix(id, keys::RULE_PREFIX).await
    }

    async fn executions_by_prefix(
        &self,
        id: &PipelineExecutionId,
        prefix: &str,
    ) -> Result<Vec<ActionRow>, Fault> {
        let pk = keys::execution_partition(id);
        let items = self.query(&self.config.executions_table, &pk, prefix).await?;
        items.iter().map(action_of).collect()
    }

    /// The action executions of one stage of an execution, by start.
    pub async fn actions_of_stage(
        &self,
        id: &PipelineExecutionId,
        stage_index: usize,
    ) -> Result<Vec<ActionRow>, Fault> {
        self.executions_by_prefix(id, &keys::actions_of_stage(stage_index)).await
    }

    /// The same of a stage that the execution has left: its actions do not change any more.
    pub(crate) async fn actions_of_left_stage(
        &self,
        id: &PipelineExecutionId,
        stage_index: usize,
    ) -> Result<Arc<Vec<ActionRow>>, Fault> {
        if let Some(known) = self.recent.left_stage(id, stage_index) {
            return Ok(known);
        }
        let rows = Arc::new(self.actions_of_stage(id, stage_index).await?);
        self.recent.keep_left_stage(id, stage_index, &rows);
        Ok(rows)
    }

    /// An execution's passage through a stage; `None` if it has not entered it.
    pub async fn stage(
        &self,
        id: &PipelineExecutionId,
        stage_index: usize,
    ) -> Result<Option<StageRecord>, Fault> {
        let item = self.get(&self.config.executions_table, keys::stage(id, stage_index)).await?;
        item.map(|item| read_required(&item, "stage")).transpose()
    }

    /// The action that an approval token was drawn for.
    pub async fn approval(&self, token: &str) -> Result<Option<ActionRef>, Fault> {
        let item = self.get(&self.config.executions_table, keys::approval(token)).await?;
        item.map(|item| read_required(&item, "action")).transpose()
    }

    /// What an earlier StartPipelineExecution with this token asked for and started.
    pub async fn client_request(
        &self,
        pipeline_name: &str,
        token: &str,
    ) -> Result<Option<(PipelineExecutionId, String)>, Fault> {
        let key = keys::client_request(pipeline_name, token);
        let Some(item) = self.get(&self.config.pipelines_table, key).await? else { return Ok(None) };
        let expires = super::document::number(&item, "expiresAt").and_then(|at| i64::try_from(at).ok());
        if expires.is_some_and(|at| at <= self.clock.now().0 / 1000) {
            return Ok(None);
        }
        let text =
            |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Ok(Some((PipelineExecutionId(text("executionId")), text("digest"))))
    }
}

/// Where an execution's row is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    pipeline_name: String,
    sequence: u64,
}

pub(super) fn execution_of(item: &Item) -> Result<ExecutionRow, Fault> {
    Ok(ExecutionRow {
        execution: read_required(item, "execution")?,
        variables: read(item, "variables")?.unwrap_or_default(),
        source_revision_overrides: read(item, "overrides")?.unwrap_or_default(),
    })
}

pub(super) fn action_of(item: &Item) -> Result<ActionRow, Fault> {
    let stage_index = super::document::number(item, "stageIndex").and_then(|n| usize::try_from(n).ok());
    Ok(ActionRow {
        stage_index: stage_index.ok_or_else(|| Fault::corrupt("an action's row has no stage"))?,
        execution: read_required(item, "execution")?,
        input: read(item, "input")?,
        output: read(item, "output")?,
    })
}

pub(super) fn seconds(at: i64) -> AttributeValue {
    AttributeValue::N(at.to_string())
}

fn expiry(started_at: Timestamp) -> i64 {
    started_at.0 / 1000 + HISTORY_SECONDS
}

/// An update that sets some attributes of a row and leaves the others.
#[derive(Default)]
struct RowUpdate {
    attributes: Vec<(&'static str, AttributeValue)>,
}

impl RowUpdate {
    fn set(&mut self, name: &'static str, value: AttributeValue) {
        self.attributes.push((name, value));
    }

    fn build(self, table: &str, key: keys::Key) -> Result<TransactWriteItem, Fault> {
        let assignments: Vec<_> =
            self.attributes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let mut update = Update::builder()
            .table_name(table)
            .set_key(Some(key_of(key)))
            .update_expression(format!("SET {}", assignments.join(", ")));
        for (name, value) in self.attributes {
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let update =
            update.build().map_err(|error| Fault::corrupt(format!("a write is incomplete: {error}")))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
