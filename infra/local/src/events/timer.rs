//! Schedules, driven by the clock that is given.

use futures::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Delivery;
use crate::template::{Account, ScheduledCall};

/// Invokes each function when it is due, until this future is dropped. The first time is one period
/// after the start; what came due while the machine slept is caught up with once, not many times.
pub async fn run_schedules(schedules: Vec<ScheduledCall>, account: Account, delivery: Delivery) {
    join_all(schedules.into_iter().map(|scheduled| run(scheduled, &account, &delivery))).await;
}

async fn run(scheduled: ScheduledCall, account: &Account, delivery: &Delivery) {
    let mut due = scheduled.schedule.next_after(delivery.clock().now());
    while let Some(time) = due {
        delivery.clock().sleep_until(time).await;
        delivery.start(&scheduled.name, &scheduled.function, event(&scheduled.name, time, account));
        let now = delivery.clock().now();
        due = scheduled.schedule.next_after(time).filter(|next| *next > now);
        due = due.or_else(|| scheduled.schedule.next_after(now));
    }
}

/// What EventBridge sends for a scheduled rule.
fn event(rule: &str, time: i64, account: &Account) -> Value {
    let at = Timestamp::from_millisecond(time - time.rem_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    json!({
        "version": "0",
        "id": Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{rule} {time}").as_bytes()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account.id,
        "time": at.to_string(),
        "region": account.region,
        "resources": [account.arn("events", &format!("rule/{rule}"))],
        "detail": {},
    })
}
