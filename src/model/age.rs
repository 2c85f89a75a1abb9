//! How old something may be.

use super::text::quoted;
use std::fmt;
use std::str::FromStr;

/// A length of time in whole units, as a person writes it: `90m`, `24h`, `7d`, `2w`. Never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxAge(u64);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{} is no length of time: write a number and m, h, d or w (minutes, hours, days, weeks), such as 7d", quoted(.0))]
pub struct MaxAgeError(String);

const UNITS: [(&str, u64); 4] = [("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("m", 60)];

impl MaxAge {
    /// Some whole days, one at least.
    pub fn of_days(days: u64) -> Self {
        MaxAge(days.clamp(1, u64::MAX / 86_400) * 86_400)
    }

    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl FromStr for MaxAge {
    type Err = MaxAgeError;

    fn from_str(text: &str) -> Result<Self, MaxAgeError> {
        let of_unit = |(unit, seconds): &(&str, u64)| {
            let digits = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse::<u64>().ok()?.checked_mul(*seconds).filter(|seconds| *seconds > 0)
        };
        UNITS.iter().find_map(of_unit).map(MaxAge).ok_or_else(|| MaxAgeError(text.to_owned()))
    }
}

/// In the largest unit that goes into it.
impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, seconds) = UNITS.iter().find(|(_, seconds)| self.0.is_multiple_of(*seconds)).unwrap_or(&("m", 60));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

/// A number of seconds for people: in the largest unit of which there are two or more, cut off.
pub fn rough(seconds: u64) -> String {
    let named = [("days", 86_400), ("hours", 3600), ("minutes", 60)];
    let (name, unit) = named.into_iter().find(|(_, unit)| seconds >= 2 * unit).unwrap_or(("seconds", 1));
    format!("{} {name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::{MaxAge, rough};

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        for (text, seconds, shown) in [("90m", 5400, "90m"), ("24h", 86_400, "1d"), ("7d", 604_800, "1w"), ("10d", 864_000, "10d")] {
            let age: MaxAge = text.parse().unwrap();
            assert_eq!((age.seconds(), age.to_string().as_str()), (seconds, shown));
        }
        for wrong in ["", "d", "7", "0d", "-1d", "+1d", "1.5d", "7 d", "7days", "99999999999999999999w", "18446744073709551615w"] {
            assert!(wrong.parse::<MaxAge>().is_err(), "{wrong}");
        }
        assert_eq!([rough(5), rough(119), rough(7300), rough(864_000)], ["5 seconds", "119 seconds", "2 hours", "10 days"]);
    }
}
