//! Rows as the API shows them. Times are seconds since the epoch, with milliseconds.

mod actions;
mod conditions;
mod executions;
mod links;
mod pipelines;
mod stages;
mod types;
mod webhooks;

use engine::execution::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use actions::action_execution_detail;
pub(crate) use conditions::rule_execution_detail;
pub(crate) use executions::{pipeline_execution, pipeline_execution_summary};
pub(crate) use links::Links;
pub(crate) use pipelines::{metadata, pipeline_summary};
pub(crate) use stages::{StageView, stage_state};
pub(crate) use types::{action_type, rule_type};
pub(crate) use webhooks::webhook;

pub(crate) fn time(at: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this millennium fit a double exactly")]
    let seconds = at.0 as f64 / 1000.0;
    json!(seconds)
}

/// The API leaves out what is not there.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}
