//! The one place that draws ids.

use engine::execution::PipelineExecutionId;
use rand::Rng;
use rand::distr::Alphanumeric;

pub fn pipeline_execution_id() -> PipelineExecutionId {
    PipelineExecutionId(uuid())
}

/// A random UUID: execution ids, approval tokens, the marks of writes.
pub fn uuid() -> String {
    #[expect(clippy::disallowed_methods, reason = "this is the place that draws ids")]
    uuid::Uuid::new_v4().to_string()
}

/// The part of a webhook's URL that nobody guesses: 190 random bits.
pub fn webhook_url_token() -> String {
    rand::rng().sample_iter(Alphanumeric).take(32).map(char::from).collect()
}

/// The last part of an artifact's key: seven letters and digits, as CodePipeline has it.
pub fn artifact_suffix() -> String {
    rand::rng().sample_iter(Alphanumeric).take(7).map(char::from).collect()
}
