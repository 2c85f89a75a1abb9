//! Files of a repository that belong to an AI tool: what instructs it, and what it keeps its settings in.

use super::catalogue::{Catalogue, Strength};
use crate::model::RelPath;
use serde::Deserialize;

/// A file or folder that belongs to a tool, at the top of the repository or in any folder of it.
#[derive(Debug, Deserialize)]
#[serde(from = "Row")]
pub struct OwnFile {
    pub path: String,
    /// `None` where any agent reads it.
    pub tool: Option<String>,
    /// Weak ones are read by other programs too.
    pub strength: Strength,
    is_folder: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    path: String,
    tool: Option<String>,
    strength: Strength,
}

impl From<Row> for OwnFile {
    fn from(row: Row) -> Self {
        OwnFile { is_folder: row.path.ends_with('/'), path: row.path, tool: row.tool, strength: row.strength }
    }
}

impl OwnFile {
    fn fits(&self, segments: &[&str]) -> bool {
        let names = || self.path.trim_end_matches('/').split('/');
        let begins = |at: usize| names().zip(&segments[at..]).all(|(name, segment)| is_called(segment, name));
        match segments.len().checked_sub(names().count()) {
            None => false,
            Some(last) if self.is_folder => (0..last).any(begins),
            Some(last) => begins(last),
        }
    }
}

/// Letter by letter, as the tools look for their files (`docs/gemini.md` is a page); a `*` is any text.
fn is_called(segment: &str, name: &str) -> bool {
    match name.split_once('*') {
        None => segment == name,
        Some((start, end)) => segment.len() >= start.len() + end.len() && segment.starts_with(start) && segment.ends_with(end),
    }
}

impl Catalogue {
    /// The first row that a file of a repository fits.
    pub fn own_file(&self, path: &RelPath) -> Option<&OwnFile> {
        let segments: Vec<&str> = path.segments().collect();
        self.files.iter().find(|row| row.fits(&segments))
    }
}

#[cfg(test)]
mod tests {
    use super::Catalogue;
    use crate::model::RelPath;

    #[test]
    fn files_belong_to_their_tools_at_any_place() {
        let tool = |path: &str| Catalogue::shipped().own_file(&RelPath::new(path).unwrap()).map(|row| row.tool.as_deref().unwrap_or("any"));
        for (path, expected) in [
            ("CLAUDE.md", Some("claude-code")),
            ("web/CLAUDE.md", Some("claude-code")),
            ("docs/claude.md", None),
            (".claude/commands/a.md", Some("claude-code")),
            ("web/.cursor/rules/a.mdc", Some("cursor")),
            (".github/instructions/x.instructions.md", Some("github-copilot")),
            (".aider.conf.yml", Some("aider")),
            ("AGENTS.md", Some("any")),
            (".claude", None),
            ("CLAUDE.md/x", None),
            ("NOTCLAUDE.md", None),
            (".github/instructions/x.md", None),
            ("", None),
        ] {
            assert_eq!(tool(path), expected, "{path}");
        }
    }
}
