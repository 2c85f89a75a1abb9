//! setup.py, a program: what it asks for is known only when it runs, and nothing is run here. What can be
//! told is which texts stand in it that could be requirements.

use crate::model::SourceFile;
use std::collections::BTreeSet;

pub(super) const FILE_NAME: &str = "setup.py";

/// The longest program that is looked into, in bytes; of any longer one nothing is told.
const LONGEST: usize = 8 << 20;

/// The texts in quotation marks that may name a package or a file of them, of a program that speaks of
/// requirements at all; sorted. Numbers, sentences and classifiers are none.
pub(super) fn texts(file: &SourceFile) -> BTreeSet<&str> {
    if file.text().len() > LONGEST || !file.text().contains("require") {
        return BTreeSet::new();
    }
    literals(file.text()).into_iter().filter(|text| may_name(text)).collect()
}

/// Whether a text may be the path of a list of requirements; what people write about a project is none.
pub(super) fn is_list(text: &str) -> bool {
    const PROSE: [&str; 9] = ["readme", "licen", "change", "history", "author", "news", "copying", "contribut", "description"];
    let name = text.rsplit('/').next().unwrap_or(text).to_ascii_lowercase();
    name.rsplit_once('.').is_some_and(|(stem, end)| matches!(end, "txt" | "in" | "pip") && !stem.is_empty())
        && !PROSE.iter().any(|prose| name.starts_with(prose))
}

fn may_name(text: &str) -> bool {
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.[],<>=!~ ;@:/+()'\"*".contains(c);
    let name = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).next().unwrap_or_default();
    let rest = text[name.len()..].trim_start();
    let is_versioned = rest.is_empty() || ["[", "<", ">", "==", "!=", "~=", ";", "@", "("].iter().any(|start| rest.starts_with(start));
    let is_prose = [".md", ".rst"].iter().any(|end| name.ends_with(end));
    !is_prose && name.contains(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_of_a_name) && is_versioned
}

/// Every literal of Python text, without its prefix and marks; what is escaped stays so.
fn literals(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(step) = memchr::memchr3(b'"', b'\'', b'#', &bytes[at..]) {
        at += step;
        if bytes[at] == b'#' {
            at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            continue;
        }
        let triple = [bytes[at]; 3];
        let mark = if bytes[at..].starts_with(&triple) { &triple[..] } else { &triple[..1] };
        let start = at + mark.len();
        let end = end_of(bytes, start, mark);
        at = (end + mark.len()).min(bytes.len());
        // The key of a table: the name of an extra, a link's title.
        if !text[at..].trim_start_matches([' ', '\t']).starts_with(':') {
            found.push(&text[start..end]);
        }
    }
    found
}

/// Where the literal ends that begins at `start`; one in single marks ends with its line.
fn end_of(bytes: &[u8], start: usize, mark: &[u8]) -> usize {
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if mark.len() == 1 => return at,
            _ if bytes[at..].starts_with(mark) => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
