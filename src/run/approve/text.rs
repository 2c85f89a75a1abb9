//! The files of ours as text: entries put in and taken out by lines, and the first policy.

use crate::judge::approval::Entry;
use crate::model::{Package, PackageSource};
use std::collections::{BTreeMap, BTreeSet};

/// A text as TOML writes it: nothing in it ends the string or the line.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || crate::model::text::is_invisible(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text with more entries, each before the first that comes after it by the package's name: two branches that approve
/// different packages write at different places.
pub fn with(entries: &[Entry], text: &str, new: &[String]) -> String {
    let is_key = |line: &&str| line.starts_with("package = ");
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = entries.iter().map(|entry| start(&lines, entry.location.line)).collect();
    let keys: Vec<Option<&str>> = starts.iter().map(|&at| lines[at..].iter().copied().find(is_key)).collect();
    let mut by_place: BTreeMap<usize, Vec<(Option<&str>, &String)>> = BTreeMap::new();
    for entry in new {
        let own = entry.lines().find(is_key);
        let place = keys.iter().position(|key| *key > own).map_or(lines.len(), |at| starts[at]);
        by_place.entry(place).or_default().push((own, entry));
    }
    let (mut out, mut done) = (String::new(), 0);
    for (place, mut entries) in by_place {
        entries.sort();
        out.push_str(&lines[done..place].iter().map(|line| format!("{line}\n")).collect::<String>());
        for (_, entry) in entries {
            out = format!("{}\n\n{entry}\n", out.trim_end());
        }
        done = place;
    }
    out.push_str(&lines[done..].iter().map(|line| format!("{line}\n")).collect::<String>());
    format!("{}\n", out.trim_end())
}

/// The text without the entries that begin in these lines, nor the comments right above them.
pub fn without(text: &str, begin: &[u32]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = vec![true; lines.len()];
    for &line in begin {
        let from = start(&lines, line);
        let header = (line as usize).min(lines.len());
        let next = lines[header..].iter().position(|line| line.trim_start().starts_with('[')).map_or(lines.len(), |at| header + at);
        let to = if next < lines.len() { start(&lines, u32::try_from(next + 1).unwrap_or(u32::MAX)) } else { next };
        kept[from..to.max(from)].fill(false);
    }
    let left: Vec<&str> = lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(line, _)| *line).collect();
    format!("{}\n", left.join("\n").trim_end())
}

/// The text with other values of some keys in the entries that begin in these lines; comments stay. `None` where an entry
/// does not have each of the keys in a line of its own.
pub fn renewed(text: &str, begin: &BTreeSet<u32>, rows: &[(&str, String)]) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for &line in begin {
        let header = (line as usize).min(lines.len());
        let next = lines[header..].iter().position(|line| line.trim_start().starts_with('[')).map_or(lines.len(), |at| header + at);
        for (key, value) in rows {
            let is_key = |line: &&mut String| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
            let found = lines[header..next].iter_mut().find(is_key)?;
            *found = format!("{key} = {value}{}", comment(found).map(|text| format!(" {text}")).unwrap_or_default());
        }
    }
    Some(format!("{}\n", lines.join("\n").trim_end()))
}

/// The comment at the end of a line, with its `#`: one that stands in no string.
fn comment(line: &str) -> Option<&str> {
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('#', None) => return Some(&line[at..]),
            ('"' | '\'', None) => quote = Some(c),
            ('\\', Some('"')) => drop(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// The line, from 0, at which an entry begins with the comments right above its header.
fn start(lines: &[&str], header: u32) -> usize {
    let mut at = (header as usize).saturating_sub(1).min(lines.len());
    while at > 0 && lines[at - 1].trim_start().starts_with('#') {
        at -= 1;
    }
    at
}

/// A first policy: what holds as it is, with the sources that the packages come from.
pub fn policy<'p>(packages: impl Iterator<Item = &'p Package>) -> String {
    let (mut registries, mut git, mut archives) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for package in packages {
        match &package.source {
            PackageSource::Registry { index: None } => drop(registries.insert("default".to_owned())),
            PackageSource::Registry { index: Some(index) } => drop(registries.insert(index.origin().to_owned())),
            PackageSource::Git { repository, .. } => git.extend(repository.host().map(str::to_owned)),
            PackageSource::Archive { url } => archives.extend(url.host().map(str::to_owned)),
            PackageSource::Path { .. } | PackageSource::FirstParty { .. } => {}
        }
    }
    let list = |entries: &BTreeSet<String>| entries.iter().map(|entry| quoted(entry)).collect::<Vec<_>>().join(", ");
    let template = include_str!("../../../data/policy.toml");
    template.replace("@registries@", &list(&registries)).replace("@git@", &list(&git)).replace("@archives@", &list(&archives))
}

#[cfg(test)]
mod tests {
    use super::{comment, quoted, without};

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        for text in ["plain", "a\"b\\c", "line\nbreak", "\u{202e}back", "\u{7f}"] {
            let parsed: toml::Table = toml::from_str(&format!("key = {}", quoted(text))).unwrap();
            assert_eq!(parsed["key"].as_str(), Some(text));
        }
    }

    #[test]
    fn a_comment_stands_in_no_string() {
        for (line, expected) in [
            ("a = 1 # \"b\"", Some("# \"b\"")),
            ("a = \"# b\" # c", Some("# c")),
            ("a = \"\\\"# b\"", None),
            ("a = '# \\' # c", Some("# c")),
            ("a = 1", None),
        ] {
            assert_eq!(comment(line), expected, "{line}");
        }
    }

    #[test]
    fn comments_go_with_their_entry() {
        let text = "# head\nversion = 1\n\n# of a\n[[approval]]\na = 1\n\n# of b\n[[approval]]\nb = 1\n";
        assert_eq!(without(text, &[5]), "# head\nversion = 1\n\n# of b\n[[approval]]\nb = 1\n");
        assert_eq!(without(text, &[9]), "# head\nversion = 1\n\n# of a\n[[approval]]\na = 1\n");
        assert_eq!(without(text, &[5, 9]), "# head\nversion = 1\n");
    }
}
