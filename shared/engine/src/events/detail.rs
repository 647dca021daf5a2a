//! An event's `detail-type` and `detail`, member for member as CodePipeline's.

use serde_json::{Map, Value, json};

use super::{StateChange, Subject};
use crate::decide::ArtifactLocation;
use crate::declaration::ActionTypeId;
use crate::execution::Timestamp;

/// What the declaration says of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionFacts {
    pub action_type: ActionTypeId,
    /// Where the action runs.
    pub region: String,
}

impl StateChange {
    pub fn detail_type(&self) -> &'static str {
        match self.subject {
            Subject::Pipeline { .. } => "CodePipeline Pipeline Execution State Change",
            Subject::Stage { .. } => "CodePipeline Stage Execution State Change",
            Subject::Action { .. } => "CodePipeline Action Execution State Change",
        }
    }

    /// `facts` are of the action of which this tells, if it is one; they are `None` if its pipeline is gone. `written`
    /// writes a time as RFC 3339 with milliseconds: `2023-10-26T13:49:39.208Z`.
    pub fn detail(&self, facts: Option<&ActionFacts>, written: fn(Timestamp) -> String) -> Value {
        let time = |at: Timestamp| json!(written(at));
        let mut detail = Map::new();
        let mut put = |name: &str, value: Value| {
            detail.insert(name.to_owned(), value);
        };
        put("pipeline", json!(self.pipeline_name));
        put("execution-id", json!(self.execution_id));
        match &self.subject {
            Subject::Pipeline { state, started_at, trigger, stop_comments } => {
                put("start-time", time(*started_at));
                if let Some(trigger) = trigger {
                    let told = json!({ "trigger-type": trigger.trigger_type, "trigger-detail": trigger.trigger_detail });
                    put("execution-trigger", told);
                }
                put("state", json!(state));
                if let Some(comments) = stop_comments {
                    put("stop-execution-comments", json!(comments));
                }
            }
            Subject::Stage { stage_name, state, started_at, last_retry_at } => {
                put("start-time", time(*started_at));
                if let Some(at) = last_retry_at {
                    put("stage-last-retry-attempt-time", time(*at));
                }
                put("stage", json!(stage_name));
                put("state", json!(state));
            }
            Subject::Action { started_at, .. } => {
                put("start-time", time(*started_at));
                self.put_action(&mut put, facts);
            }
        }
        // Numbers of events are written with a point: `1.0`.
        put("version", json!(f64::from(self.version)));
        put("pipeline-execution-attempt", json!(f64::from(self.attempt)));
        Value::Object(detail)
    }

    fn put_action(&self, put: &mut impl FnMut(&str, Value), facts: Option<&ActionFacts>) {
        let Subject::Action { stage_name, action_name, action_execution_id, state, .. } = &self.subject
        else {
            return;
        };
        put("stage", json!(stage_name));
        put("action-execution-id", json!(action_execution_id));
        put("action", json!(action_name));
        put("state", json!(state));
        if let Some(ActionFacts { action_type, region }) = facts {
            put("region", json!(region));
            put("type", json!(action_type));
        }
        let Subject::Action { input_artifacts, output_artifacts, .. } = &self.subject else { return };
        for (name, artifacts) in
            [("input-artifacts", input_artifacts), ("output-artifacts", output_artifacts)]
        {
            if !artifacts.is_empty() {
                put(name, artifacts.iter().map(artifact).collect());
            }
        }
        let result = self.execution_result();
        if !result.is_empty() {
            put("execution-result", Value::Object(result));
        }
    }

    fn execution_result(&self) -> Map<String, Value> {
        let Subject::Action { external_execution_id, external_execution_url, summary, error_code, .. } =
            &self.subject
        else {
            return Map::new();
        };
        let members = [
            ("external-execution-url", external_execution_url),
            ("external-execution-summary", summary),
            ("external-execution-id", external_execution_id),
            ("error-code", error_code),
        ];
        let told =
            members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
        told.collect()
    }
}

fn artifact(artifact: &ArtifactLocation) -> Value {
    json!({
        "name": artifact.name,
        "s3location": { "bucket": artifact.bucket, "key": artifact.key },
    })
}
