//! Dates of records: RFC 3339 text to seconds since 1970 and back.

use crate::model::{Moment, moment};

/// Seconds since 1970 of an RFC 3339 time, or of a plain date at midnight UTC.
pub fn parse(text: &str) -> Option<i64> {
    moment::of_rfc3339(text).or_else(|| {
        let date = text.parse::<jiff::civil::Date>().ok()?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
    })
}

/// The day in UTC, `2025-01-31`.
pub fn day(seconds: i64) -> String {
    written(seconds).chars().take(10).collect()
}

/// RFC 3339 in UTC, to the second; a count that no date fits is shown as a number.
pub fn written(seconds: i64) -> String {
    Moment { seconds, offset: 0 }.rfc3339().unwrap_or_else(|| seconds.to_string())
}
