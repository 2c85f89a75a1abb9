//! git-ai's notes, version 3 (`refs/notes/ai`): for each file which session wrote which lines, `---`, and
//! JSON that says what the sessions were. A key that begins with `h_` is a person's; a key without a
//! session in the JSON says nothing of a tool.

use super::claims::{Claim, MOST_CLAIMS};
use super::evidence::Record;
use crate::model::RelPath;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a note is not read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    #[error("it has no line --- between lines and sessions")]
    NoDivider,
    #[error("its sessions are not JSON: {0}")]
    Json(String),
    #[error("it is of the form {0}; authorship/3 is read")]
    Version(String),
    #[error("its line {0} is no path of the repository, and no entry of the form `  KEY RANGES` below one")]
    Line(usize),
    #[error("it names more than {MOST_CLAIMS} pieces of files")]
    TooLong,
}

#[derive(Deserialize)]
struct Sessions {
    schema_version: String,
    #[serde(default)]
    prompts: BTreeMap<String, Session>,
    #[serde(default)]
    sessions: BTreeMap<String, Session>,
}

#[derive(Deserialize)]
struct Session {
    agent_id: Agent,
    #[serde(default)]
    human_author: Option<String>,
}

#[derive(Deserialize)]
struct Agent {
    tool: String,
    #[serde(default)]
    model: Option<String>,
}

/// The claims of a note. A line that cannot be read is an error: it may be the one that names a tool.
pub fn parse(note: &str, record: &Record) -> Result<Vec<Claim>, NoteError> {
    let (lines, json) = split(note).ok_or(NoteError::NoDivider)?;
    let sessions: Sessions = serde_json::from_str(json).map_err(|error| NoteError::Json(error.to_string()))?;
    if !sessions.schema_version.starts_with("authorship/3.") {
        return Err(NoteError::Version(sessions.schema_version.chars().take(40).collect()));
    }
    let mut claims = Vec::new();
    let mut file: Option<RelPath> = None;
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let broken = || NoteError::Line(number + 1);
        let Some(entry) = line.strip_prefix("  ") else {
            file = Some(path(line).ok_or_else(broken)?);
            continue;
        };
        let (file, (key, ranges)) = file.as_ref().zip(entry_of(entry)).ok_or_else(broken)?;
        let key = key.split("::").next().unwrap_or(key);
        let session = if key.starts_with("h_") { None } else { sessions.sessions.get(key).or_else(|| sessions.prompts.get(key)) };
        let Some(session) = session else { continue };
        if claims.len() >= MOST_CLAIMS {
            return Err(NoteError::TooLong);
        }
        claims.push(Claim {
            file: file.clone(),
            ranges,
            agent: session.agent_id.tool.clone(),
            model: session.agent_id.model.clone(),
            person: session.human_author.clone(),
            record: record.clone(),
        });
    }
    Ok(claims)
}

/// A line that is not indented, in quotes where the path has spaces.
fn path(line: &str) -> Option<RelPath> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    RelPath::new(line.trim().trim_matches('"')).ok().filter(|path| !path.is_root())
}

/// `KEY 1-4,9`
fn entry_of(text: &str) -> Option<(&str, Vec<(u32, u32)>)> {
    let (key, ranges) = text.trim().split_once(' ')?;
    Some((key, ranges.split(',').map(range).collect::<Option<_>>()?))
}

fn split(note: &str) -> Option<(&str, &str)> {
    note.strip_prefix("---\n").map(|json| ("", json)).or_else(|| note.split_once("\n---\n"))
}

/// `7` or `11-13`, lines from 1.
fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.trim().split_once('-').unwrap_or((text.trim(), text.trim()));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::{NoteError, parse, range};
    use crate::enrich::attribution::evidence::Record;

    type InShort = (String, Vec<(u32, u32)>, String);

    fn claims(note: &str) -> Result<Vec<InShort>, NoteError> {
        let record = Record::Note { reference: "refs/notes/ai".into(), blob: "b".into(), commit: "c".into() };
        Ok(parse(note, &record)?.into_iter().map(|claim| (claim.file.to_string(), claim.ranges, claim.agent)).collect())
    }

    #[test]
    fn lines_belong_to_sessions() {
        let note = "a b.toml\n  s_1::t_2 1-4,9\n  h_3 5\n  ai_agent 6\n\"c d\"\n  ab12 7\n\n---\n\
            {\"schema_version\":\"authorship/3.0.0\",\"prompts\":{\"ab12\":{\"agent_id\":{\"tool\":\"cursor\",\"id\":\"x\",\"model\":\"m\"}}},\
            \"sessions\":{\"s_1\":{\"agent_id\":{\"tool\":\"claude\"},\"human_author\":\"A <a@b.example>\"}}}";
        let expected = [("a b.toml".into(), vec![(1, 4), (9, 9)], "claude".into()), ("c d".into(), vec![(7, 7)], "cursor".into())];
        assert_eq!(claims(note).unwrap(), expected);
    }

    /// A line that is passed over may be the one that names the tool.
    #[test]
    fn a_line_in_no_form_is_an_error() {
        let json = "---\n{\"schema_version\":\"authorship/3.0.0\",\"prompts\":{\"ab12\":{\"agent_id\":{\"tool\":\"cursor\"}}}}";
        assert_eq!(claims(&format!("a\n  ab12 1-20\n{json}")).unwrap().len(), 1);
        for (lines, number) in [
            ("a\n  ab12 1:20\n", 2),
            ("a\n\tab12 1-20\n", 2),
            ("a\n ab12 1-20\n", 2),
            ("a\n  ab12 1-99999999999\n", 2),
            ("a\n  ab12 4-3\n", 2),
            ("a\n  ab12 0\n", 2),
            ("a\n  ab12 1,\n", 2),
            ("a\n  ab12\n", 2),
            ("a\n\n  ab12\t1\n", 3),
            ("  ab12 1\n", 1),
            ("/home/ada/a\n  ab12 1\n", 1),
            ("../a\n  ab12 1\n", 1),
        ] {
            assert_eq!(claims(&format!("{lines}{json}")), Err(NoteError::Line(number)), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_note_says_why() {
        assert_eq!(claims("a\n  k 1\n"), Err(NoteError::NoDivider));
        assert!(matches!(claims("---\nno"), Err(NoteError::Json(_))));
        assert!(matches!(claims("---\n{\"schema_version\":\"authorship/9\"}"), Err(NoteError::Version(_))));
        assert_eq!(claims("---\n{\"schema_version\":\"authorship/3.0.0\"}"), Ok(Vec::new()));
        assert_eq!([range("0"), range("4-3"), range("x"), range("1-4294967295")], [None, None, None, Some((1, u32::MAX))]);
    }
}
