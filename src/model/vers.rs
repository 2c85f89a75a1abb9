//! Ranges of versions in the package-url project's form: `vers:npm/>=1.0.0|<2.0.0|!=1.5.0` (vers-spec, VERSION-RANGE-SPEC.rst).

use super::{Ecosystem, Version, version};
use std::cmp::Ordering;

/// Parts of one range at most.
const MOST_PARTS: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Is,
    Not,
    Below,
    Upto,
    Above,
    From,
}

const SIGNS: [(&str, Sign); 6] =
    [("!=", Sign::Not), ("<=", Sign::Upto), (">=", Sign::From), ("<", Sign::Below), (">", Sign::Above), ("=", Sign::Is)];

/// Whether a version is in the range; `None` where that cannot be told: another ecosystem's range, no range at all, a
/// version that cannot be ordered, parts that are not in order.
pub fn holds(range: &str, ecosystem: Ecosystem, wanted: &Version) -> Option<bool> {
    let (kind, parts) = range.strip_prefix("vers:")?.split_once('/')?;
    if Ecosystem::from_purl_type(kind) != Some(ecosystem) {
        return None;
    }
    if parts == "*" {
        return Some(true);
    }
    let parts: Vec<(Sign, Ordering)> =
        parts.split('|').take(MOST_PARTS + 1).map(|part| compared(part, ecosystem, wanted)).collect::<Option<_>>()?;
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return None;
    }
    let equals = |sign| parts.contains(&(sign, Ordering::Equal));
    if equals(Sign::Is) || equals(Sign::Not) {
        return Some(equals(Sign::Is));
    }
    let bounds: Vec<(Sign, Ordering)> = parts.iter().copied().filter(|(sign, _)| !matches!(sign, Sign::Is | Sign::Not)).collect();
    if bounds.is_empty() {
        // Nothing but exceptions is everything else.
        return Some(parts.iter().all(|(sign, _)| *sign == Sign::Not));
    }
    within(&bounds)
}

/// A part's sign, and where the wanted version lies as seen from the part's.
fn compared(part: &str, ecosystem: Ecosystem, wanted: &Version) -> Option<(Sign, Ordering)> {
    let (sign, text) = SIGNS.iter().find_map(|(text, sign)| Some((*sign, part.strip_prefix(text)?))).unwrap_or((Sign::Is, part));
    let limit = Version::new(&percent_decoded(text)?).ok()?;
    Some((sign, version::compare(ecosystem, wanted, &limit)?))
}

/// `%41` as `A`.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(if byte == b'%' { (digit()? << 4 | digit()?) as u8 } else { byte });
    }
    String::from_utf8(bytes).ok()
}

/// Lower and upper bounds take turns, in the order of the versions; the first may be an upper and the last a lower one.
fn within(bounds: &[(Sign, Ordering)]) -> Option<bool> {
    let is_upper = |sign: Sign| matches!(sign, Sign::Below | Sign::Upto);
    let is_met = |(sign, order): (Sign, Ordering)| match sign {
        Sign::Below => order.is_lt(),
        Sign::Upto => order.is_le(),
        Sign::Above => order.is_gt(),
        _ => order.is_ge(),
    };
    let takes_turns = bounds.windows(2).all(|pair| is_upper(pair[0].0) != is_upper(pair[1].0));
    // Seen from ever higher limits, a version lies ever lower.
    if !takes_turns || !bounds.windows(2).all(|pair| pair[0].1 >= pair[1].1) {
        return None;
    }
    let (first, rest) = if is_upper(bounds[0].0) { (Some(bounds[0]), &bounds[1..]) } else { (None, bounds) };
    let is_in = |pair: &[(Sign, Ordering)]| pair.iter().all(|bound| is_met(*bound));
    Some(first.is_some_and(is_met) || rest.chunks(2).any(is_in))
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::model::{Ecosystem, Version};

    #[test]
    fn a_range_holds_what_its_specification_says() {
        for (range, version, expected) in [
            ("vers:npm/*", "1.0.0", Some(true)),
            ("vers:npm/1.0.0", "1.0.0", Some(true)),
            ("vers:npm/=1.0.0|2.0.0", "2.0.0", Some(true)),
            ("vers:npm/1.0.0", "1.0.1", Some(false)),
            ("vers:npm/>=1.0.0|<2.0.0", "1.9.9", Some(true)),
            ("vers:npm/>=1.0.0|<2.0.0", "2.0.0", Some(false)),
            ("vers:npm/>=1.0.0|!=1.5.0|<2.0.0", "1.5.0", Some(false)),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "0.1.0", Some(true)),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "1.0.0", Some(false)),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "2.0.0", Some(true)),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "3.5.0", Some(false)),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "5.0.0", Some(true)),
            ("vers:npm/!=1.0.0", "1.0.1", Some(true)),
            ("vers:npm/%3C2.0.0", "1.0.0", None),
            ("vers:npm/<2.0.0%2B1", "1.0.0", Some(true)),
            ("vers:pypi/<2", "1.0.0", None),
            ("vers:npm/", "1.0.0", None),
            ("vers:npm/>=2.0.0|>=1.0.0", "3.0.0", None),
            ("vers:npm/>=2.0.0|<1.0.0", "1.5.0", None),
            ("npm/<2.0.0", "1.0.0", None),
            ("<2.0.0", "1.0.0", None),
        ] {
            assert_eq!(holds(range, Ecosystem::Npm, &Version::new(version).unwrap()), expected, "{range} {version}");
        }
        assert_eq!(holds("vers:pypi/>=1.0rc1|<1.0", Ecosystem::Pypi, &Version::new("1.0rc2").unwrap()), Some(true));
    }
}
