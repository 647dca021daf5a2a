//! Times as people say them. Absolute times are in UTC, so that two people compare the same thing.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;

/// The SDK's time; none if it is out of any calendar.
pub(crate) fn moment(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// `2026-11-22 04:40:28Z`.
pub(crate) fn stamp(time: &DateTime) -> String {
    let time = moment(time);
    time.map_or_else(
        || "an impossible time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// As JSON has it: `2026-11-22T04:40:28.25Z`, in the milliseconds of the API. The SDK reads them as fractions of a
/// second, and may be a nanosecond off.
pub(crate) fn rfc3339(time: &DateTime) -> Option<String> {
    let nanoseconds = time.as_nanos() + 500_000;
    let milliseconds = i64::try_from(nanoseconds.div_euclid(1_000_000)).ok()?;
    DateTime::from_millis(milliseconds).fmt(Format::DateTime).ok()
}

/// From one time to another; never negative, as clocks of two machines differ.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

/// How long ago something was: `3 min ago`, or `just now`.
pub(crate) fn ago(time: &DateTime, now: Timestamp) -> String {
    match moment(time).map(|time| seconds_between(time, now)) {
        Some(seconds) if seconds < 2.0 => "just now".to_owned(),
        Some(seconds) => format!("{} ago", rough(seconds)),
        None => "at an impossible time".to_owned(),
    }
}

/// `0.3 s`, `41.2 s`, `2 min 10 s`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = whole(seconds);
    match whole {
        0..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        3_600..86_400 => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}

/// In one unit, cut off.
fn rough(seconds: f64) -> String {
    let whole = whole(seconds.floor());
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min", whole / 60),
        3_600..86_400 => format!("{} h", whole / 3_600),
        _ => format!("{} d", whole / 86_400),
    }
}

fn whole(seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and the cast saturates"
    )]
    let whole = seconds.max(0.0).round() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_units_that_fit() {
        for (seconds, told) in [
            (0.04, "0.0 s"),
            (41.23, "41.2 s"),
            (59.96, "1 min 0 s"),
            (130.4, "2 min 10 s"),
            (3_599.7, "1 h 0 min"),
            (11_100.0, "3 h 5 min"),
            (187_200.0, "2 d 4 h"),
        ] {
            assert_eq!(duration(seconds), told, "{seconds}");
        }
    }

    #[test]
    fn what_was_is_told_in_one_unit_and_never_lies_in_the_future() {
        let now = Timestamp::from_second(100_000).unwrap();
        for (second, told) in [
            (100_030, "just now"),
            (99_999, "just now"),
            (99_960, "40 s ago"),
            (99_820, "3 min ago"),
            (90_000, "2 h ago"),
            (-200_000, "3 d ago"),
        ] {
            assert_eq!(ago(&DateTime::from_secs(second), now), told, "{second}");
        }
        for (nanosecond, written) in [(0, "28Z"), (249_999_999, "28.25Z"), (573_000_001, "28.573Z")] {
            let time = DateTime::from_secs_and_nanos(1_795_322_428, nanosecond);
            assert_eq!(rfc3339(&time).unwrap(), format!("2026-11-22T04:40:{written}"));
        }
        assert_eq!(stamp(&DateTime::from_secs(1_795_322_428)), "2026-11-22 04:40:28Z");
    }
}
