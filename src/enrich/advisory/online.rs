//! OSV's API: what is asked and how its answers are read (google.github.io/osv.dev/api). Packages are
//! asked for by name, without their versions: which records apply is for our own matching to say, and
//! the smallest upgrade that clears a package needs all of them.

use crate::model::request::Request;
use crate::model::text::{quoted, visible};
use crate::model::{AdvisoryId, Ecosystem, PackageName};
use serde::Deserialize;
use serde_json::json;

/// Questions of one batch at most (the API's own limit).
pub const LARGEST_BATCH: usize = 1000;
/// Bytes of an answer at most.
const LARGEST_ANSWER: u64 = 64 << 20;
const LARGEST_RECORD: u64 = 16 << 20;

/// One package name that is asked for; with a token, the next page of its answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub ecosystem: Ecosystem,
    pub name: PackageName,
    pub page: Option<String>,
}

/// What was said to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub ids: Vec<AdvisoryId>,
    /// Where there is more.
    pub next: Option<String>,
}

/// Many questions at once.
pub fn batch(base: &str, questions: &[Question]) -> Request {
    let queries = questions.iter().map(|question| {
        let package = json!({ "ecosystem": question.ecosystem.osv_name(), "name": question.name.as_str() });
        match &question.page {
            None => json!({ "package": package }),
            Some(page) => json!({ "package": package, "page_token": page }),
        }
    });
    let body = json!({ "queries": queries.collect::<Vec<_>>() }).to_string();
    Request::post(format!("{}/v1/querybatch", base.trim_end_matches('/')), body, LARGEST_ANSWER)
}

pub fn record(base: &str, id: &AdvisoryId) -> Request {
    Request::get(format!("{}/v1/vulns/{id}", base.trim_end_matches('/')), LARGEST_RECORD)
}

#[derive(Deserialize)]
struct WireBatch {
    results: Vec<Option<WireResult>>,
}

#[derive(Deserialize)]
struct WireResult {
    #[serde(default)]
    vulns: Option<Vec<WireId>>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct WireId {
    id: String,
}

/// The answers to `number` questions, in their order. One that is missing or cannot be read spoils
/// all: nothing would be known of its package.
pub fn parse_batch(bytes: &[u8], number: usize) -> Result<Vec<Told>, String> {
    let wire: WireBatch = serde_json::from_slice(bytes).map_err(|error| visible(&error.to_string()).into_owned())?;
    if wire.results.len() != number {
        return Err(format!("it answers {} questions, and {number} were asked", wire.results.len()));
    }
    wire.results.into_iter().map(told).collect()
}

fn told(result: Option<WireResult>) -> Result<Told, String> {
    let Some(result) = result else { return Ok(Told { ids: Vec::new(), next: None }) };
    let id = |wire: WireId| AdvisoryId::new(&wire.id).map_err(|_| format!("{} is no id of a record", quoted(&wire.id)));
    let ids = result.vulns.into_iter().flatten().map(id).collect::<Result<_, _>>()?;
    Ok(Told { ids, next: result.next_page_token.filter(|token| !token.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::parse_batch;

    #[test]
    fn an_answer_is_whole_or_none() {
        let told = parse_batch(br#"{"results":[{},null,{"vulns":[{"id":"GHSA-1","modified":"x"}],"next_page_token":"t"}]}"#, 3).unwrap();
        assert_eq!(told.iter().map(|told| told.ids.len()).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(told[2].next.as_deref(), Some("t"));
        for wrong in ["{}", r#"{"results":[]}"#, r#"{"results":[{"vulns":[{"id":"../x"}]}]}"#, r#"{"results":[{"vulns":7}]}"#, "<html>"] {
            assert!(parse_batch(wrong.as_bytes(), 1).is_err(), "{wrong}");
        }
    }
}
