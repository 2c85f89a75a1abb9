//! `advisories affects`: one record held against one package, to see what the matching does.

use super::intake::parse;
use super::show;
use crate::edge::archive::{self, Content, Wanted};
use crate::enrich::advisory::store::EXTENSION;
use crate::enrich::advisory::{Affects, Answer, Record, Rejection, evaluate, facts};
use crate::model::{AdvisoryId, purl};
use crate::run::RunError;
use std::path::Path;

/// `record` is a file, or the id of a record of the store.
pub fn affects(record: &str, package: &str, named: Option<&Path>) -> Result<Affects, RunError> {
    let package = purl::parse(package).map_err(RunError::Purl)?;
    let answer = |record, affected, reason: &str| Affects { record, package: package.clone(), affected, reason: reason.to_owned() };
    let Some(record) = found(record, named)? else {
        return Ok(answer(None, Some(false), "the record tells of no package of crates.io, npm or PyPI"));
    };
    let id = Some(record.id.clone());
    if !facts::is_in_question(&package) {
        return Ok(answer(id, Some(false), "the package is not from a registry, and records are about registries' packages"));
    }
    if !record.packages().contains(&(package.ecosystem, package.name.clone())) {
        return Ok(answer(id, Some(false), "the record does not tell of this package"));
    }
    if record.withdrawn.is_some() {
        return Ok(answer(id, Some(false), "the record was withdrawn"));
    }
    Ok(match evaluate(&record, package.ecosystem, &package.name, package.version.as_ref()) {
        Answer::Affected => answer(id, Some(true), "the version is listed or lies in a range"),
        Answer::NotAffected => answer(id, Some(false), "the version is neither listed nor in a range"),
        Answer::Undecided(reason) => answer(id, None, &reason),
    })
}

/// `None` for a record about others.
fn found(record: &str, named: Option<&Path>) -> Result<Option<Record>, RunError> {
    let path = Path::new(record);
    if AdvisoryId::new(record).is_ok() && !path.exists() {
        return Ok(show(record, named)?.into_iter().next().map(|shown| shown.record));
    }
    let mut read = None;
    let nowhere = Path::new(".");
    archive::each(path, &Wanted { file: &|_| true, large: EXTENSION, scratch: nowhere }, &mut |_, content| {
        read = Some(match content {
            Content::Bytes(bytes) => parse(&bytes),
            Content::Large(_) => Err(Rejection::Broken("it is a store, not a record".into())),
            Content::Unreadable(reason) => Err(Rejection::Broken(reason)),
        });
        Ok(())
    })?;
    match read {
        Some(Ok(parsed)) => Ok(Some(parsed.record)),
        Some(Err(Rejection::Elsewhere)) => Ok(None),
        Some(Err(Rejection::Broken(reason))) => Err(RunError::Record { file: record.into(), reason }),
        None => Err(RunError::Record { file: record.into(), reason: "there is no record in it".into() }),
    }
}
