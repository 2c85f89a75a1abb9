//! The only place that asks for the time. Every other stage takes it as a value.

use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClockError {
    #[error("SOURCE_DATE_EPOCH is {0}, not a count of seconds since 1970")]
    SourceDateEpoch(String),
    #[error("the system clock stands before 1970")]
    BeforeEpoch,
}

impl ClockError {
    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self {
            ClockError::SourceDateEpoch(_) => "set it to a number such as `git log -1 --format=%ct` prints, or unset it",
            ClockError::BeforeEpoch => "set the clock, or SOURCE_DATE_EPOCH",
        }
    }
}

/// What SOURCE_DATE_EPOCH says (reproducible-builds.org/specs/source-date-epoch), in seconds since
/// 1970-01-01 UTC. One that is no whole number of seconds is an error, never ignored.
pub fn source_date_epoch() -> Result<Option<i64>, ClockError> {
    std::env::var_os("SOURCE_DATE_EPOCH").map(|text| parse(&text.to_string_lossy())).transpose()
}

/// The system clock's seconds since 1970-01-01 UTC.
pub fn now() -> Result<i64, ClockError> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClockError::BeforeEpoch)?;
    i64::try_from(elapsed.as_secs()).map_err(|_| ClockError::BeforeEpoch)
}

/// The latest second that is accepted: 9999-12-31T23:59:59Z, the last that RFC 3339 can write.
const LATEST: i64 = 253_402_300_799;

fn parse(text: &str) -> Result<i64, ClockError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = digits.then(|| text.parse::<i64>().ok()).flatten().filter(|&seconds| seconds <= LATEST);
    seconds.ok_or_else(|| ClockError::SourceDateEpoch(crate::model::text::quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn source_date_epoch_is_a_count_of_seconds() {
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse("1732060800"), Ok(1_732_060_800));
        for wrong in ["", " 1", "-1", "+1", "1.5", "2024-01-01", "253402300800", "99999999999999999999", "1\u{1b}"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
