//! Whether a record affects a version: the evaluation of the OSV schema ("Evaluation"), with one more
//! answer for what it leaves out, versions that cannot be ordered.

use super::order::Key;
use super::record::{Affected, Event, Range, RangeKind, Record};
use crate::model::text::quoted;
use crate::model::{Ecosystem, PackageName, Version};
use std::cmp::Ordering;

/// Whether a record affects one version of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Affected,
    NotAffected,
    /// It cannot be told, as a clause for people.
    Undecided(String),
}

impl Answer {
    /// Of two parts of a union.
    fn or(self, other: impl FnOnce() -> Answer) -> Answer {
        match self {
            Answer::Affected => self,
            Answer::NotAffected => other(),
            Answer::Undecided(_) => match other() {
                Answer::Affected => Answer::Affected,
                _ => self,
            },
        }
    }
}

/// A version to be evaluated, ordered once for many records.
pub struct Wanted<'v> {
    ecosystem: Ecosystem,
    text: Option<&'v str>,
    key: Option<Key>,
}

impl<'v> Wanted<'v> {
    /// `None` where the version is not known.
    pub fn new(ecosystem: Ecosystem, version: Option<&'v str>) -> Self {
        Wanted { ecosystem, text: version, key: version.and_then(|text| Key::parse(ecosystem, text)) }
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn undecided(&self) -> Answer {
        Answer::Undecided(match self.text {
            None => "no version is stated".to_owned(),
            Some(text) => format!("{} cannot be ordered as a version of {}", quoted(text), self.ecosystem),
        })
    }
}

/// Evaluates one record for one version. Every `affected` entry of the package counts, and of each
/// the `versions` list and every range: a union.
pub fn evaluate(record: &Record, ecosystem: Ecosystem, name: &PackageName, version: Option<&Version>) -> Answer {
    of_wanted(record, name, &Wanted::new(ecosystem, version.map(Version::as_str)))
}

pub(super) fn of_wanted(record: &Record, name: &PackageName, wanted: &Wanted<'_>) -> Answer {
    if record.withdrawn.is_some() {
        return Answer::NotAffected;
    }
    let is_its = |affected: &&Affected| affected.ecosystem == wanted.ecosystem && affected.name == name.as_str();
    let of_entry = |affected: &Affected| listed(affected, wanted).or(|| in_ranges(&affected.ranges, wanted));
    record.affected.iter().filter(is_its).fold(Answer::NotAffected, |answer, affected| answer.or(|| of_entry(affected)))
}

/// Equal text, or equal by the ecosystem's order (1.0 and 1.0.0 of PyPI).
fn listed(affected: &Affected, wanted: &Wanted<'_>) -> Answer {
    let Some(text) = wanted.text else {
        return if affected.versions.is_empty() { Answer::NotAffected } else { wanted.undecided() };
    };
    let is_equal = |listed: &String| {
        listed == text
            || wanted
                .key
                .as_ref()
                .is_some_and(|key| Key::parse(wanted.ecosystem, listed).is_some_and(|listed| key.compare(&listed).is_eq()))
    };
    if affected.versions.iter().any(|listed| listed == text) || affected.versions.iter().any(is_equal) {
        Answer::Affected
    } else {
        Answer::NotAffected
    }
}

fn in_ranges(ranges: &[Range], wanted: &Wanted<'_>) -> Answer {
    ranges.iter().fold(Answer::NotAffected, |answer, range| answer.or(|| in_range(range, wanted)))
}

/// The events up to the version, in order; the last one decides. Events at one version keep the
/// record's sequence.
fn in_range(range: &Range, wanted: &Wanted<'_>) -> Answer {
    match &range.kind {
        RangeKind::Unknown(kind) => {
            return Answer::Undecided(format!("the record has a range of the type {}, which is not known", quoted(kind)));
        }
        RangeKind::Unread(reason) => return Answer::Undecided(format!("a part of the record cannot be read: {reason}")),
        RangeKind::Semver | RangeKind::Ecosystem => {}
    }
    if is_everything(range) {
        return Answer::Affected;
    }
    let Some(key) = &wanted.key else {
        return if range.events.iter().any(|event| matches!(event, Event::Introduced(_))) {
            wanted.undecided()
        } else {
            Answer::NotAffected
        };
    };
    let mut unordered = Vec::new();
    let mut ordered: Vec<(Place, &Event)> = Vec::new();
    for event in range.events.iter().filter(|event| !is_no_limit(event)) {
        match Place::of(event, wanted.ecosystem) {
            Some(place) => ordered.push((place, event)),
            None => unordered.push(event),
        }
    }
    ordered.sort_by(|(a, _), (b, _)| a.compare(b));
    let state = is_affected(&ordered, key) && is_before_limits(range, &ordered, key);
    // An event whose place is not known may come right before the version: would that change anything?
    match unordered.into_iter().find(|event| matches!(event, Event::Introduced(_)) != state) {
        Some(event) => Answer::Undecided(format!("the record's event {} cannot be ordered", quoted(event.version()))),
        None if state => Answer::Affected,
        None => Answer::NotAffected,
    }
}

/// Every version, whatever it looks like: introduced at 0 and nothing that ends it.
fn is_everything(range: &Range) -> bool {
    let from_the_start = |event: &Event| matches!(event, Event::Introduced(version) if version == "0");
    let ends_nothing = |event: &Event| matches!(event, Event::Introduced(_)) || is_no_limit(event);
    range.events.iter().any(from_the_start) && range.events.iter().all(ends_nothing)
}

/// A limit of `*` is none.
fn is_no_limit(event: &Event) -> bool {
    matches!(event, Event::Limit(version) if version == "*")
}

/// Where an event stands.
enum Place {
    /// Before every version (`introduced: "0"`).
    Start,
    At(Key),
}

impl Place {
    fn of(event: &Event, ecosystem: Ecosystem) -> Option<Place> {
        match event {
            Event::Introduced(version) if version == "0" => Some(Place::Start),
            event => Key::parse(ecosystem, event.version()).map(Place::At),
        }
    }

    fn compare(&self, other: &Place) -> Ordering {
        match (self, other) {
            (Place::Start, Place::Start) => Ordering::Equal,
            (Place::Start, Place::At(_)) => Ordering::Less,
            (Place::At(_), Place::Start) => Ordering::Greater,
            (Place::At(a), Place::At(b)) => a.compare(b),
        }
    }

    /// How the version stands to the event.
    fn version(&self, key: &Key) -> Ordering {
        match self {
            Place::Start => Ordering::Greater,
            Place::At(place) => key.compare(place),
        }
    }
}

fn is_affected(ordered: &[(Place, &Event)], key: &Key) -> bool {
    let mut affected = false;
    for (place, event) in ordered {
        match (event, place.version(key)) {
            (Event::Introduced(_), Ordering::Equal | Ordering::Greater) => affected = true,
            (Event::Fixed(_), Ordering::Equal | Ordering::Greater) => affected = false,
            (Event::LastAffected(_), Ordering::Greater) => affected = false,
            _ => {}
        }
    }
    affected
}

/// Before any of the limits, where there is one (`BeforeLimits` of the schema).
fn is_before_limits(range: &Range, ordered: &[(Place, &Event)], key: &Key) -> bool {
    let mut limits = ordered.iter().filter(|(_, event)| matches!(event, Event::Limit(_))).peekable();
    limits.peek().is_none() || range.events.iter().any(is_no_limit) || limits.any(|(place, _)| place.version(key).is_lt())
}
