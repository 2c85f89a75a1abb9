//! Advisories from OSV's API in place of a store. It is told names and nothing else, and of no package
//! that is not of a registry or whose name is internal; what it answers is held against our own matching.

use super::Internal;
use super::learn::{Wanted, keep};
use crate::edge::clock;
use crate::edge::http::{Http, Settings};
use crate::enrich::Fact;
use crate::enrich::advisory::online::{self, LARGEST_BATCH, Question, Told};
use crate::enrich::advisory::{Advisories, Record, Rejection, StoreNote, osv};
use crate::model::request::{Answer, Request};
use crate::model::{Address, AdvisoryId, PackageName};
use crate::run::RunError;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The server, and what it must not hear.
#[derive(Debug)]
pub struct Online {
    /// The base address of the API.
    pub url: String,
    pub network: Settings,
}

/// Pages of answers and records that are fetched at most: beyond that a store is the better way.
const MOST_PAGES: usize = 1000;
const MOST_RECORDS: usize = 20_000;
/// Bytes of all records together at most.
const LARGEST_TOTAL: usize = 512 << 20;
/// Questions at a time.
const AT_A_TIME: usize = 8;

/// Asks for every name and keeps what our own matching says of the records.
pub(super) fn learn(wanted: &Wanted<'_>, asked: &Online, internal: Option<&Internal>, advisories: &mut Advisories) -> Result<(), RunError> {
    let http = Http::new(&asked.network)?;
    let now = clock::now()?;
    for (ecosystem, packages) in wanted {
        let mut sent: Vec<&PackageName> = Vec::new();
        for (name, packages) in packages {
            if internal.is_some_and(|internal| internal.covers(name)) {
                advisories.unasked.extend(packages.iter().map(|package| (*package).clone()));
            } else {
                sent.push(name);
            }
        }
        let questions = sent.iter().map(|name| Question { ecosystem: *ecosystem, name: (*name).clone(), page: None }).collect();
        let server = Server { base: &asked.url, http: &http };
        let told = server.answers(questions)?;
        let records = server.records(told.values().flatten())?;
        for name in sent {
            let of_name = told[name].iter().filter_map(|id| records.read.get(id)).map(|record| record.of_package(*ecosystem, name));
            keep(&packages[name], &of_name.collect::<Vec<_>>(), &mut advisories.packages);
            let unread = told[name].iter().filter_map(|id| Some((id.clone(), records.unread.get(id)?.clone())));
            let unread: Vec<(AdvisoryId, String)> = unread.collect();
            for package in packages[name].iter().filter(|_| !unread.is_empty()) {
                advisories.packages.entry((*package).clone()).or_default().undecided.extend(unread.clone());
            }
        }
        advisories.stores.insert(*ecosystem, Fact::Known(records.note(&asked.url, now)));
    }
    Ok(())
}

struct Server<'s> {
    base: &'s str,
    http: &'s Http,
}

/// Records by their ids, and why some cannot be used.
struct Fetched {
    read: BTreeMap<AdvisoryId, Record>,
    unread: BTreeMap<AdvisoryId, String>,
    digest: String,
}

impl Server<'_> {
    /// The ids of each name, page by page.
    fn answers(&self, questions: Vec<Question>) -> Result<BTreeMap<PackageName, BTreeSet<AdvisoryId>>, RunError> {
        let mut known: BTreeMap<PackageName, BTreeSet<AdvisoryId>> =
            questions.iter().map(|question| (question.name.clone(), BTreeSet::new())).collect();
        let mut waiting = questions;
        for _ in 0..MOST_PAGES {
            if waiting.is_empty() {
                return Ok(known);
            }
            let mut rest = waiting.split_off(waiting.len().min(LARGEST_BATCH));
            for (question, told) in waiting.iter().zip(self.batch(&waiting)?) {
                known.entry(question.name.clone()).or_default().extend(told.ids);
                if told.next.is_some() && told.next == question.page {
                    return Err(self.unusable("the same page comes again and again".into()));
                }
                rest.extend(told.next.map(|page| Question { page: Some(page), ..question.clone() }));
            }
            waiting = rest;
        }
        Err(self.unusable(format!("it has more than {MOST_PAGES} pages")))
    }

    fn batch(&self, questions: &[Question]) -> Result<Vec<Told>, RunError> {
        match self.http.fetch(&online::batch(self.base, questions))? {
            Answer::Changed { content, .. } => online::parse_batch(&content, questions.len()).map_err(|reason| self.unusable(reason)),
            Answer::Unchanged => Err(self.unusable("it says that nothing changed".into())),
        }
    }

    /// Every record once. One that is not there or cannot be read leaves open whether it applies.
    fn records<'i>(&self, ids: impl Iterator<Item = &'i AdvisoryId>) -> Result<Fetched, RunError> {
        let ids: Vec<&AdvisoryId> = ids.collect::<BTreeSet<_>>().into_iter().collect();
        if ids.len() > MOST_RECORDS {
            return Err(self.unusable(format!("it names {} records, and {MOST_RECORDS} are fetched at most: use a store", ids.len())));
        }
        let mut fetched = Fetched { read: BTreeMap::new(), unread: BTreeMap::new(), digest: String::new() };
        let mut hasher = Sha256::new();
        let mut total = 0;
        for ids in ids.chunks(AT_A_TIME) {
            let requests: Vec<Request> = ids.iter().map(|id| online::record(self.base, id)).collect();
            for (id, answer) in ids.iter().zip(self.http.fetch_all(&requests)) {
                let content = match answer {
                    Ok(Answer::Changed { content, .. }) => content,
                    Err(error) if error.is_absent() => Vec::new(),
                    Ok(Answer::Unchanged) => return Err(self.unusable("it says that nothing changed".into())),
                    Err(error) => return Err(error.into()),
                };
                total += content.len();
                if total > LARGEST_TOTAL {
                    return Err(self.unusable(format!("its records have more than {LARGEST_TOTAL} bytes together")));
                }
                hasher.update((content.len() as u64).to_le_bytes());
                hasher.update(&content);
                fetched.take(id, &content);
            }
        }
        fetched.digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(fetched)
    }

    fn unusable(&self, reason: String) -> RunError {
        RunError::Server { url: Address::new(self.base), reason }
    }
}

impl Fetched {
    fn take(&mut self, id: &AdvisoryId, content: &[u8]) {
        let reason = match osv::parse(content) {
            _ if content.is_empty() => "the server names the record and does not have it".to_owned(),
            Ok(parsed) if parsed.record.id == *id => return drop(self.read.insert(id.clone(), parsed.record)),
            Ok(parsed) => format!("the server sends another record, {}", parsed.record.id),
            // It tells of packages of other ecosystems alone: the server matched too much.
            Err(Rejection::Elsewhere) => return,
            Err(Rejection::Broken(reason)) => format!("the record cannot be read: {reason}"),
        };
        self.unread.insert(id.clone(), reason);
    }

    fn note(&self, server: &str, now: i64) -> StoreNote {
        StoreNote {
            server: Some(Address::new(server)),
            digest: self.digest.clone(),
            records: self.read.len() as u64,
            // Of these it is told at their packages.
            is_part: false,
            rejected: 0,
            newest: self.read.values().map(|record| record.modified).max().unwrap_or(0),
            imported: now,
            as_of: now,
        }
    }
}
