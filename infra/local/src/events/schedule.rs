//! Schedule expressions of EventBridge: `rate(5 minutes)` and `cron(0 12 ? * MON-FRI *)`, in UTC.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use local_service::Timestamp;

const MINUTE_MS: i64 = 60_000;

/// When something is due next.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    Rate { period_ms: i64 },
    Cron(Box<Cron>),
}

/// The values that each field allows; of the two day fields one is `?`, so there is one here.
#[derive(Debug, Clone, PartialEq)]
pub struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

#[derive(Debug, Clone, PartialEq)]
enum Days {
    OfMonth(BTreeSet<i16>),
    /// 1 is Sunday.
    OfWeek(BTreeSet<i16>),
}

impl Schedule {
    /// The error says what is not understood.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let inner =
            |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim);
        if let Some(rate) = inner("rate") {
            parse_rate(rate).map_err(|problem| format!("{expression}: {problem}"))
        } else if let Some(cron) = inner("cron") {
            let cron = Cron::parse(cron).map_err(|problem| format!("{expression}: {problem}"))?;
            Ok(Self::Cron(Box::new(cron)))
        } else {
            Err(format!("{expression}: a schedule is rate(…) or cron(…)"))
        }
    }

    /// The next time after `after`, which for a rate is the time that it was due last.
    /// None when a cron expression's years are over.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate { period_ms } => Some(after + period_ms),
            Self::Cron(cron) => cron.next_after(after),
        }
    }
}

fn parse_rate(rate: &str) -> Result<Schedule, String> {
    let (value, unit) = rate.split_once(' ').ok_or("write a number and a unit, as in rate(5 minutes)")?;
    let value: i64 = value.parse().ok().filter(|value| *value > 0).ok_or("the number must be positive")?;
    let unit_ms = match (unit.trim(), value) {
        ("minute", 1) | ("minutes", 2..) => MINUTE_MS,
        ("hour", 1) | ("hours", 2..) => 60 * MINUTE_MS,
        ("day", 1) | ("days", 2..) => 24 * 60 * MINUTE_MS,
        _ => return Err("the unit is minute, hour or day, in the plural unless the number is 1".into()),
    };
    Ok(Schedule::Rate { period_ms: value * unit_ms })
}

impl Cron {
    fn parse(expression: &str) -> Result<Self, String> {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            return Err("cron has six fields: minutes hours day-of-month month day-of-week year".into());
        };
        let days = match (day_of_month, day_of_week) {
            ("?", "?") => return Err("one of the two day fields must not be ?".into()),
            (days, "?") => Days::OfMonth(DAY_OF_MONTH.parse(days)?),
            ("?", days) => Days::OfWeek(DAY_OF_WEEK.parse(days)?),
            _ => return Err("one of day-of-month and day-of-week must be ?".into()),
        };
        Ok(Self {
            minutes: MINUTES.parse(minutes)?,
            hours: HOURS.parse(hours)?,
            days,
            months: MONTH.parse(month)?,
            years: YEAR.parse(year)?,
        })
    }

    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let first = (after.div_euclid(MINUTE_MS) + 1) * MINUTE_MS;
        let first = jiff::Timestamp::from_millisecond(first).ok()?.to_zoned(TimeZone::UTC).datetime();
        let last_year = *self.years.last()?;
        let due = first
            .date()
            .series(jiff::Span::new().days(1))
            .take_while(|date| date.year() <= last_year)
            .filter(|date| self.allows(*date))
            .find_map(|date| self.times_on(date).find(|time| *time >= first))?;
        Some(due.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }

    fn allows(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && match &self.days {
                Days::OfMonth(days) => days.contains(&i16::from(date.day())),
                Days::OfWeek(days) => days.contains(&i16::from(date.weekday().to_sunday_one_offset())),
            }
    }

    fn times_on(&self, date: Date) -> impl Iterator<Item = DateTime> + '_ {
        self.hours.iter().flat_map(move |hour| {
            self.minutes.iter().filter_map(move |minute| {
                Some(date.at(i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?, 0, 0))
            })
        })
    }
}

/// A cron field: its name, bounds, and names for its values from the smallest.
struct CronField {
    name: &'static str,
    min: i16,
    max: i16,
    names: &'static [&'static str],
}

const MINUTES: CronField = CronField { name: "minutes", min: 0, max: 59, names: &[] };
const HOURS: CronField = CronField { name: "hours", min: 0, max: 23, names: &[] };
const DAY_OF_MONTH: CronField = CronField { name: "day-of-month", min: 1, max: 31, names: &[] };
const MONTH: CronField = CronField {
    name: "month",
    min: 1,
    max: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const DAY_OF_WEEK: CronField = CronField {
    name: "day-of-week",
    min: 1,
    max: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
const YEAR: CronField = CronField { name: "year", min: 1970, max: 2199, names: &[] };

impl CronField {
    fn parse(&self, text: &str) -> Result<BTreeSet<i16>, String> {
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(self.step(step)?)),
                None => (item, None),
            };
            let (first, last) = match range.split_once('-') {
                Some((first, last)) => (self.value(first)?, self.value(last)?),
                None if range == "*" => (self.min, self.max),
                // `5/15` is every fifteenth from the fifth on.
                None if step.is_some() => (self.value(range)?, self.max),
                None => (self.value(range)?, self.value(range)?),
            };
            if first > last {
                return Err(format!("{}: {item} runs backwards", self.name));
            }
            values.extend((first..=last).step_by(step.unwrap_or(1)));
        }
        Ok(values)
    }

    fn step(&self, text: &str) -> Result<usize, String> {
        text.parse()
            .ok()
            .filter(|step| *step > 0)
            .ok_or_else(|| format!("{}: {text} is not a step", self.name))
    }

    fn value(&self, text: &str) -> Result<i16, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(position) => i16::try_from(position).ok().map(|position| self.min + position),
            None => text.parse().ok(),
        };
        value.filter(|value| (self.min..=self.max).contains(value)).ok_or_else(|| {
            format!(
                "{}: {text} is not supported locally: use {}-{}, *, lists, ranges and steps",
                self.name, self.min, self.max
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(time: &str) -> Timestamp {
        time.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn when_it_is_due_next() {
        for (expression, after, expected) in [
            ("rate(1 minute)", "2026-11-22T10:00:30Z", "2026-11-22T10:01:30Z"),
            ("rate(2 hours)", "2026-11-22T10:00:00Z", "2026-11-22T12:00:00Z"),
            ("rate(7 days)", "2026-11-22T10:00:00Z", "2026-11-29T10:00:00Z"),
            ("cron(* * * * ? *)", "2026-11-22T10:00:30Z", "2026-11-22T10:01:00Z"),
            ("cron(0 12 * * ? *)", "2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z"),
            ("cron(0/15 * * * ? *)", "2026-11-22T10:16:00Z", "2026-11-22T10:30:00Z"),
            ("cron(5/20 8-9 * * ? *)", "2026-11-22T09:46:00Z", "2026-11-23T08:05:00Z"),
            ("cron(0 9 ? * MON-FRI *)", "2026-11-20T09:00:00Z", "2026-11-23T09:00:00Z"),
            ("cron(0 9 ? * 1 *)", "2026-11-20T09:00:00Z", "2026-11-22T09:00:00Z"),
            ("cron(0 0 31 * ? *)", "2026-11-22T00:00:00Z", "2026-12-31T00:00:00Z"),
            ("cron(0 0 29 FEB ? *)", "2026-11-22T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("cron(30 6 1 1,7 ? 2030-2031)", "2026-11-22T00:00:00Z", "2030-01-01T06:30:00Z"),
        ] {
            let schedule = Schedule::parse(expression).expect("understood");
            assert_eq!(
                schedule.next_after(milliseconds(after)),
                Some(milliseconds(expected)),
                "{expression}"
            );
        }
        let over = Schedule::parse("cron(0 0 1 1 ? 2020)").expect("understood");
        assert_eq!(over.next_after(milliseconds("2026-11-22T00:00:00Z")), None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (expression, expected) in [
            ("every minute", "a schedule is rate(…) or cron(…)"),
            ("rate(1 minutes)", "in the plural unless"),
            ("rate(5 minute)", "in the plural unless"),
            ("rate(0 minutes)", "must be positive"),
            ("rate(minute)", "write a number and a unit"),
            ("cron(* * * * *)", "six fields"),
            ("cron(0 0 * * * *)", "one of day-of-month and day-of-week must be ?"),
            ("cron(0 0 ? * ? *)", "must not be ?"),
            ("cron(0 0 L * ? *)", "day-of-month: L is not supported locally"),
            ("cron(0 0 ? * 2#1 *)", "day-of-week: 2#1 is not supported locally"),
            ("cron(60 0 * * ? *)", "minutes: 60"),
            ("cron(9-5 0 * * ? *)", "runs backwards"),
            ("cron(0/0 0 * * ? *)", "0 is not a step"),
        ] {
            let problem = Schedule::parse(expression).expect_err("refused");
            assert!(problem.contains(expected), "{expression}: {problem}");
        }
    }
}
