//! When something is due that is written as a cron expression.
//!
//! The notation and its odd rules are those of github.com/robfig/cron v3 `ParseStandard`, which the API server and the
//! CronJob controller use.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use crate::units::Span;

/// How far ahead an instant is looked for; a schedule without one until then has none (robfig/cron `SpecSchedule.Next`).
const YEARS_AHEAD: i16 = 5;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At the instants whose fields match.
    Fields(Fields),
    /// At equal distances (`@every 90m`), in whole seconds.
    Every(Span),
}

/// The sets of a schedule's fields, one bit for each value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the days of the month, or of the week, are left open by `*` or `?`.
    any_day: bool,
    any_weekday: bool,
}

/// What one field may hold.
struct Bounds {
    what: &'static str,
    least: u32,
    greatest: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Bounds; 5] = [
    Bounds { what: "minute", least: 0, greatest: 59, names: &[] },
    Bounds { what: "hour", least: 0, greatest: 23, names: &[] },
    Bounds { what: "day of the month", least: 1, greatest: 31, names: &[] },
    Bounds { what: "month", least: 1, greatest: 12, names: &MONTHS },
    Bounds { what: "day of the week", least: 0, greatest: 6, names: &WEEKDAYS },
];

/// The values of one field, and whether it is left open.
#[derive(Clone, Copy)]
struct Set {
    bits: u64,
    open: bool,
}

impl Schedule {
    /// Reads a cron expression.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
            return Err("cannot use TZ or CRON_TZ in schedule, use timeZone field instead".to_owned());
        }
        if let Some(name) = text.strip_prefix('@') {
            return of_descriptor(name);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let Ok(words) = <[&str; 5]>::try_from(words.as_slice()) else {
            return Err(format!(
                "expected exactly 5 fields (minute, hour, day of the month, month, day of the week), found {}: {text:?}",
                words.len()
            ));
        };
        let mut sets = [Set { bits: 0, open: false }; 5];
        for ((set, word), bounds) in sets.iter_mut().zip(words).zip(&FIELDS) {
            *set = bounds.field(word)?;
        }
        let [minutes, hours, days, months, weekdays] = sets;
        Ok(Self::Fields(Fields {
            minutes: minutes.bits,
            hours: hours.bits,
            days: days.bits,
            months: months.bits,
            weekdays: weekdays.bits,
            any_day: days.open,
            any_weekday: weekdays.open,
        }))
    }

    /// The first instant after `after` at which it is due, in this time zone; `None` if there is none for five years.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Fields(fields) => fields.next(after, zone),
            Self::Every(distance) => {
                let whole = Timestamp::from_second(after.as_second()).ok()?;
                whole.checked_add(SignedDuration::from_nanos(i64::try_from(distance.0).ok()?)).ok()
            }
        }
    }
}

fn of_descriptor(name: &str) -> Result<Schedule, String> {
    if let Some(distance) = name.strip_prefix("every ") {
        let span: Span = distance.trim().parse().map_err(|error| format!("@every: {error}"))?;
        let seconds = (span.0 / 1_000_000_000).max(1);
        return Ok(Schedule::Every(Span::from_secs(seconds)));
    }
    Schedule::parse(match name {
        "yearly" | "annually" => "0 0 1 1 *",
        "monthly" => "0 0 1 * *",
        "weekly" => "0 0 * * 0",
        "daily" | "midnight" => "0 0 * * *",
        "hourly" => "0 * * * *",
        other => return Err(format!("unrecognized descriptor: @{other}")),
    })
}

impl Bounds {
    /// A list of ranges.
    fn field(&self, text: &str) -> Result<Set, String> {
        let mut set = Set { bits: 0, open: false };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let more = self.range(part)?;
            set = Set { bits: set.bits | more.bits, open: set.open | more.open };
        }
        if set.bits == 0 {
            return Err(format!("{text:?} is no {}", self.what));
        }
        Ok(set)
    }

    /// `*`, `N`, `N-M`, each perhaps with `/STEP`; `N/STEP` goes on to the greatest value. A step above 1 leaves nothing
    /// open, so that `*/2` counts as a restriction.
    fn range(&self, text: &str) -> Result<Set, String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.number(step, text)?)),
            None => (text, None),
        };
        let is_open = matches!(range, "*" | "?");
        let (least, greatest) = match range.split_once('-') {
            _ if is_open => (self.least, self.greatest),
            Some((least, greatest)) => (self.value(least, text)?, self.value(greatest, text)?),
            None => {
                let value = self.value(range, text)?;
                (value, if step.is_some() { self.greatest } else { value })
            }
        };
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(format!("step of range should be a positive number: {text:?}"));
        }
        if least < self.least || greatest > self.greatest {
            let (low, high) = (self.least, self.greatest);
            return Err(format!("{text:?} is outside of what the {} can be, {low} to {high}", self.what));
        }
        if least > greatest {
            return Err(format!("beginning of range ({least}) beyond end of range ({greatest}): {text:?}"));
        }
        let bits = (least..=greatest).step_by(step as usize).fold(0, |bits, value| bits | 1 << value);
        Ok(Set { bits, open: is_open && step == 1 })
    }

    fn value(&self, text: &str, whole: &str) -> Result<u32, String> {
        let name = text.to_lowercase();
        match self.names.iter().position(|known| *known == name) {
            Some(place) => Ok(place as u32 + self.least),
            None => self.number(text, whole),
        }
    }

    fn number(&self, text: &str, whole: &str) -> Result<u32, String> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number);
        number.ok_or_else(|| format!("{whole:?} is no {}", self.what))
    }
}

impl Fields {
    /// Goes from field to field as long as one does not match. Hours and minutes pass as they do on a clock that is put
    /// forward or back: what is left out is never due, and what comes twice is due twice.
    fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let minute = after.as_second().div_euclid(60) + 1;
        let mut now = Timestamp::from_second(minute * 60).ok()?.to_zoned(zone.clone());
        let last_year = now.year() + YEARS_AHEAD;
        while now.year() <= last_year {
            now = if !has(self.months, now.month()) {
                now.first_of_month().ok()?.checked_add(1.month()).ok()?.start_of_day().ok()?
            } else if !self.has_day(&now) {
                now.tomorrow().ok()?.start_of_day().ok()?
            } else if !has(self.hours, now.hour()) {
                now.checked_add((60 - i64::from(now.minute())).minutes()).ok()?
            } else if !has(self.minutes, now.minute()) {
                now.checked_add(1.minute()).ok()?
            } else {
                return Some(now.timestamp());
            };
        }
        None
    }

    /// Where both the days of the month and those of the week are restricted, either will do.
    fn has_day(&self, now: &Zoned) -> bool {
        let day = has(self.days, now.day());
        let weekday = has(self.weekdays, now.weekday().to_sunday_zero_offset());
        if self.any_day || self.any_weekday { day && weekday } else { day || weekday }
    }
}

fn has(bits: u64, value: i8) -> bool {
    bits >> value & 1 == 1
}
