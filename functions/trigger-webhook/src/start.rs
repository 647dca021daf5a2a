//! A verified request: what of the pipeline it starts, and at which commit.

use engine::Rejection;
use engine::declaration::PipelineDeclaration;
use engine::execution::Trigger;
use engine::webhook::Push;
use platform::http_event::HttpEvent;
use platform::start::Start;
use platform::store::{Webhook, WebhookError};
use platform::{Fault, Platform, StoreError};
use serde_json::Value;

use crate::answer::Answer;
use crate::delivery::{client_request_token, event_name};

pub(super) async fn start(
    platform: &Platform,
    event: &HttpEvent,
    webhook: &Webhook,
    body: &[u8],
    payload: &Value,
) -> Result<Answer, Fault> {
    let definition = &webhook.definition;
    let name = &definition.target_pipeline;
    let Some(pipeline) = current(platform, name).await? else {
        let gone = Rejection::PipelineNotFound(format!(
            "The pipeline '{name}', which the webhook starts, is not there. Create it again, or delete the webhook."
        ));
        return refused(platform, webhook, &gone).await;
    };
    let Some(action) = definition.target(&pipeline) else {
        return refused(platform, webhook, &Rejection::Validation(definition.no_target())).await;
    };
    if let Err(unmatched) = definition.matches(action, payload) {
        return Ok(Answer::nothing(&format!("Nothing is started. {unmatched}")));
    }
    let push = Push::of(event_name(event), payload);
    if push.as_ref().is_some_and(Push::is_deletion) {
        return Ok(Answer::nothing("Nothing is started. The push deleted what it names."));
    }
    let start = Start {
        pipeline_name: name.clone(),
        variables: Vec::new(),
        source_revisions: push.iter().filter_map(|push| definition.pushed_revision(push, action)).collect(),
        client_request_token: client_request_token(webhook, event, body),
        trigger: Trigger {
            trigger_type: "Webhook".to_owned(),
            trigger_detail: platform.config.webhook_arn(&definition.name),
        },
    };
    match platform.start_pipeline_execution(&start).await {
        Ok(id) => {
            platform.store.webhook_triggered(webhook).await?;
            Ok(Answer::started(&id))
        }
        Err(StoreError::Rejected(rejection)) => refused(platform, webhook, &rejection).await,
        Err(StoreError::Fault(fault)) => Err(fault),
    }
}

/// The declaration that executions start with.
async fn current(platform: &Platform, name: &str) -> Result<Option<PipelineDeclaration>, Fault> {
    let Some(head) = platform.store.pipeline(name).await? else { return Ok(None) };
    let version = platform.store.pipeline_version(name, head.version).await?;
    Ok(version.map(|version| version.declaration))
}

/// The sender cannot do much about it; whoever looks at the webhook is told, too.
async fn refused(platform: &Platform, webhook: &Webhook, rejection: &Rejection) -> Result<Answer, Fault> {
    let status = match rejection {
        Rejection::PipelineNotFound(_) => 404,
        _ => 400,
    };
    let error = WebhookError { code: rejection.code().to_owned(), message: rejection.message().to_owned() };
    platform.store.webhook_failed(webhook, &error).await?;
    Ok(Answer::of(status, rejection))
}
