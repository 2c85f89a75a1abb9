//! A score for people and for programs.

use super::{Counts, Element, Guide, Score};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Lines for people.
pub fn text(score: &Score, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {}, {} components", score.format.id(), score.format.version(), score.components)?;
    for guide in &score.guides {
        writeln!(out, "\n{}", guide.title)?;
        for element in &guide.elements {
            self::element(element, out)?;
        }
    }
    Ok(())
}

fn element(element: &Element, out: &mut dyn Write) -> io::Result<()> {
    let Element { name, section, level, counts, .. } = element;
    writeln!(out, "  {:<12}  {name}{}  [{section}; {}]", state(counts), how_many(element), level.as_str())?;
    for (word, reasons) in [("absent", &counts.absent), ("not knowable", &counts.not_knowable)] {
        for (reason, count) in reasons {
            let of = if element.of_components { format!("{count} {word}") } else { word.to_owned() };
            writeln!(out, "                  {of}: {reason}")?;
        }
    }
    Ok(())
}

fn how_many(element: &Element) -> String {
    if element.of_components { format!(": {} of {}", element.counts.present, element.counts.all()) } else { String::new() }
}

/// One word for the whole: what is absent somewhere weighs more than what nobody can know.
fn state(counts: &Counts) -> &'static str {
    match (counts.present, counts.absent.is_empty(), counts.not_knowable.is_empty()) {
        (0, true, true) => "nothing to",
        (_, true, true) => "present",
        (0, false, _) => "absent",
        (0, true, false) => "not knowable",
        _ => "in part",
    }
}

/// The score as JSON, version 1. A reader of a later version finds the fields of this one.
#[derive(Serialize)]
struct Told<'s> {
    version: u32,
    format: &'static str,
    spec_version: &'static str,
    components: usize,
    guides: Vec<ToldGuide<'s>>,
}

#[derive(Serialize)]
struct ToldGuide<'s> {
    id: &'s str,
    title: &'s str,
    elements: Vec<ToldElement<'s>>,
}

#[derive(Serialize)]
struct ToldElement<'s> {
    name: &'s str,
    section: &'s str,
    level: &'static str,
    of: &'static str,
    state: &'static str,
    present: usize,
    total: usize,
    absent: Vec<Reason>,
    not_knowable: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    count: usize,
    reason: &'static str,
}

/// The same for programs.
pub fn json(score: &Score, out: &mut dyn Write) -> io::Result<()> {
    let told = Told {
        version: 1,
        format: score.format.id(),
        spec_version: score.format.version(),
        components: score.components,
        guides: score.guides.iter().map(guide).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &told)?;
    writeln!(out)
}

fn guide(guide: &Guide) -> ToldGuide<'_> {
    let reasons = |found: &BTreeMap<&'static str, usize>| found.iter().map(|(&reason, &count)| Reason { count, reason }).collect();
    let element = |element: &'_ Element| {
        let Counts { present, absent, not_knowable } = &element.counts;
        (*present, element.counts.all(), reasons(absent), reasons(not_knowable))
    };
    let elements = guide.elements.iter().map(|of| {
        let (present, total, absent, not_knowable) = element(of);
        ToldElement {
            name: &of.name,
            section: &of.section,
            level: of.level.as_str(),
            of: if of.of_components { "components" } else { "document" },
            state: state(&of.counts),
            present,
            total,
            absent,
            not_knowable,
        }
    });
    ToldGuide { id: &guide.id, title: &guide.title, elements: elements.collect() }
}
