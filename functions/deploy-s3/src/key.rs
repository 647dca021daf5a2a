//! `{datetime}` and `{uuid}` in an object's key (user guide, "Amazon S3 deploy action").

use engine::execution::Timestamp;
use platform::action::ActionJob;

/// `{datetime}` is the action's start and `{uuid}` its execution's id, so that a repeated attempt of the
/// function puts the same object.
pub(super) fn filled_in(template: &str, started_at: Timestamp, job: &ActionJob) -> String {
    template.replace("{datetime}", &datetime(started_at)).replace("{uuid}", &job.action.action_execution_id)
}

/// In UTC, as CodePipeline writes it: `20170126T000000Z`.
fn datetime(now: Timestamp) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    timestamp.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datetime_is_compact_and_in_utc() {
        assert_eq!(datetime(Timestamp(1_485_388_800_000)), "20170126T000000Z");
    }
}
