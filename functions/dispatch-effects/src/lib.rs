//! The sweep, once a minute: delivers effects that a crash left in the outbox, asks providers about work
//! whose event is overdue, and invokes Lambda functions that said that they are not finished. A lost event
//! costs minutes, not a release. Every fifth time it looks whether the workflows of stages still run. What goes
//! wrong with one of them is told, and holds up no other.
//!
//! Permissions: those of advance-execution, asking CodeBuild, CodeDeploy and CloudWatch (alarms that rules wait for),
//! states:DescribeExecution, and those of invoke-lambda.

mod workflows;

use std::collections::BTreeSet;

use engine::decide::Effect;
use engine::execution::Timestamp;
use platform::store::OutsideWork;
use platform::{Fault, Platform};
use serde::Serialize;
use serde_json::Value;

/// Whoever commits an effect delivers it at once; after this long, nobody is about to.
const DELIVERY_GRACE_MS: i64 = 20_000;
/// Providers' events come within seconds; after this long we ask.
const EVENT_GRACE_MS: i64 = 60_000;
/// Effects of one page; the sweep goes on until each was tried.
const PAGE: i32 = 100;

/// What a sweep found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    pub delivered: usize,
    pub undeliverable: usize,
    pub asked: usize,
    pub lost_workflows: usize,
    /// Pipelines whose workflows could not be looked at.
    pub unseen_pipelines: usize,
    /// Workflows that are still to be started: they are not lost.
    #[serde(skip)]
    unstarted: BTreeSet<String>,
}

/// One sweep. The scheduled event itself says nothing.
pub async fn handle(platform: Platform, _event: Value) -> Result<Swept, Fault> {
    let mut swept = Swept::default();
    // What holds up the one half must not hold up the other.
    let delivered = deliver_overdue(&platform, &mut swept).await;
    ask_about_overdue_work(&platform, &mut swept).await?;
    delivered?;
    if workflows::is_due(platform.clock.now()) {
        workflows::look_after(&platform, &mut swept).await?;
    }
    Ok(swept)
}

async fn deliver_overdue(platform: &Platform, swept: &mut Swept) -> Result<(), Fault> {
    let now = platform.clock.now();
    let before = Timestamp(now.0 - DELIVERY_GRACE_MS);
    let mut last = None;
    // The first that stays is the oldest.
    let mut oldest_left = None;
    loop {
        let page = platform.store.undelivered(before, last.as_ref(), PAGE).await?;
        for pending in &page {
            match platform.deliver(pending).await {
                Ok(()) => swept.delivered += 1,
                Err(fault) => {
                    tracing::error!(effect = pending.effect.idempotency_key(), %fault, "cannot be delivered yet");
                    swept.undeliverable += 1;
                    oldest_left.get_or_insert_with(|| pending.committed_at());
                    if let Effect::StartStateMachine { name, .. } = &pending.effect {
                        swept.unstarted.insert(name.clone());
                    }
                }
            }
        }
        match page.last() {
            // Whatever cannot be delivered stays; who comes behind it does not have to wait.
            Some(pending) => last = Some(pending.clone()),
            None => break,
        }
    }
    if let Some(committed_at) = oldest_left {
        // An alarm of template.yaml looks at the largest of these.
        let outbox_age_seconds = (now.0 - committed_at.0) / 1000;
        tracing::error!(outbox_age_seconds, "effects stay in the outbox");
    }
    Ok(())
}

async fn ask_about_overdue_work(platform: &Platform, swept: &mut Swept) -> Result<(), Fault> {
    let before = platform.clock.now().0 - EVENT_GRACE_MS;
    let work = platform.store.all_outside_work().await?;
    let is_due = |work: &OutsideWork| work.invocation.as_ref().is_some_and(|invocation| invocation.is_due);
    for work in work.iter().filter(|work| work.started_at.0 < before || is_due(work)) {
        let concluded = match &work.external_execution_id {
            Some(id) => {
                swept.asked += 1;
                platform.conclude(work, id).await
            }
            None => platform.forget_if_ended(work).await,
        };
        if let Err(fault) = concluded {
            tracing::error!(action = work.action.action_execution_id, %fault, "the provider could not be asked");
        }
    }
    Ok(())
}
