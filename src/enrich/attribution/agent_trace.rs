//! Agent Trace records, version 0.1 (an RFC of January 2026): which lines of which file a contributor of
//! which type wrote, for one revision. A file holds one record, a list of them, or one a line.

use super::claims::{Claim, MOST_CLAIMS};
use super::evidence::Record;
use crate::model::text::quoted;
use crate::model::{CommitId, RelPath};
use serde::Deserialize;

/// A record with the lines that it gives to tools.
#[derive(Debug)]
pub struct Trace {
    pub revision: CommitId,
    pub claims: Vec<Claim>,
}

/// The records of a file.
#[derive(Debug, Default)]
pub struct Traces {
    pub records: Vec<Trace>,
    /// How many name no commit of git: they may be about any.
    pub unnamed: usize,
}

/// Why a file of records is not read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("it is not JSON of the form of Agent Trace 0.1: {0}")]
    Form(String),
    #[error("a record is of version {0}; 0.1 is read")]
    Version(String),
    #[error("a record is of the revision {}; the whole id of a commit is read", quoted(.0))]
    Revision(String),
    #[error("a record names the file {}; a path as seen from the top of the repository is read", quoted(.0))]
    Path(String),
    #[error("a record names a contributor of the type {}; human, ai, mixed and unknown are read", quoted(.0))]
    Contributor(String),
    #[error("a record names the lines {0} to {1}, which are none")]
    Lines(u32, u32),
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

#[derive(Deserialize)]
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
/// and of no revision are counted alone; what else cannot be read is an error, since the user named the file.
pub fn parse(text: &str, file: &str) -> Result<Traces, TraceError> {
    let form = |error: serde_json::Error| TraceError::Form(error.to_string());
    let records: Vec<RecordIn> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(form)?,
        // One record over many lines, or one a line: JSON values one after the other.
        false => serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>().map_err(form)?,
    };
    let mut traces = Traces::default();
    for record in records {
        match trace(record, file)? {
            Some(trace) => traces.records.push(trace),
            None => traces.unnamed += 1,
        }
    }
    Ok(traces)
}

fn trace(record: RecordIn, file: &str) -> Result<Option<Trace>, TraceError> {
    if record.version != "0.1" && !record.version.starts_with("0.1.") {
        return Err(TraceError::Version(record.version.chars().take(40).collect()));
    }
    let Some(vcs) = record.vcs.filter(|vcs| vcs.kind.eq_ignore_ascii_case("git")) else { return Ok(None) };
    let revision = vcs.revision.to_ascii_lowercase().parse().map_err(|_| TraceError::Revision(vcs.revision))?;
    let agent = match record.tool {
        Some(ToolIn::Name(name) | ToolIn::Named { name }) => name,
        None => String::new(),
    };
    let origin = Record::Trace { id: record.id, file: file.to_owned() };
    let mut claims = Vec::new();
    for file in record.files {
        let path = RelPath::new(&file.path).ok().filter(|path| !path.is_root()).ok_or(TraceError::Path(file.path))?;
        for conversation in file.conversations {
            for range in conversation.ranges {
                let contributor = range.contributor.as_ref().or(conversation.contributor.as_ref());
                let Some(contributor) = contributor.map(Contributor::of_a_tool).transpose()?.flatten() else { continue };
                if claims.len() >= MOST_CLAIMS {
                    return Err(TraceError::TooLong);
                }
                let (ranges, model, agent) = (vec![range.lines()?], contributor.model_id.clone(), agent.clone());
                claims.push(Claim { file: path.clone(), ranges, agent, model, person: None, record: origin.clone() });
            }
        }
    }
    Ok(Some(Trace { revision, claims }))
}

impl Contributor {
    /// `None` where it is no tool, or the record does not know.
    fn of_a_tool(&self) -> Result<Option<&Contributor>, TraceError> {
        match self.kind.as_str() {
            "ai" | "mixed" => Ok(Some(self)),
            "human" | "unknown" => Ok(None),
            other => Err(TraceError::Contributor(other.to_owned())),
        }
    }
}

impl RangeIn {
    /// From 1, both ends included.
    fn lines(&self) -> Result<(u32, u32), TraceError> {
        let (first, last) = (self.start_line, self.end_line);
        if 1 <= first && first <= last { Ok((first, last)) } else { Err(TraceError::Lines(first, last)) }
    }
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
            let traces = parse(&text, "t.json").unwrap().records;
            let claims = &traces[0].claims;
            assert_eq!((claims.len(), claims[0].agent.as_str(), &claims[0].ranges[..]), (1, "cursor", &[(3, 5)][..]));
        }
    }

    /// Whoever names a file wants all of it to count.
    #[test]
    fn what_cannot_be_joined_is_an_error() {
        let with = |old: &str, new: &str| parse(&RECORD.replace(old, new), "t").map(|traces| traces.records[0].claims.len());
        for revision in ["HEAD", "0123456", ""] {
            let found = with("0123456789012345678901234567890123456789", revision);
            assert!(matches!(found, Err(TraceError::Revision(_))), "{revision}: {found:?}");
        }
        for path in ["/home/ada/Cargo.toml", "../Cargo.toml", ""] {
            assert!(matches!(with("Cargo.toml", path), Err(TraceError::Path(_))), "{path}");
        }
        assert!(matches!(with("\"ai\"", "\"AI\""), Err(TraceError::Contributor(_))));
        assert!(matches!(with("\"start_line\":3", "\"start_line\":6"), Err(TraceError::Lines(6, 5))));
        assert!(matches!(with("\"start_line\":3", "\"start_line\":0"), Err(TraceError::Lines(0, 5))));
        assert_eq!(with("\"ai\"", "\"unknown\"").unwrap(), 0);
        assert_eq!(with("\"git\"", "\"Git\"").unwrap(), 1);
    }

    #[test]
    fn another_version_is_an_error() {
        assert!(matches!(parse(&RECORD.replace("0.1.0", "1.0"), "t"), Err(TraceError::Version(_))));
        assert!(matches!(parse("{", "t"), Err(TraceError::Form(_))));
        let of_jj = parse(&RECORD.replace("\"git\"", "\"jj\""), "t").unwrap();
        assert_eq!((of_jj.records.len(), of_jj.unnamed), (0, 1));
    }
}
