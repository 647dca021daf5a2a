//! `Events` of a function: EventBridge rules, schedules, and streams of tables.

use std::collections::BTreeSet;

use serde_json::Value;

use super::TemplateError;
use super::properties::Properties;
use super::stack::{Rule, ScheduledCall, StreamReader};
use crate::events::{Pattern, Schedule};

/// What invokes one function besides calls.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    pub rules: Vec<Rule>,
    pub schedules: Vec<ScheduledCall>,
    pub streams: Vec<StreamReader>,
}

pub(super) fn read(
    logical_id: &str,
    function_arn: &str,
    events: Properties,
) -> Result<Triggers, TemplateError> {
    let mut triggers = Triggers::default();
    for (event, mut fields) in events.into_objects()? {
        let kind = fields.text("Type")?;
        let type_path = fields.path_of("Type");
        let mut properties = fields.object("Properties")?;
        fields.finish()?;
        // As SAM names what it makes of an event.
        let name = format!("{logical_id}{event}");
        let function = function_arn.to_owned();
        match kind.as_str() {
            "EventBridgeRule" => {
                let pattern = properties.require("Pattern")?;
                let pattern =
                    Pattern::parse(&pattern).map_err(|problem| properties.error("Pattern", problem))?;
                properties.without_effect(&GIVEN_UP);
                triggers.rules.push(Rule { name, pattern, function });
            }
            "Schedule" => {
                let expression = properties.text("Schedule")?;
                let schedule =
                    Schedule::parse(&expression).map_err(|problem| properties.error("Schedule", problem))?;
                properties.without_effect(&["Description"]);
                properties.without_effect(&GIVEN_UP);
                triggers.schedules.push(ScheduledCall { name, schedule, function });
            }
            "DynamoDB" => triggers.streams.push(stream(name, function, &mut properties)?),
            kind => return Err(TemplateError::unsupported(type_path, format!("the event type {kind}"))),
        }
        properties.finish()?;
    }
    Ok(triggers)
}

/// When an event or a record is given up, and what becomes of it then. Here none ever is.
const GIVEN_UP: [&str; 5] = [
    "DeadLetterConfig",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "RetryPolicy",
];

/// Lambda's defaults, where it has any.
const DEFAULT_BATCH_SIZE: u64 = 100;

fn stream(
    name: String,
    function: String,
    properties: &mut Properties,
) -> Result<StreamReader, TemplateError> {
    let stream_arn = properties.text("Stream")?;
    // A stream begins with its table here, so both positions would be the same.
    properties.only("StartingPosition", "TRIM_HORIZON")?;
    let mut criteria = properties.object("FilterCriteria")?;
    let (mut filters, mut attributes) = (Vec::new(), BTreeSet::new());
    for mut filter in criteria.objects("Filters")? {
        let text = filter.text("Pattern")?;
        let pattern: Value =
            serde_json::from_str(&text).map_err(|error| filter.error("Pattern", error.to_string()))?;
        let named = pattern["dynamodb"]["NewImage"].as_object();
        let named =
            named.ok_or_else(|| filter.error("Pattern", "has to name attributes of dynamodb.NewImage"))?;
        attributes.extend(named.keys().cloned());
        filters.push(Pattern::parse(&pattern).map_err(|problem| filter.error("Pattern", problem))?);
        filter.finish()?;
    }
    criteria.finish()?;
    if filters.is_empty() {
        return Err(properties
            .error("FilterCriteria", "is missing: without a filter a stream is not supported locally"));
    }
    // What is read over again is what was not taken, and nothing before.
    let responses = properties.require("FunctionResponseTypes")?;
    if responses != serde_json::json!(["ReportBatchItemFailures"]) {
        return Err(properties.error("FunctionResponseTypes", "has to be [ReportBatchItemFailures] locally"));
    }
    properties.without_effect(&["BisectBatchOnFunctionError"]);
    properties.without_effect(&GIVEN_UP);
    Ok(StreamReader {
        name,
        stream_arn,
        function,
        filters,
        attributes,
        batch_size: usize::try_from(properties.number_or("BatchSize", DEFAULT_BATCH_SIZE)?)
            .unwrap_or(usize::MAX),
        window_seconds: properties.number_or("MaximumBatchingWindowInSeconds", 0)?,
    })
}
