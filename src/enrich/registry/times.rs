//! Whether the times in a document are times of publication.
//!
//! Proxies that cache packages write when they fetched a version where the registry wrote when it was published. It
//! shows in the order: of neighbouring versions a third and more lie in the wrong order then (packages of three
//! ecosystems, some 95: 12 to 62 of a hundred behind such a proxy, 0.9 at most of a registry's own answers).
//! Fixes for older lines (1.9.9 after 2.0.0) are in order, for neighbours are of one line.

use super::Release;
use crate::model::Ecosystem;
use crate::model::version::Parsed;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Two versions may be published together, the higher one first.
const TOGETHER: i64 = 86_400;
/// One neighbour in so many that lies in the wrong order is too much; a single one only among very few.
const ONE_IN: usize = 16;
const VERY_FEW: usize = 4;
/// So many versions within a few minutes, nearly all that there are, were fetched and not published.
const AT_ONCE: usize = 10;
const MINUTES: i64 = 600;

struct Dated<'r> {
    text: &'r str,
    version: Parsed,
    time: i64,
}

/// Why the times are none of publication; `None` where nothing shows it.
pub fn doubt(ecosystem: Ecosystem, releases: &[Release]) -> Option<String> {
    wrong_order(ecosystem, releases).or_else(|| at_once(releases))
}

fn wrong_order(ecosystem: Ecosystem, releases: &[Release]) -> Option<String> {
    let mut dated: Vec<Dated<'_>> = releases.iter().filter_map(|release| of(ecosystem, release)).collect();
    dated.sort_by(|a, b| a.version.compare(&b.version).unwrap_or(Ordering::Equal));
    let pairs = neighbours(&dated);
    let wrong: Vec<&(&Dated<'_>, &Dated<'_>)> = pairs.iter().filter(|(lower, higher)| lower.time > higher.time + TOGETHER).collect();
    let is_much = match wrong.len() {
        0 => false,
        1 => pairs.len() <= VERY_FEW,
        number => number * ONE_IN >= pairs.len(),
    };
    let (lower, higher) = wrong.first().filter(|_| is_much)?;
    Some(format!(
        "{} of {} neighbouring versions are dated in the wrong order ({} after {}), as where a proxy writes when it fetched them",
        wrong.len(),
        pairs.len(),
        lower.text,
        higher.text
    ))
}

/// Pre-releases come as people like.
fn of(ecosystem: Ecosystem, release: &Release) -> Option<Dated<'_>> {
    let version = Parsed::of(ecosystem, &release.version).filter(|version| !version.is_prerelease())?;
    Some(Dated { text: &release.version, version, time: release.published? })
}

/// Each version with the next one of its line (the first two numbers), and the first of each major version with
/// the first of the next.
fn neighbours<'d, 'r>(sorted: &'d [Dated<'r>]) -> Vec<(&'d Dated<'r>, &'d Dated<'r>)> {
    let in_line = sorted.windows(2).filter(|pair| pair[0].version.line() == pair[1].version.line());
    let mut pairs: Vec<_> = in_line.map(|pair| (&pair[0], &pair[1])).collect();
    let mut firsts: BTreeMap<[u64; 2], &Dated<'_>> = BTreeMap::new();
    for dated in sorted {
        let [epoch, major, _] = dated.version.line();
        firsts.entry([epoch, major]).or_insert(dated);
    }
    let firsts: Vec<_> = firsts.into_values().collect();
    pairs.extend(firsts.windows(2).map(|pair| (pair[0], pair[1])));
    pairs
}

fn at_once(releases: &[Release]) -> Option<String> {
    let mut times: Vec<i64> = releases.iter().filter_map(|release| release.published).collect();
    times.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for last in 0..times.len() {
        while times[last] - times[first] > MINUTES {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    let is_all = most >= AT_ONCE && most * 5 >= times.len() * 4;
    is_all.then(|| format!("{most} of {} versions are dated within ten minutes, as where a proxy writes when it fetched them", times.len()))
}
