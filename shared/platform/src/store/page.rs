//! Lists, a page at a time: a query by key that begins where the page before ended. What a page costs does not
//! depend on how long the list is.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::execution::PipelineExecutionId;

use super::document::{Item, key_of, read_required};
use super::history::{action_of, execution_of};
use super::webhooks::webhook_of;
use super::{ActionRow, ExecutionRow, PipelineHead, PipelineSummary, Store, TriggerEvent, Webhook, keys};
use crate::Fault;

/// A part of a list, and where the next part begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// The sort key of the last row; `None` when nothing comes behind it.
    pub next: Option<String>,
}

/// The rows of a partition with sort keys from `first` to `last`.
struct Span<'a> {
    table: &'a str,
    partition: String,
    first: String,
    last: String,
    is_descending: bool,
}

/// Greater than every character of our keys.
const AFTER_EVERYTHING: char = '~';

impl Store {
    /// All pipelines, by name.
    pub async fn pipelines_page(
        &self,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<PipelineSummary>, Fault> {
        let span = Span {
            table: &self.config.pipelines_table,
            partition: keys::PIPELINE_LIST.to_owned(),
            // The smallest character of a pipeline's name is '-'.
            first: "-".to_owned(),
            last: AFTER_EVERYTHING.to_string(),
            is_descending: false,
        };
        self.page(&span, after, rows_max, |item| read_required(item, "pipeline")).await
    }

    /// All webhooks, by name.
    pub async fn webhooks_page(&self, after: Option<&str>, rows_max: usize) -> Result<Page<Webhook>, Fault> {
        let span = Span {
            table: &self.config.pipelines_table,
            partition: keys::WEBHOOKS.to_owned(),
            // The smallest character of a webhook's name is '-'.
            first: "-".to_owned(),
            last: AFTER_EVERYTHING.to_string(),
            is_descending: false,
        };
        self.page(&span, after, rows_max, webhook_of).await
    }

    /// What sources told, newest first.
    pub async fn trigger_events_page(
        &self,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<TriggerEvent>, Fault> {
        let span = Span {
            table: &self.config.executions_table,
            partition: keys::TRIGGER_EVENTS.to_owned(),
            first: "0".to_owned(),
            last: AFTER_EVERYTHING.to_string(),
            is_descending: true,
        };
        self.page(&span, after, rows_max, |item| read_required(item, "event")).await
    }

    /// The executions of a pipeline, newest first; not those of a deleted pipeline of the same name.
    pub async fn executions_page(
        &self,
        head: &PipelineHead,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<ExecutionRow>, Fault> {
        let span = Span {
            table: &self.config.executions_table,
            partition: keys::pipeline_partition(&head.name),
            first: keys::execution(&head.name, head.history_after + 1).sk,
            last: keys::execution(&head.name, keys::EXECUTION_SEQUENCE_MAX).sk,
            is_descending: true,
        };
        self.page(&span, after, rows_max, execution_of).await
    }

    /// The action executions of an execution, newest first.
    pub async fn actions_page(
        &self,
        id: &PipelineExecutionId,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<ActionRow>, Fault> {
        self.executions_of(keys::ACTION_PREFIX, id, after, rows_max).await
    }

    /// The rules' executions of an execution, newest first.
    pub async fn rules_page(
        &self,
        id: &PipelineExecutionId,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<ActionRow>, Fault> {
        self.executions_of(keys::RULE_PREFIX, id, after, rows_max).await
    }

    async fn executions_of(
        &self,
        prefix: &str,
        id: &PipelineExecutionId,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<ActionRow>, Fault> {
        let span = Span {
            table: &self.config.executions_table,
            partition: keys::execution_partition(id),
            first: prefix.to_owned(),
            last: format!("{prefix}{AFTER_EVERYTHING}"),
            is_descending: true,
        };
        self.page(&span, after, rows_max, action_of).await
    }

    async fn page<T>(
        &self,
        span: &Span<'_>,
        after: Option<&str>,
        rows_max: usize,
        read: fn(&Item) -> Result<T, Fault>,
    ) -> Result<Page<T>, Fault> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let start = after.map(|sk| key_of(keys::Key { pk: span.partition.clone(), sk: sk.to_owned() }));
        let request = self
            .client
            .query()
            .table_name(span.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(&span.partition))
            .expression_attribute_values(":first", text(&span.first))
            .expression_attribute_values(":last", text(&span.last))
            .scan_index_forward(!span.is_descending)
            .set_exclusive_start_key(start)
            // One more than is shown tells whether there is more.
            .limit(i32::try_from(rows_max).unwrap_or(i32::MAX - 1) + 1);
        let what = format!("listing {}", span.partition);
        let answer = request.send().await.map_err(|error| Fault::of_call(&what, error))?;
        let mut items = answer.items.unwrap_or_default();
        // DynamoDB also ends a page at a megabyte.
        let is_more = items.len() > rows_max || answer.last_evaluated_key.is_some();
        items.truncate(rows_max);
        let last = items.last().and_then(|item| item.get("sk")?.as_s().ok()).cloned();
        let rows = items.iter().map(read).collect::<Result<_, Fault>>()?;
        Ok(Page { rows, next: last.filter(|_| is_more) })
    }
}
