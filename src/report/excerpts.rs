//! The lines of files that findings point to, for people: which ones a report would show, and how one is drawn.
//!
//! A line is of a file that a stranger wrote: it is shown cut, visible, without credentials, and never of a file in
//! which secrets are kept.

use super::style::{Paint, Style};
use crate::judge::{Judgement, policy};
use crate::model::text::visible;
use crate::model::{Finding, Level, Location, RelPath, purl};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Lines by their places.
#[derive(Clone, Debug, Default)]
pub struct Excerpts {
    lines: BTreeMap<RelPath, BTreeMap<u32, String>>,
}

/// Lines of one report at most: with more findings they would hide the list.
const MOST: usize = 20;
/// Lines of one rule.
const MOST_OF_RULE: usize = 3;
/// Characters of a line.
const WIDEST: usize = 100;

impl Excerpts {
    /// The places of which a report would show the line: of the first few findings of a rule that are more than notes, and
    /// of gaps on which no verdict can stand.
    pub fn wanted(judgement: &Judgement<'_>) -> BTreeMap<RelPath, BTreeSet<u32>> {
        let altered = |place: &Location| judgement.subject.gate.altered.iter().any(|altered| altered.file == place.file);
        // The policy of a base has other lines than the head's.
        let is_its = |finding: &&Finding| {
            let place = finding.location.as_ref();
            place.is_some_and(|place| place.file.as_str() != policy::FILE || finding.rule == "policy-changed" || !altered(place))
        };
        let findings = judgement.findings.iter().filter(|finding| finding.level > Level::Note && !is_told_elsewhere(finding));
        let findings: Vec<&Finding> = findings.filter(is_its).collect();
        let of_rules = findings.chunk_by(|a, b| (a.level, a.rule) == (b.level, b.rule)).flat_map(|rule| rule.iter().take(MOST_OF_RULE));
        let places = of_rules.filter_map(|finding| finding.location.as_ref()).map(|place| (&place.file, place.line));
        let gaps = judgement.blocking().filter(|gap| !gap.message.starts_with("in the base: "));
        let gaps = gaps.filter_map(|gap| Some((&gap.file, gap.line?)));
        let mut wanted: BTreeMap<RelPath, BTreeSet<u32>> = BTreeMap::new();
        for (file, line) in places.chain(gaps).filter(|(file, _)| !keeps_secrets(file)).take(MOST) {
            wanted.entry(file.clone()).or_default().insert(line);
        }
        wanted
    }

    /// Takes lines of a file.
    pub fn add(&mut self, file: &RelPath, text: &str, lines: &BTreeSet<u32>) {
        let kept = self.lines.entry(file.clone()).or_default();
        let numbered = (1_u32..).zip(text.lines()).take_while(|(number, _)| lines.last().is_some_and(|last| number <= last));
        kept.extend(numbered.filter(|(number, _)| lines.contains(number)).map(|(number, line)| (number, shown(line))));
    }

    /// The line at a place, below what is said of it; with a package named the name in it is marked.
    pub(super) fn write(&self, file: &RelPath, line: u32, package: Option<&str>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self.lines.get(file).and_then(|lines| lines.get(&line)).filter(|_| !style.brief) {
            Some(text) => draw(text, line, package, style, out),
            None => Ok(()),
        }
    }
}

/// A line of a file of ours that could not be read, for an error.
pub fn write_line(text: &str, line: u32, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    draw(&shown(text), line, None, style, out)
}

/// That a package is new is told by the list of changes.
pub(super) fn is_told_elsewhere(finding: &Finding) -> bool {
    finding.rule == "introduced-package" && finding.level < Level::Error
}

fn draw(text: &str, line: u32, package: Option<&str>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let (number, text) = (line.to_string(), visible(text));
    let bar = style.paint(Paint::Faint, "|");
    writeln!(out, "  {:>5} {bar} {text}", style.paint(Paint::Faint, &number))?;
    match package.and_then(|package| mark(&text, package)) {
        Some((before, length)) => {
            writeln!(out, "  {:>5} {bar} {}{}", "", " ".repeat(before), style.paint(Paint::Warning, "^".repeat(length)))
        }
        None => Ok(()),
    }
}

/// Where the package's name stands in a line, in characters: where it does so as a word, in what shows one column a character.
fn mark(text: &str, package: &str) -> Option<(usize, usize)> {
    let name = purl::parse(package).ok()?.name;
    let name = name.as_str();
    let is_part = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    let is_word = |at: &usize| !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part);
    let at = text.match_indices(name).map(|(at, _)| at).find(is_word)?;
    (text.is_ascii() && !name.is_empty()).then_some((at, name.len()))
}

/// Files in which package managers keep what lets people in.
fn keeps_secrets(file: &RelPath) -> bool {
    let name = file.file_name();
    let is_settings = name.starts_with('.') || [".conf", ".ini", ".cfg", ".netrc"].iter().any(|end| name.ends_with(end));
    is_settings || file.segments().any(|segment| segment.starts_with('.') && segment != ".sbomgate" && segment != ".github")
}

/// A line as it may be shown: without what stands before an `@` in an address, without its indent, and not too long.
fn shown(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line.trim();
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(['/', '"', '\'', ' ', ',', '#', '?']).unwrap_or(after.len());
        let host = after[..end].rfind('@').map_or(0, |at| at + 1);
        text.push_str(before);
        text.push_str(if host > 0 { "://…@" } else { "://" });
        rest = &after[host..];
    }
    text.push_str(rest);
    crate::model::text::shortened(&text, WIDEST).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{keeps_secrets, mark, shown};
    use crate::model::RelPath;

    #[test]
    fn a_line_shows_no_credentials() {
        for (line, expected) in [
            ("   \"node_modules/fox\": {", "\"node_modules/fox\": {"),
            ("resolved \"https://ada:secret@npm.example/fox\"", "resolved \"https://…@npm.example/fox\""),
            ("a https://x@y@npm.example b http://t@z", "a https://…@npm.example b http://…@z"),
            ("a https://npm.example/@corp/fox", "a https://npm.example/@corp/fox"),
        ] {
            assert_eq!(shown(line), expected);
        }
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 101);
        for (file, is_secret) in
            [(".npmrc", true), ("web/pip.conf", true), (".yarn/x", true), (".sbomgate/policy.toml", false), ("a.lock", false)]
        {
            assert_eq!(keeps_secrets(&RelPath::new(file).unwrap()), is_secret, "{file}");
        }
    }

    #[test]
    fn a_name_is_marked_as_a_word() {
        assert_eq!(mark("\"node_modules/fox\": {", "pkg:npm/fox@1.0.0"), Some((14, 3)));
        assert_eq!(mark("\"node_modules/firefox\": {", "pkg:npm/fox@1.0.0"), None);
        assert_eq!(mark("f\u{fc}x fox", "pkg:npm/fox@1.0.0"), None);
    }
}
