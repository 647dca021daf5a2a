//! The rule DeploymentWindow: whether it is a time at which deployments are allowed.
//!
//! Source: CodePipeline user guide, "DeploymentWindow" (rule reference): six fields of a Quartz cron expression, of
//! which the seconds are always `*`, and a seventh, the year, that may be left out. The guide does not say that the
//! rule waits, but shows it running until the window opens or somebody overrides it ("Overriding stage conditions").

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::execution::Timestamp;

/// `Cron` and `TimeZone` of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentWindow {
    pub cron: String,
    /// `Region/City`, `UTC+02:00` or an abbreviation; UTC if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl DeploymentWindow {
    /// Whether the window is open at this minute.
    ///
    /// # Errors
    /// What is wrong with the rule's configuration, for a person.
    pub fn is_open(&self, now: Timestamp) -> Result<bool, String> {
        let cron = cron_of(&self.cron)?;
        let zone = zone_of(self.time_zone.as_deref().unwrap_or("UTC"))?;
        let now = jiff::Timestamp::from_millisecond(now.0).map_err(|error| error.to_string())?;
        cron.is_time_matching(&now.to_zoned(zone))
            .map_err(|error| not_understood(&self.cron, &error.to_string()))
    }
}

/// # Errors
/// Why `text` is no expression of a window, for a person.
pub(crate) fn cron_of(text: &str) -> Result<Cron, String> {
    let fields: Vec<_> = text.split_whitespace().collect();
    if !(6..=7).contains(&fields.len()) {
        return Err(not_understood(
            text,
            "it needs six fields (seconds minutes hours day-of-month month day-of-week), and the year as a seventh if \
             wanted",
        ));
    }
    if fields[0] != "*" {
        return Err(not_understood(text, "the first field, the seconds, must be *"));
    }
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Optional)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    parser.parse(text).map_err(|error| not_understood(text, &error.to_string()))
}

fn not_understood(cron: &str, why: &str) -> String {
    format!("The Cron expression '{cron}' is not understood: {why}")
}

/// # Errors
/// That there is no such time zone, and how one is written.
pub(crate) fn zone_of(name: &str) -> Result<TimeZone, String> {
    let unknown =
        || format!("The TimeZone '{name}' is unknown. Write Region/City, UTC+02:00 or an abbreviation");
    let Some(offset) = name.strip_prefix("UTC").filter(|offset| !offset.is_empty()) else {
        return TimeZone::get(name).map_err(|_| unknown());
    };
    let sign = match offset.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return Err(unknown()),
    };
    let (hours, minutes) = offset[1..].split_once(':').ok_or_else(unknown)?;
    let (hours, minutes) = hours.parse::<u8>().ok().zip(minutes.parse::<u8>().ok()).ok_or_else(unknown)?;
    let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
    let is_a_zone = hours <= 18 && minutes < 60;
    let offset = Offset::from_seconds(seconds).ok().filter(|_| is_a_zone).ok_or_else(unknown)?;
    Ok(TimeZone::fixed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        let time: jiff::Timestamp = time.parse().expect("a time");
        Timestamp(time.as_millisecond())
    }

    fn window(cron: &str, time_zone: Option<&str>) -> DeploymentWindow {
        DeploymentWindow { cron: cron.to_owned(), time_zone: time_zone.map(str::to_owned) }
    }

    #[test]
    fn a_window_is_open_in_the_minutes_of_its_expression() {
        // 2026-11-20 is a Friday, and the last one but one of its month; 2026-11-30 is a Monday.
        for (cron, zone, time, open) in [
            ("* * 9-17 ? * MON-FRI", None, "2026-11-20T09:00:00Z", true),
            ("* * 9-17 ? * MON-FRI", None, "2026-11-20T18:00:00Z", false),
            ("* * 9-17 ? * 2-6", None, "2026-11-22T10:00:00Z", false),
            ("* 0/15 * * * ?", None, "2026-11-20T10:30:59Z", true),
            ("* 0/15 * * * ?", None, "2026-11-20T10:31:00Z", false),
            ("* * * L * ?", None, "2026-11-30T10:00:00Z", true),
            ("* * * ? * 6L", None, "2026-11-20T10:00:00Z", false),
            ("* * * ? * 6#3", None, "2026-11-20T10:00:00Z", true),
            ("* * * * * ? 2027", None, "2026-11-20T10:00:00Z", false),
            ("* * 9 * * ?", Some("Europe/Berlin"), "2026-11-20T08:10:00Z", true),
            ("* * 9 * * ?", Some("Europe/Berlin"), "2026-07-20T07:10:00Z", true),
            ("* * 9 * * ?", Some("UTC-03:30"), "2026-11-20T12:40:00Z", true),
            ("* * 9 * * ?", Some("EST"), "2026-11-20T14:40:00Z", true),
        ] {
            assert_eq!(window(cron, zone).is_open(at(time)), Ok(open), "{cron} {zone:?} at {time}");
        }
    }

    #[test]
    fn what_is_no_window_is_refused_with_the_reason() {
        for (cron, zone, why) in [
            ("* 9-17 ? * MON-FRI", None, "six fields"),
            ("0 * 9-17 ? * MON-FRI", None, "seconds, must be *"),
            ("* * 25 ? * MON-FRI", None, "'* * 25 ? * MON-FRI' is not understood"),
            ("* * * * * ?", Some("Mars/Olympus"), "'Mars/Olympus' is unknown"),
            ("* * * * * ?", Some("UTC+99:00"), "'UTC+99:00' is unknown"),
        ] {
            let refused = window(cron, zone).is_open(at("2026-11-20T10:00:00Z")).expect_err(cron);
            assert!(refused.contains(why), "{refused}");
        }
    }
}
