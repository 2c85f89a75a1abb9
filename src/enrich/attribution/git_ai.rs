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

/// The claims of a note. Paths that lead out of the repository and lines in no form are passed over.
pub fn parse(note: &str, record: &Record) -> Result<Vec<Claim>, NoteError> {
    let (lines, json) = split(note).ok_or(NoteError::NoDivider)?;
    let sessions: Sessions = serde_json::from_str(json).map_err(|error| NoteError::Json(error.to_string()))?;
    if !sessions.schema_version.starts_with("authorship/3.") {
        return Err(NoteError::Version(sessions.schema_version.chars().take(40).collect()));
    }
    let mut claims = Vec::new();
    let mut file = None;
    for line in lines.lines() {
        let Some(entry) = line.strip_prefix("  ") else {
            file = RelPath::new(line.trim().trim_matches('"')).ok().filter(|path| !path.is_root());
            continue;
        };
        let Some((key, ranges)) = entry.trim().split_once(' ') else { continue };
        let key = key.split("::").next().unwrap_or(key);
        let session = if key.starts_with("h_") { None } else { sessions.sessions.get(key).or_else(|| sessions.prompts.get(key)) };
        let (Some(file), Some(session)) = (&file, session) else { continue };
        if claims.len() >= MOST_CLAIMS {
            return Err(NoteError::TooLong);
        }
        claims.push(Claim {
            file: file.clone(),
            ranges: ranges.split(',').filter_map(range).collect(),
            agent: session.agent_id.tool.clone(),
            model: session.agent_id.model.clone(),
            person: session.human_author.clone(),
            record: record.clone(),
        });
    }
    Ok(claims)
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
        let note = "a b.toml\n  s_1::t_2 1-4,9\n  h_3 5\n  ai_agent 6\n\"c d\"\n  ab12 7\n../out\n  ab12 1\n---\n\
            {\"schema_version\":\"authorship/3.0.0\",\"prompts\":{\"ab12\":{\"agent_id\":{\"tool\":\"cursor\",\"id\":\"x\",\"model\":\"m\"}}},\
            \"sessions\":{\"s_1\":{\"agent_id\":{\"tool\":\"claude\"},\"human_author\":\"A <a@b.example>\"}}}";
        let expected = [("a b.toml".into(), vec![(1, 4), (9, 9)], "claude".into()), ("c d".into(), vec![(7, 7)], "cursor".into())];
        assert_eq!(claims(note).unwrap(), expected);
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
