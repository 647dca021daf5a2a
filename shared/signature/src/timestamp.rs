//! The two ways in which times are written here: `20261122T040000Z` in requests, `2026-11-22T04:00:00Z` in
//! credentials. Two forms of UTC need no calendar library.

const DAY_SECONDS: i64 = 86_400;

/// Year, month, day, hour, minute and second, in UTC.
type Fields = [i64; 6];

/// The form of `x-amz-date`.
pub(crate) fn basic(at_ms: i64) -> String {
    let [year, month, day, hour, minute, second] = fields(at_ms);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The form of RFC 3339.
pub(crate) fn extended(at_ms: i64) -> String {
    let [year, month, day, hour, minute, second] = fields(at_ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `None` for everything that [`basic`] does not write.
pub(crate) fn parse_basic(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let [year, month, day] = [number(0, 4)?, number(4, 6)?, number(6, 8)?];
    let [hour, minute, second] = [number(9, 11)?, number(11, 13)?, number(13, 15)?];
    let seconds = days_of(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    let at_ms = seconds * 1000;
    // Also finds the thirtieth of February and what is no digit.
    (basic(at_ms) == text).then_some(at_ms)
}

/// Days since 1970-01-01 in the Gregorian calendar. A year begins in March here, so that the leap day is its
/// last one; 400 years have 146,097 days.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn fields(at_ms: i64) -> Fields {
    let seconds = at_ms.div_euclid(1000);
    let (days, second_of_day) = (seconds.div_euclid(DAY_SECONDS) + 719_468, seconds.rem_euclid(DAY_SECONDS));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    [year, month, day, second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_in_both_directions() {
        for (at_ms, text) in [
            (0, "19700101T000000Z"),
            (951_782_400_000, "20000229T000000Z"),
            (1_440_938_160_000, "20150830T123600Z"),
            (1_795_305_599_000, "20261121T235959Z"),
            (4_107_542_400_000, "21000301T000000Z"),
        ] {
            assert_eq!(basic(at_ms), text);
            assert_eq!(parse_basic(text), Some(at_ms));
        }
        assert_eq!(extended(1_440_938_160_999), "2015-08-30T12:36:00Z");
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for text in [
            "",
            "20150830",
            "2015-08-30T12:36:00Z",
            "20150230T123600Z",
            "20151330T123600Z",
            "20150830T243600Z",
            "20150830T123660Z",
            "20150830t123600Z",
            "20150830T123600",
            "20150830T123600Z ",
            "+0150830T123600Z",
            "2015083\u{e9}T12360",
        ] {
            assert_eq!(parse_basic(text), None, "{text:?}");
        }
    }
}
