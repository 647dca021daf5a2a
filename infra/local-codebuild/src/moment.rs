//! Points in time in the forms that CodeBuild shows them. Pure.

use local_service::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since the epoch; in JSON, as in AWS's answers, seconds with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit in 53 bits for 285,000 years")]
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and far below 2^63")]
        Ok(Self((seconds * 1000.0).round() as i64))
    }
}

impl Moment {
    /// `2026/11/22 10:00:00`, as in the log of a build. UTC.
    pub fn in_log(self) -> String {
        self.format("%Y/%m/%d %H:%M:%S")
    }

    /// `2026-11-22T10:00:00Z`, as in an event's envelope.
    pub fn in_envelope(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `Nov 22, 2026 4:12:29 PM`, as in the details of CodeBuild's events. UTC.
    pub fn in_detail(self) -> String {
        self.format("%b %-d, %Y %-I:%M:%S %p")
    }

    /// Whole seconds until `later`, as CodeBuild counts a phase.
    pub fn seconds_until(self, later: Self) -> i64 {
        (later.0 - self.0).max(0) / 1000
    }

    fn format(self, format: &str) -> String {
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        timestamp.strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_codebuilds_forms() {
        let moment = Moment(1_504_282_349_123);
        assert_eq!(moment.in_log(), "2017/09/01 16:12:29");
        assert_eq!(moment.in_envelope(), "2017-09-01T16:12:29Z");
        assert_eq!(moment.in_detail(), "Sep 1, 2017 4:12:29 PM");
        assert_eq!(serde_json::to_string(&moment).unwrap(), "1504282349.123");
        assert_eq!(serde_json::from_str::<Moment>("1504282349.123").unwrap(), moment);
    }
}
