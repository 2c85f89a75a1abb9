//! PyPI's versions: PEP 440 with epochs, pre-, post- and development releases, local versions.

use pep440_rs::Version;
use std::cmp::Ordering;
use std::str::FromStr;

pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::from_str(a).ok()?, Version::from_str(b).ok()?);
    Some(a.cmp(&b))
}
