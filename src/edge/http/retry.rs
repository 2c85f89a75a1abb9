//! When a question is asked again, and how long to wait before.

use super::Patience;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime};

/// Whether a server that answers so may answer otherwise in a while (RFC 9110, 15.5.9 and 15.6; RFC 6585).
pub fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What `Retry-After` says (RFC 9110, 10.2.3): seconds, or a date. What is neither says nothing.
pub fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let seconds = date.timestamp().as_second();
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(u64::try_from(seconds).ok()?.saturating_sub(now)))
}

/// How long to wait after the failure `number` (from 0): twice as long each time, and up to half of
/// that more or less by chance, so that many runs do not come back at once.
pub fn backoff(patience: &Patience, number: u32) -> Duration {
    let full = patience.first_wait.saturating_mul(1 << number.min(16)).min(patience.longest_wait);
    let chance = RandomState::new().hash_one(number) % 1000;
    full.mul_f64(0.5 + chance as f64 / 1000.0).min(patience.longest_wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 30);
        for (text, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1993 08:49:37 GMT", None),
            ("Sat, 06 Nov 1993 08:49:37 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn waits_grow_and_stay_bounded() {
        let patience = Patience { first_wait: Duration::from_millis(100), longest_wait: Duration::from_secs(2), ..Patience::default() };
        for number in 0..40 {
            let full = (0.1 * f64::from(1 << number.min(16))).min(2.0);
            let wait = backoff(&patience, number).as_secs_f64();
            assert!(wait >= full * 0.49 && wait <= (full * 1.51).min(2.0) && wait > 0.0, "{number}: {wait}");
        }
    }
}
