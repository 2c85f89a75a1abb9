//! Severities: CVSS vectors scored by the `cvss` crate, and the words of databases.

use crate::model::{Rating, Severity};
use cvss::Cvss;
use std::str::FromStr;

/// The severity of one record: of its vectors the one of the newest CVSS version, or the word of the
/// database where no vector can be scored.
pub fn of(vectors: &[&str], word: Option<&str>) -> Option<Severity> {
    let mut scored: Vec<(u8, Severity)> = vectors.iter().filter_map(|vector| scored(vector)).collect();
    scored.sort();
    scored.pop().map(|(_, severity)| severity).or_else(|| word.and_then(of_word))
}

/// The vector's CVSS version in tenths, and what it comes to.
fn scored(vector: &str) -> Option<(u8, Severity)> {
    // The library takes CVSS 2 with a prefix or without; OSV has it without.
    let cvss = Cvss::from_str(vector).ok()?;
    let (version, base) = match cvss {
        Cvss::CvssV20(_) => (20, "AV AC Au C I A"),
        Cvss::CvssV30(_) => (30, "AV AC PR UI S C I A"),
        Cvss::CvssV31(_) => (31, "AV AC PR UI S C I A"),
        Cvss::CvssV40(_) => (40, "AV AC AT PR UI VC VI VA SC SI SA"),
        _ => return None,
    };
    // It scores a vector that lacks base metrics as 0, which would be "none"; the specifications call
    // such a vector invalid.
    let has = |metric: &str| vector.split('/').any(|part| part.split(':').next() == Some(metric));
    if !base.split(' ').all(has) {
        return None;
    }
    let tenths = (cvss.score() * 10.0).round().clamp(0.0, 100.0) as u8;
    let rating = Rating::of_cvss(tenths, version == 20);
    Some((version, Severity { rating, tenths: Some(tenths), vector: Some(vector.into()) }))
}

fn of_word(word: &str) -> Option<Severity> {
    let rating = match word.to_ascii_lowercase().as_str() {
        "none" => Rating::None,
        "low" | "negligible" => Rating::Low,
        "moderate" | "medium" => Rating::Medium,
        "high" | "important" => Rating::High,
        "critical" => Rating::Critical,
        _ => return None,
    };
    Some(Severity { rating, tenths: None, vector: None })
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::model::Rating;

    #[test]
    fn vectors_are_scored_and_the_newest_counts() {
        let v2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C";
        let v3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
        let v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        for (vectors, word, expected) in [
            (&[v2][..], None, Some((Rating::High, Some(100)))),
            (&[v3], None, Some((Rating::High, Some(75)))),
            (&[v4], None, Some((Rating::Critical, Some(93)))),
            (&[v4, v3], Some("LOW"), Some((Rating::Critical, Some(93)))),
            (&["CVSS:3.1/AV:N"], Some("MODERATE"), Some((Rating::Medium, None))),
            (&["CVSS:9.0/X"], None, None),
            (&[], Some("who knows"), None),
        ] {
            let severity = of(vectors, word);
            assert_eq!(severity.map(|severity| (severity.rating, severity.tenths)), expected, "{vectors:?} {word:?}");
        }
    }
}
