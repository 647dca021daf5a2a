//! It is time, says a rule of EventBridge: start the pipeline that the rule is for.
//!
//! The rule is the pipeline owner's. EventBridge starts only AWS's own pipelines, so the rule's target is this
//! function, with an input transformer that makes of `$.id` and `$.resources[0]`:
//!
//! ```json
//! { "pipeline": "shop", "id": "<id>", "rule": "<rule>" }
//! ```
//!
//! EventBridge may deliver an event twice. Its id is the token of the start, so it starts one execution.

use engine::execution::Trigger;
use platform::start::Start;
use platform::{Fault, Platform, StoreError, artifacts};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub struct ScheduledStart {
    /// The name of a pipeline, or its ARN.
    pipeline: String,
    /// Of the event.
    id: String,
    /// The ARN of the rule.
    rule: String,
}

pub async fn handle(platform: Platform, event: ScheduledStart) -> Result<Value, Fault> {
    let start = start(&event);
    match platform.start_pipeline_execution(&start).await {
        Ok(id) => Ok(json!({ "pipelineExecutionId": id })),
        // Nobody waits for an answer, and a retry would be refused as well.
        Err(StoreError::Rejected(rejection)) => {
            tracing::error!(pipeline = event.pipeline, rule = event.rule, %rejection, "a schedule started nothing");
            Ok(json!({ "rejected": rejection.to_string() }))
        }
        Err(StoreError::Fault(fault)) => Err(fault),
    }
}

fn start(event: &ScheduledStart) -> Start {
    // arn:partition:codepipeline:region:account:name
    let name = event.pipeline.split(':').nth(5).unwrap_or(&event.pipeline);
    Start {
        pipeline_name: name.to_owned(),
        variables: Vec::new(),
        source_revisions: Vec::new(),
        client_request_token: Some(artifacts::sha256(format!("schedule {}", event.id).as_bytes())),
        trigger: Trigger { trigger_type: "CloudWatchEvent".to_owned(), trigger_detail: event.rule.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_start_of_the_pipeline_that_it_names() {
        let scheduled = |pipeline: &str, id: &str| {
            let event =
                json!({ "pipeline": pipeline, "id": id, "rule": "arn:aws:events:eu-west-1:1:rule/nightly" });
            start(&serde_json::from_value(event).expect("what the rule sends"))
        };
        let first = scheduled("shop", "e1");
        let arn = scheduled("arn:aws:codepipeline:eu-west-1:123456789012:shop", "e1");
        assert_eq!((first.pipeline_name.as_str(), arn.pipeline_name.as_str()), ("shop", "shop"));
        assert_eq!(first.client_request_token, arn.client_request_token);
        assert_ne!(first.client_request_token, scheduled("shop", "e2").client_request_token);
        assert_eq!(first.trigger.trigger_type, "CloudWatchEvent");
        assert_eq!(first.trigger.trigger_detail, "arn:aws:events:eu-west-1:1:rule/nightly");
    }
}
