//! EventBridge's default bus: PutEvents, ten at a time, and once more for what was not taken.

use std::time::Duration;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use engine::execution::Timestamp;

use crate::{Fault, Platform};

/// Who tells: CodePipeline's own source is AWS's alone.
pub const SOURCE: &str = "pipewright";

/// The most entries of one PutEvents (API reference).
const ENTRIES_MAX: usize = 10;
/// The largest entry that EventBridge takes (EventBridge user guide, "Calculating PutEvents event entry size").
const ENTRY_BYTES_MAX: usize = 256 * 1024;
/// What its time counts for.
const TIME_BYTES: usize = 14;
/// How often an entry is put before somebody else has to put it again.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// An event of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct BusEvent {
    pub at: Timestamp,
    pub detail_type: &'static str,
    /// JSON.
    pub detail: String,
    /// The ARN of what it is about.
    pub resource: String,
}

impl BusEvent {
    /// Whether EventBridge takes an event of this size.
    pub fn fits(&self) -> bool {
        let texts = [SOURCE, self.detail_type, &self.detail, &self.resource];
        TIME_BYTES + texts.iter().map(|text| text.len()).sum::<usize>() <= ENTRY_BYTES_MAX
    }

    fn entry(&self) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .time(DateTime::from_millis(self.at.0))
            .source(SOURCE)
            .resources(&self.resource)
            .detail_type(self.detail_type)
            .detail(&self.detail)
            .build()
    }
}

impl Platform {
    /// Puts events in their order; how many of them, from the first on, were taken.
    pub async fn put_events(&self, events: &[BusEvent]) -> usize {
        let mut taken = 0;
        for some in events.chunks(ENTRIES_MAX) {
            let of_these = self.put_some(some).await;
            taken += of_these;
            if of_these < some.len() {
                break;
            }
        }
        taken
    }

    /// Later entries may have been taken although an earlier one was not; they come again.
    async fn put_some(&self, events: &[BusEvent]) -> usize {
        let entries: Vec<_> = events.iter().map(BusEvent::entry).collect();
        let mut waiting: Vec<usize> = (0..entries.len()).collect();
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=TRIES {
            match self.put_waiting(&entries, &waiting).await {
                Ok(refused) => waiting = refused,
                Err(fault) => tracing::warn!(%fault, attempt, "events were not put"),
            }
            if waiting.is_empty() {
                return entries.len();
            }
            if attempt < TRIES {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        waiting.first().copied().unwrap_or(entries.len())
    }

    /// Which of the `waiting` entries EventBridge did not take.
    async fn put_waiting(
        &self,
        entries: &[PutEventsRequestEntry],
        waiting: &[usize],
    ) -> Result<Vec<usize>, Fault> {
        let some = waiting.iter().map(|index| entries[*index].clone()).collect();
        let output = self.eventbridge.put_events().set_entries(Some(some)).send().await;
        let output = output.map_err(|error| Fault::of_call("putting events", error))?;
        let results = output.entries().iter().zip(waiting);
        let refused = results.filter_map(|(result, index)| {
            let code = result.error_code()?;
            let message = result.error_message().unwrap_or_default();
            tracing::warn!(code, message, "EventBridge did not take an event");
            Some(*index)
        });
        Ok(refused.collect())
    }
}

/// A time as events write it: `2023-10-26T13:49:39.208Z`.
pub fn written(at: Timestamp) -> String {
    let time = DateTime::from_secs(at.0.div_euclid(1000)).fmt(aws_smithy_types::date_time::Format::DateTime);
    let seconds = time.unwrap_or_default();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), at.0.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_698_328_179_208, "2023-10-26T13:49:39.208Z"),
            (1_698_328_179_020, "2023-10-26T13:49:39.020Z"),
        ] {
            assert_eq!(written(Timestamp(at)), expected);
        }
    }

    #[test]
    fn what_is_too_large_for_eventbridge_is_known_before() {
        let event = |bytes: usize| BusEvent {
            at: Timestamp(0),
            detail_type: "t",
            detail: "x".repeat(bytes),
            resource: "r".into(),
        };
        let rest = TIME_BYTES + SOURCE.len() + 2;
        assert!(event(ENTRY_BYTES_MAX - rest).fits());
        assert!(!event(ENTRY_BYTES_MAX - rest + 1).fits());
    }
}
