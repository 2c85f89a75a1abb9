//! Agent Trace records, version 0.1 (an RFC of January 2026): which lines of which file a contributor of
//! which type wrote, for one revision. A file holds one record, a list of them, or one a line.

use super::claims::{Claim, MOST_CLAIMS};
use super::evidence::Record;
use crate::model::{CommitId, RelPath};
use serde::Deserialize;

/// A record with the lines that it gives to tools.
#[derive(Debug)]
pub struct Trace {
    pub revision: CommitId,
    pub claims: Vec<Claim>,
}

/// Why a file of records is not read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("it is not JSON of the form of Agent Trace 0.1: {0}")]
    Form(String),
    #[error("a record is of version {0}; 0.1 is read")]
    Version(String),
    #[error("a record names more than {MOST_CLAIMS} pieces of files")]
    TooLong,
}

#[derive(Deserialize)]
struct RecordIn {
    version: String,
    #[serde(default)]
    id: String,
    vcs: Option<Vcs>,
    #[serde(default)]
    tool: Option<ToolIn>,
    #[serde(default)]
    files: Vec<FileIn>,
}

#[derive(Deserialize)]
struct Vcs {
    #[serde(rename = "type")]
    kind: String,
    revision: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ToolIn {
    Name(String),
    Named { name: String },
}

#[derive(Deserialize)]
struct FileIn {
    path: String,
    #[serde(default)]
    conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
struct Conversation {
    contributor: Option<Contributor>,
    #[serde(default)]
    ranges: Vec<RangeIn>,
}

#[derive(Clone, Deserialize)]
struct Contributor {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    model_id: Option<String>,
}

#[derive(Deserialize)]
struct RangeIn {
    start_line: u32,
    end_line: u32,
    #[serde(default)]
    contributor: Option<Contributor>,
}

/// The records of a file; `file` is how evidence names it. Records of another version control than git
/// and of no revision are passed over.
pub fn parse(text: &str, file: &str) -> Result<Vec<Trace>, TraceError> {
    let form = |error: serde_json::Error| TraceError::Form(error.to_string());
    let records: Vec<RecordIn> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(form)?,
        // One record over many lines, or one a line: JSON values one after the other.
        false => serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>().map_err(form)?,
    };
    records.into_iter().filter_map(|record| trace(record, file).transpose()).collect()
}

fn trace(record: RecordIn, file: &str) -> Result<Option<Trace>, TraceError> {
    if record.version != "0.1" && !record.version.starts_with("0.1.") {
        return Err(TraceError::Version(record.version.chars().take(40).collect()));
    }
    let Some(revision) = record.vcs.filter(|vcs| vcs.kind == "git").and_then(|vcs| vcs.revision.to_ascii_lowercase().parse().ok()) else {
        return Ok(None);
    };
    let agent = match record.tool {
        Some(ToolIn::Name(name) | ToolIn::Named { name }) => name,
        None => String::new(),
    };
    let origin = Record::Trace { id: record.id, file: file.to_owned() };
    let mut claims = Vec::new();
    for file in record.files {
        let Ok(path) = RelPath::new(&file.path) else { continue };
        for conversation in file.conversations {
            for range in conversation.ranges {
                let contributor = range.contributor.or_else(|| conversation.contributor.clone());
                let Some(contributor) = contributor.filter(|who| matches!(who.kind.as_str(), "ai" | "mixed")) else { continue };
                if claims.len() >= MOST_CLAIMS {
                    return Err(TraceError::TooLong);
                }
                let (ranges, model, agent) = (vec![(range.start_line, range.end_line)], contributor.model_id, agent.clone());
                claims.push(Claim { file: path.clone(), ranges, agent, model, person: None, record: origin.clone() });
            }
        }
    }
    Ok(Some(Trace { revision, claims }))
}

#[cfg(test)]
mod tests {
    use super::{TraceError, parse};

    const RECORD: &str = r#"{"version":"0.1.0","id":"x","timestamp":"2026-01-01T00:00:00Z","tool":{"name":"cursor","version":"2"},
        "vcs":{"type":"git","revision":"0123456789012345678901234567890123456789"},
        "files":[{"path":"Cargo.toml","conversations":[{"url":"u","contributor":{"type":"ai","model_id":"anthropic/claude-opus-4"},
        "ranges":[{"start_line":3,"end_line":5,"content_hash":"h"},{"start_line":9,"end_line":9,"contributor":{"type":"human"}}]}]}]}"#;

    #[test]
    fn records_come_alone_in_a_list_or_one_a_line() {
        let one_line = RECORD.replace('\n', " ");
        for text in [RECORD.to_owned(), format!("[{RECORD},{RECORD}]"), format!("{one_line}\n{one_line}\n")] {
            let traces = parse(&text, "t.json").unwrap();
            let claims = &traces[0].claims;
            assert_eq!((claims.len(), claims[0].agent.as_str(), &claims[0].ranges[..]), (1, "cursor", &[(3, 5)][..]));
        }
    }

    #[test]
    fn another_version_is_an_error() {
        assert!(matches!(parse(&RECORD.replace("0.1.0", "1.0"), "t"), Err(TraceError::Version(_))));
        assert!(matches!(parse("{", "t"), Err(TraceError::Form(_))));
        assert!(parse(&RECORD.replace("\"git\"", "\"jj\""), "t").unwrap().is_empty());
    }
}
