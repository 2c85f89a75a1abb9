//! CODEOWNERS, as GitHub and GitLab read it: a pattern and its owners a line, the last that fits counts; GitLab has sections,
//! each of which names owners of its own (docs.github.com, "About code owners"; docs.gitlab.com, "Code Owners syntax").
//! Lines that are none are passed over, as forges do.

use super::Owned;
use crate::judge::form::FormError;
use crate::judge::pattern::Patterns;
use crate::model::{Location, RelPath, SourceFile};

/// Where forges look for it; the first that is there counts.
pub const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// A file with more rows would be slow to ask.
const MOST: usize = 10_000;

#[derive(Clone, Debug)]
pub struct Codeowners {
    file: RelPath,
    rows: Vec<Row>,
    patterns: Patterns,
}

#[derive(Clone, Debug)]
struct Row {
    line: u32,
    section: usize,
    owners: Vec<String>,
}

pub fn read(file: &SourceFile) -> Result<Codeowners, FormError> {
    let (mut rows, mut patterns) = (Vec::new(), Vec::new());
    let (mut section, mut usual) = (0, Vec::new());
    for (number, line) in (1..).zip(file.text().lines()) {
        if let Some(owners) = head(line) {
            (section, usual) = (section + 1, owners);
            continue;
        }
        let mut words = words(line).into_iter();
        let Some(pattern) = words.next().filter(|pattern| Patterns::is_one(pattern)) else { continue };
        let mut owners: Vec<String> = words.collect();
        if owners.is_empty() {
            owners.clone_from(&usual);
        }
        rows.push(Row { line: number, section, owners });
        patterns.push(pattern);
        if rows.len() > MOST {
            return Err(FormError::at(file.path(), number, format!("it has more than {MOST} rows, which are the most that are read")));
        }
    }
    let patterns = Patterns::new(patterns.iter().map(String::as_str));
    let patterns =
        patterns.map_err(|at| FormError::at(file.path(), rows.get(at).map_or(1, |row| row.line), "its patterns are too many"))?;
    Ok(Codeowners { file: file.path().clone(), rows, patterns })
}

impl Codeowners {
    /// The owners of a path: of each section those of the last row that fits.
    pub fn of(&self, path: &RelPath) -> Vec<Owned<'_>> {
        let mut last: Vec<&Row> = Vec::new();
        for row in self.patterns.fitting(path.as_str()).into_iter().map(|at| &self.rows[at]) {
            last.retain(|other| other.section != row.section);
            last.push(row);
        }
        let named = last.into_iter().filter(|row| !row.owners.is_empty());
        named.map(|row| Owned { owners: &row.owners, location: Location::new(&self.file, row.line) }).collect()
    }
}

/// The usual owners of a section that begins here: `[Docs]`, `^[Docs]`, `[Docs][2] @team`.
fn head(line: &str) -> Option<Vec<String>> {
    let line = line.strip_prefix('^').unwrap_or(line);
    let (_, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.strip_prefix('[').and_then(|count| count.split_once(']')).map_or(rest, |(_, rest)| rest);
    Some(words(rest))
}

/// Words up to a comment; a blank behind a backslash belongs to its word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '#' if word.is_empty() => break,
            '\\' => word.extend(chars.next()),
            c if c.is_whitespace() => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
