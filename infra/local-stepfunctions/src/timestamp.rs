//! Timestamps as text: ISO 8601 in the profile of RFC 3339 that AWS takes.

use local_service::Timestamp;

/// Needs the capital `T`, and `Z` or an offset:
/// <https://states-language.net/spec.html#timestamps>.
pub(crate) fn parse(text: &str) -> Option<jiff::Timestamp> {
    let shape = text.get(10..11) == Some("T") && !text.ends_with('z');
    if shape { text.parse().ok() } else { None }
}

/// Milliseconds since the epoch; a fraction of one counts as a whole, so that nobody wakes early.
pub(crate) fn parse_milliseconds(text: &str) -> Option<Timestamp> {
    let timestamp = parse(text)?;
    let nanoseconds = timestamp.as_nanosecond();
    i64::try_from(nanoseconds.div_euclid(1_000_000) + i128::from(nanoseconds.rem_euclid(1_000_000) > 0)).ok()
}

/// `2026-01-31T12:00:00.000Z`, as in the context object.
pub(crate) fn format(at: Timestamp) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// Seconds with milliseconds as the fraction, as API answers carry it.
pub(crate) fn api(at: Timestamp) -> serde_json::Value {
    serde_json::Value::from(at as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rfc_3339_is_a_timestamp() {
        assert_eq!(parse_milliseconds("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(parse_milliseconds("1970-01-01T01:00:01.0015+01:00"), Some(1002));
        for text in ["1970-01-01", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00", "1970-01-01t00:00:00Z", "x"]
        {
            assert_eq!(parse_milliseconds(text), None, "{text}");
        }
        assert_eq!(format(1500), "1970-01-01T00:00:01.500Z");
    }
}
