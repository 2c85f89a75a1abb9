//! setup.cfg, as far as it says what a project needs: setuptools' `[options]` and
//! `[options.extras_require]` (setuptools, "Configuring setuptools using setup.cfg files").
//!
//! Read as Python's `configparser` reads it: a line that is indented goes on with the value above, `#` and
//! `;` begin a comment where a line begins, a key ends at the first `=` or `:`, and neither the case of a
//! key nor `-` for `_` in it matters to setuptools.

use crate::model::{Ecosystem, PackageName, SourceFile};

pub(super) const FILE_NAME: &str = "setup.cfg";

/// A list of requirements.
pub(super) struct List {
    pub purpose: Purpose,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Runtime,
    /// Installed before the project is built or tested.
    Build,
    Extra(PackageName),
}

/// A part of a list, with its line.
pub(super) struct Item {
    pub what: What,
    pub line: u32,
}

pub(super) enum What {
    /// The text of a requirement (PEP 508), as written.
    Requirement(String),
    /// A file that holds the list; its path counts from the folder of setup.cfg.
    File(String),
}

/// Every list that is not empty.
pub(super) fn lists(file: &SourceFile) -> Vec<List> {
    let mut lists = Vec::new();
    for entry in entries(file.text()) {
        let Some(purpose) = purpose(&entry) else { continue };
        let is_file = entry.lines.iter().find(|(_, text)| !text.is_empty()).is_some_and(|(_, text)| text.starts_with("file:"));
        let items = if is_file { files(&entry) } else { requirements(&entry) };
        if !items.is_empty() {
            lists.push(List { purpose, items });
        }
    }
    lists
}

fn purpose(entry: &Entry<'_>) -> Option<Purpose> {
    if entry.section == "options.extras_require" {
        // What is no name of an extra may be anything.
        return Some(PackageName::new(Ecosystem::Pypi, entry.key).map_or(Purpose::Runtime, Purpose::Extra));
    }
    let key = entry.key.to_ascii_lowercase().replace('-', "_");
    match (entry.section, key.as_str()) {
        ("options", "install_requires" | "requires") => Some(Purpose::Runtime),
        ("options", "setup_requires" | "tests_require") => Some(Purpose::Build),
        _ => None,
    }
}

/// One requirement a line; in a value of one line a `;` parts them, so that no marker can stand there.
fn requirements(entry: &Entry<'_>) -> Vec<Item> {
    let is_one_line = entry.lines.len() == 1;
    let parts = entry.lines.iter().flat_map(|(line, text)| {
        let parts: Vec<&str> = if is_one_line { text.split(';').collect() } else { vec![text] };
        parts.into_iter().map(move |part| (*line, part.trim()))
    });
    parts.filter(|(_, text)| !text.is_empty()).map(|(line, text)| Item { what: What::Requirement(text.to_owned()), line }).collect()
}

/// `file: a.txt, b.txt`, on one line or several.
fn files(entry: &Entry<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for (line, text) in &entry.lines {
        let text = text.strip_prefix("file:").unwrap_or(text);
        let paths = text.split(',').map(str::trim).filter(|path| !path.is_empty());
        items.extend(paths.map(|path| Item { what: What::File(path.to_owned()), line: *line }));
    }
    items
}

struct Entry<'t> {
    section: &'t str,
    key: &'t str,
    /// The lines of the value with their numbers, trimmed.
    lines: Vec<(u32, &'t str)>,
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let (mut section, mut goes_on) = ("", false);
    for (number, line) in (1..).zip(text.lines()) {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if goes_on && line.starts_with([' ', '\t']) {
            entries.last_mut().expect("an entry goes on").lines.push((number, bare));
        } else if let Some((name, _)) = bare.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            (section, goes_on) = (name.trim(), false);
        } else {
            let end = bare.find(['=', ':']);
            let (key, value) = end.map_or((bare, ""), |end| (bare[..end].trim(), bare[end + 1..].trim()));
            entries.push(Entry { section, key, lines: vec![(number, value)] });
            goes_on = true;
        }
    }
    entries
}
