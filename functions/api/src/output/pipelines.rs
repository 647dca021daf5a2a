//! `PipelineMetadata` and `PipelineSummary`.

use platform::Config;
use platform::store::{PipelineHead, PipelineSummary};
use serde_json::{Value, json};

use super::time;

pub(crate) fn metadata(config: &Config, head: &PipelineHead) -> Value {
    json!({
        "pipelineArn": config.pipeline_arn(&head.name),
        "created": time(head.created_at),
        "updated": time(head.updated_at),
    })
}

pub(crate) fn pipeline_summary(pipeline: &PipelineSummary) -> Value {
    json!({
        "name": pipeline.name,
        "version": pipeline.version,
        "pipelineType": pipeline.pipeline_type,
        "executionMode": pipeline.execution_mode,
        "created": time(pipeline.created_at),
        "updated": time(pipeline.updated_at),
    })
}
