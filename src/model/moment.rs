//! When a commit says it was made.

/// A commit's time: seconds since 1970-01-01 UTC and the offset of the clock that wrote it, in
/// seconds. git takes any number: 1901, 2106 and the year ten thousand are possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    pub seconds: i64,
    pub offset: i32,
}

impl Moment {
    /// By RFC 3339 with the writer's offset; `None` where it lies outside the years 0 to 9999, which
    /// RFC 3339 can write.
    pub fn rfc3339(self) -> Option<String> {
        const DAY: u32 = 86_400;
        let offset = if self.offset.unsigned_abs() < DAY && self.offset % 60 == 0 { self.offset } else { 0 };
        let (days, second) =
            self.seconds.checked_add(i64::from(offset)).map(|local| (local.div_euclid(86_400), local.rem_euclid(86_400)))?;
        let (year, month, day) = civil(days)?;
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
        let zone = if offset == 0 { "Z".to_owned() } else { format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60) };
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"))
    }

    /// `2025-01-31`, on the writer's clock; `None` as for [`Moment::rfc3339`].
    pub fn day(self) -> Option<String> {
        self.rfc3339().map(|text| text[..10].to_owned())
    }
}

/// Seconds since 1970 of a time of RFC 3339; `None` for any other text.
pub fn of_rfc3339(text: &str) -> Option<i64> {
    Some(text.parse::<jiff::Timestamp>().ok()?.as_second())
}

/// Year, month and day of a count of days since 1970-01-01, in the proleptic Gregorian calendar
/// (Howard Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`).
fn civil(days: i64) -> Option<(i64, i64, i64)> {
    // 0000-01-01 and 9999-12-31.
    if !(-719_528..=2_932_896).contains(&days) {
        return None;
    }
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Some((year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1))
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn any_time_that_git_takes_is_written_or_is_none() {
        for (seconds, offset, expected) in [
            (0, 0, Some("1970-01-01T00:00:00Z")),
            (1_700_000_000, 19_800, Some("2023-11-15T03:43:20+05:30")),
            (1_700_000_000, -28_800, Some("2023-11-14T14:13:20-08:00")),
            (-2_147_483_648, 0, Some("1901-12-13T20:45:52Z")),
            (4_294_967_295, 0, Some("2106-02-07T06:28:15Z")),
            (951_782_400, 0, Some("2000-02-29T00:00:00Z")),
            (253_402_300_799, 0, Some("9999-12-31T23:59:59Z")),
            (253_402_300_800, 0, None),
            (253_402_300_799, 3600, None),
            (i64::MAX, 3600, None),
            (i64::MIN, i32::MIN, None),
            (0, i32::MAX, Some("1970-01-01T00:00:00Z")),
        ] {
            assert_eq!(Moment { seconds, offset }.rfc3339().as_deref(), expected, "{seconds} {offset}");
        }
    }
}
