//! A day of the calendar, as people write it into a file.

use super::text::quoted;
use std::fmt;
use std::str::FromStr;

/// A day, counted from 1970-01-01 (UTC); between the years 1 and 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{} is no day: write year, month and day, such as 2027-01-31", quoted(.0))]
pub struct DayError(String);

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);
/// The last day that can be written with four digits.
const LAST: i64 = 2_932_896;
const FIRST: i64 = -719_162;

impl Day {
    /// The first and the last day of the calendar.
    pub const MIN: Day = Day(FIRST);
    pub const MAX: Day = Day(LAST);

    /// The day of a second since 1970; one outside of the calendar is its end.
    pub fn of_seconds(seconds: i64) -> Day {
        Day(seconds.div_euclid(86_400).clamp(FIRST, LAST))
    }

    /// The day some days later (or before); never outside of the calendar.
    pub fn plus(self, days: i64) -> Day {
        Day(self.0.saturating_add(days).clamp(FIRST, LAST))
    }

    /// How many days lie between this day and a later one.
    pub fn until(self, later: Day) -> i64 {
        later.0 - self.0
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let error = || DayError(text.to_owned());
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else { return Err(error()) };
        let is_written = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !is_written(year, 4) || !is_written(month, 2) || !is_written(day, 2) {
            return Err(error());
        }
        let number = |part: &str| part.parse::<i16>().map_err(|_| error());
        let small = |part: &str| part.parse::<i8>().map_err(|_| error());
        let date = jiff::civil::Date::new(number(year)?, small(month)?, small(day)?).map_err(|_| error())?;
        let days = EPOCH.until(date).map_err(|_| error())?;
        Some(i64::from(days.get_days())).filter(|days| (FIRST..=LAST).contains(days)).map(Day).ok_or_else(error)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 * 86_400;
        f.write_str(&super::Moment { seconds, offset: 0 }.day().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_is_read_as_it_is_written() {
        for text in ["1970-01-01", "2026-11-21", "2000-02-29", "9999-12-31", "0001-01-01"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for wrong in ["", "2026-11", "2026-11-31", "2025-02-29", "26-11-21", "2026-1-01", "+026-01-01", "2026-11-21T00:00", "0000-01-01"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
        let day: Day = "2026-11-21".parse().unwrap();
        assert_eq!(Day::of_seconds(1_795_219_200), day);
        assert_eq!(day.until(day.plus(30)), 30);
        assert_eq!(day.plus(i64::MAX).to_string(), "9999-12-31");
    }
}
