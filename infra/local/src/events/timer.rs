//! Schedules, driven by the clock that is given.

use futures::future::join_all;
use jiff::Timestamp;
use local_service::Clock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Delivery, Schedule};
use crate::template::{Account, ScheduledCall};

/// Invokes each function when it is due, until this future is dropped. The first time is one period
/// after this call; what came due while the machine slept is caught up with once, not many times.
pub fn run_schedules(
    schedules: Vec<ScheduledCall>,
    account: Account,
    delivery: Delivery,
) -> impl Future<Output = ()> {
    let from = delivery.clock().now();
    async move {
        join_all(schedules.into_iter().map(|scheduled| run(scheduled, from, &account, &delivery))).await;
    }
}

async fn run(scheduled: ScheduledCall, from: i64, account: &Account, delivery: &Delivery) {
    let ScheduledCall { name, schedule, function } = scheduled;
    let call = |time| delivery.start(&name, &function, event(&name, time, account));
    each_time(&schedule, delivery.clock(), from, call).await;
}

/// Calls back each time that it is due after `from`, with the time when it was.
pub(super) async fn each_time(schedule: &Schedule, clock: &dyn Clock, from: i64, call: impl Fn(i64)) {
    let mut due = schedule.next_after(from);
    while let Some(time) = due {
        clock.sleep_until(time).await;
        call(time);
        let now = clock.now();
        due = schedule.next_after(time).filter(|next| *next > now);
        due = due.or_else(|| schedule.next_after(now));
    }
}

/// The same for the same time of a rule.
pub(super) fn event_id(rule: &str, time: i64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{rule} {time}").as_bytes())
}

/// What EventBridge sends for a scheduled rule.
fn event(rule: &str, time: i64, account: &Account) -> Value {
    let at = Timestamp::from_millisecond(time - time.rem_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    json!({
        "version": "0",
        "id": event_id(rule, time),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account.id,
        "time": at.to_string(),
        "region": account.region,
        "resources": [account.arn("events", &format!("rule/{rule}"))],
        "detail": {},
    })
}
