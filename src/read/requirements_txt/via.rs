//! The notes that pip-compile and `uv pip compile` write behind or below a requirement: who asked
//! for it. `# via a, b` in one line, or `# via` and one name in each line that follows.
//!
//! A note is a comment, and people write comments too: text in which one part is no name, file or
//! project is no note.

use super::line::{Line, trimmed};
use super::requirement::{split_extras, split_name};
use crate::model::{Ecosystem, PackageName};

/// Who asked for a package.
#[derive(Debug, PartialEq)]
pub(super) enum By {
    Package(PackageName),
    /// A person, in the file named if one is (`-r requirements.in`); else in the project's own
    /// metadata (`name (pyproject.toml)`).
    Project(Option<String>),
    /// Nobody: a constraint or an override.
    Limit,
}

/// Follows the lines of one file and tells which comments are notes on the last requirement.
#[derive(Default)]
pub(super) struct NoteReader {
    state: State,
}

#[derive(Default, PartialEq)]
enum State {
    /// No requirement stands directly above.
    #[default]
    Apart,
    Below,
    /// Inside a list below `# via`.
    List,
}

impl NoteReader {
    /// Adds what the line's comment says of the requirement in this line or above.
    pub fn read(&mut self, line: &Line<'_>, is_requirement: bool, notes: &mut Vec<By>) {
        if is_requirement {
            self.state = State::Below;
        } else if !line.text.is_empty() || line.comment.is_none() {
            self.state = State::Apart;
        }
        match &line.comment {
            Some(comment) if self.state != State::Apart => self.comment(comment, notes),
            _ => {}
        }
    }

    fn comment(&mut self, comment: &str, notes: &mut Vec<By>) {
        let text = trimmed(comment);
        let item = if self.state == State::List && comment.starts_with("  ") { by(text) } else { None };
        if text == "via" {
            self.state = State::List;
        } else if let Some(by) = item {
            notes.push(by);
        } else {
            self.state = State::Below;
            notes.extend(via(text).unwrap_or_default());
        }
    }
}

/// The parts of `via a, b`.
fn via(text: &str) -> Option<Vec<By>> {
    text.strip_prefix("via ")?.split(", ").map(|part| by(trimmed(part))).collect()
}

fn by(text: &str) -> Option<By> {
    if let Some(path) = text.strip_prefix("-r ").or_else(|| text.strip_prefix("--requirement ")) {
        return Some(By::Project(Some(trimmed(path).to_owned())));
    }
    if ["-c ", "--constraint ", "--override ", "--build-constraint "].iter().any(|option| text.starts_with(option)) {
        return Some(By::Limit);
    }
    if let Some((_, metadata)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        return is_metadata(metadata).then_some(By::Project(None));
    }
    let (name, rest) = split_name(text)?;
    let (_, rest) = split_extras(rest)?;
    let name = PackageName::new(Ecosystem::Pypi, name).ok().filter(|_| rest.is_empty())?;
    Some(By::Package(name))
}

/// `pyproject.toml`, `sub/pyproject.toml:group`, `setup.py`, `requirements.in`.
fn is_metadata(text: &str) -> bool {
    let file = text.split(':').next().unwrap_or(text);
    let name = file.rsplit('/').next().unwrap_or(file);
    matches!(name, "pyproject.toml" | "setup.py" | "setup.cfg" | "workspace") || name.ends_with(".in") || name.ends_with(".txt")
}
