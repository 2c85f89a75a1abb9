//! `advisories update`: the stores brought up to what the servers have. Everything is fetched and read
//! before any store changes, so that a failure leaves the old ones in use.

use super::folder;
use super::intake::{Intake, Origin};
use crate::edge::archive::Content;
use crate::edge::http::{Heard, Http, Partial, Settings};
use crate::enrich::advisory::Imported;
use crate::enrich::advisory::dump::{self, Dump};
use crate::enrich::advisory::store::Source;
use crate::model::request::{Answer, Request};
use crate::model::{Address, AdvisoryId, Ecosystem};
use crate::run::{Progress, RunError};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What to bring up to date.
pub struct Update<'u> {
    /// Those of OSV's dumps; none where RustSec alone is wanted.
    pub ecosystems: &'u [Ecosystem],
    /// The base address of OSV's dumps.
    pub from: &'u str,
    /// RustSec's advisory-db: a folder, an archive, or the address of an archive.
    pub rustsec: Option<&'u str>,
    /// Whether what the stores hold is dropped.
    pub replace: bool,
}

/// Changed records that are fetched one by one at most. One takes about a tenth of a second, and eight
/// are asked for at a time, so that this is seconds; the largest archive has 300 MB.
const FEW: usize = 500;
/// Seconds by which the archive may lag behind the list: it is packed now and then, and the next update
/// fetches what it lacks.
const LAG: i64 = 86_400;
/// Questions at a time.
const AT_A_TIME: usize = 8;
/// Bytes of an archive of RustSec's at most; it has 3 MB.
const LARGEST_RUSTSEC: u64 = 1 << 30;

/// Brings the stores up to date and writes them, also where nothing changed: their age counts from
/// the last time that a server was asked.
pub fn update(asked: &Update<'_>, named: Option<&Path>, settings: &Settings, progress: &dyn Progress) -> Result<Imported, RunError> {
    let http = Http::new(settings)?;
    let mut intake = Intake::new(folder(named)?)?;
    if !asked.replace {
        intake.keep_old()?;
    }
    let mut fetched = Vec::new();
    for ecosystem in asked.ecosystems {
        let mut of =
            OfEcosystem { dump: Dump::new(asked.from, *ecosystem), http: &http, intake: &mut intake, progress, fetched: &mut fetched };
        of.update()?;
    }
    if let Some(place) = asked.rustsec {
        of_rustsec(place, &http, &mut intake, progress, &mut fetched)?;
    }
    if intake.told.taken.is_empty() {
        return Err(RunError::NothingImported { elsewhere: intake.told.elsewhere, rejected: intake.told.first_rejected() });
    }
    let told = intake.write()?;
    // What is left behind is fetched again or gone on with: no reason to call the update a failure.
    fetched.into_iter().for_each(|file| drop(file.remove()));
    progress.read();
    Ok(told)
}

struct OfEcosystem<'u> {
    dump: Dump<'u>,
    http: &'u Http,
    intake: &'u mut Intake,
    progress: &'u dyn Progress,
    /// Files that are taken in, to be removed at the end.
    fetched: &'u mut Vec<Partial>,
}

impl OfEcosystem<'_> {
    fn update(&mut self) -> Result<(), RunError> {
        let ecosystem = self.dump.ecosystem;
        let origin = Origin::of_address(&self.dump.address());
        let old = self.intake.old_source(ecosystem, &origin.source).cloned();
        let request = self.dump.list().unless(old.as_ref().and_then(|old| old.etag.as_deref()));
        self.progress.fetching(&origin.shown, 0, None);
        let (list, etag) = match self.http.fetch(&request)? {
            Answer::Changed { content, etag } => (content, etag),
            Answer::Unchanged => {
                let now = self.intake.now;
                old.into_iter().for_each(|old| self.intake.state(ecosystem, Source { taken: now, ..old }));
                return Ok(());
            }
        };
        let unusable = |reason| RunError::Server { url: Address::new(&request.url), reason };
        let listed = dump::parse_list(&list).map_err(unusable)?;
        let records = listed.len() as u64;
        let (whole, listed): (_, Vec<(AdvisoryId, i64)>) = self.readable(listed, &origin);
        let wanted = self.newer(&listed, 0);
        let is_few = wanted.len() <= FEW && old.is_some();
        let whole = if is_few { self.one_by_one(&wanted, &origin)? && whole } else { self.all(&listed, &origin)? && whole };
        // What was rejected before is not held, so it was asked for again; of what was rejected in part that
        // is not so.
        let before = old.filter(|_| is_few).map_or(0, |old| old.rejected);
        let rejected = before.max(self.intake.rejections(&origin));
        // A list of which something did not come is asked for again.
        let etag = etag.filter(|_| whole);
        self.intake.state(ecosystem, Source { name: origin.source, records, rejected, taken: self.intake.now, etag });
        Ok(())
    }

    /// The lines that can be read, and whether all can.
    fn readable(&mut self, listed: Vec<dump::Listed>, origin: &Origin) -> (bool, Vec<(AdvisoryId, i64)>) {
        let number = listed.len();
        let mut readable = Vec::with_capacity(number);
        for line in listed {
            match line {
                Ok(line) => readable.push(line),
                Err(reason) => self.intake.reject(origin, "modified_id.csv", reason),
            }
        }
        (readable.len() == number, readable)
    }

    /// Those that the store has not, or has in a state that is older by more than so many seconds.
    fn newer(&self, listed: &[(AdvisoryId, i64)], lag: i64) -> Vec<AdvisoryId> {
        let is_newer =
            |id: &AdvisoryId, time: i64| self.intake.modified(self.dump.ecosystem, id).is_none_or(|held| held.saturating_add(lag) < time);
        listed.iter().filter(|(id, time)| is_newer(id, *time)).map(|(id, _)| id.clone()).collect()
    }

    /// Whether all came.
    fn one_by_one(&mut self, ids: &[AdvisoryId], origin: &Origin) -> Result<bool, RunError> {
        let mut all = true;
        for (number, ids) in ids.chunks(AT_A_TIME).enumerate() {
            self.progress.fetching(&origin.shown, (number * AT_A_TIME) as u64, None);
            let requests: Vec<Request> = ids.iter().map(|id| self.dump.record(id)).collect();
            for (id, answer) in ids.iter().zip(self.http.fetch_all(&requests)) {
                let name = format!("{id}.json");
                match answer {
                    Ok(Answer::Changed { content, .. }) => all &= self.took(id, &name, content, origin)?,
                    Ok(Answer::Unchanged) => {}
                    Err(error) if error.is_absent() => {
                        all = false;
                        self.intake.reject(origin, &name, "it is listed, and not there".into());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(all)
    }

    /// Takes in what was sent for an id; whether it is that record, or was rejected with its reason.
    fn took(&mut self, id: &AdvisoryId, name: &str, content: Vec<u8>, origin: &Origin) -> Result<bool, RunError> {
        let rejected = self.intake.rejections(origin);
        let file = self.intake.file(origin, name, Content::Bytes(content));
        file.map_err(|source| RunError::StoreFolder { folder: self.intake.folder().to_owned(), source })?;
        if self.intake.rejections(origin) > rejected || self.intake.modified(self.dump.ecosystem, id).is_some() {
            return Ok(true);
        }
        self.intake.reject(origin, name, "what is sent for it is another record".into());
        Ok(false)
    }

    /// The whole archive, and one by one what changed after it was packed. One that lacks more of the list than
    /// that is an error: a store of it would look as if it were of today.
    fn all(&mut self, listed: &[(AdvisoryId, i64)], origin: &Origin) -> Result<bool, RunError> {
        let request = self.dump.archive();
        let file = download(&request, self.http, self.intake.folder(), self.progress)?;
        let start = file.whole().and_then(|whole| whole.read_at(0, 4.min(whole.size() as usize)));
        let start = start.map_err(|source| RunError::StoreFolder { folder: self.intake.folder().to_owned(), source })?;
        if ![&b"PK\x03\x04"[..], b"PK\x05\x06"].contains(&start.as_slice()) {
            let _ = file.remove();
            return Err(RunError::Server { url: Address::new(&request.url), reason: "what it sends is no zip archive".into() });
        }
        let rejected = self.intake.rejections(origin);
        taken(file, origin, self.intake, self.fetched)?;
        // Those that are in the archive and cannot be read are no newer for being asked for again.
        let is_unread = self.intake.rejections(origin) > rejected;
        let unread: HashSet<String> = if is_unread { self.intake.rejected_files() } else { HashSet::new() };
        let left = |update: &Self, lag| -> Vec<AdvisoryId> {
            update.newer(listed, lag).into_iter().filter(|id| !unread.contains(&format!("{id}.json"))).collect()
        };
        let mut wanted = left(self, 0);
        let is_all = wanted.len() <= FEW;
        if !is_all {
            wanted = left(self, LAG);
        }
        if wanted.len() > FEW {
            // Of no use to a later run either.
            self.fetched.pop().into_iter().for_each(|file| drop(file.remove()));
            let reason = format!("{} records of the list modified_id.csv are not in it, or in an older state", wanted.len());
            return Err(RunError::Server { url: Address::new(&request.url), reason });
        }
        Ok(self.one_by_one(&wanted, origin)? && is_all)
    }
}

fn of_rustsec(place: &str, http: &Http, intake: &mut Intake, progress: &dyn Progress, fetched: &mut Vec<Partial>) -> Result<(), RunError> {
    let before = intake.told.taken.get(&Ecosystem::Cargo).copied();
    if !place.contains("://") {
        let path = Path::new(place);
        intake.take(path, &Origin::of_file(path))?;
    } else {
        let file = download(&Request::get(place, LARGEST_RUSTSEC), http, intake.folder(), progress)?;
        taken(file, &Origin::of_address(place), intake, fetched)?;
    }
    if intake.told.taken.get(&Ecosystem::Cargo).copied() == before {
        return Err(RunError::NoRustsec(Address::new(place)));
    }
    Ok(())
}

/// Takes in an archive that came. One that cannot be read is of no use to a later run.
fn taken(file: Partial, origin: &Origin, intake: &mut Intake, fetched: &mut Vec<Partial>) -> Result<(), RunError> {
    match intake.take(file.path(), origin) {
        Ok(()) => {
            fetched.push(file);
            Ok(())
        }
        Err(error) => {
            let _ = file.remove();
            Err(match error {
                RunError::Archive(error) => RunError::Server { url: Address::new(&origin.shown), reason: error.source.to_string() },
                error => error,
            })
        }
    }
}

/// Into a file of the store's folder, in which a later run goes on where this one broke off.
fn download(request: &Request, http: &Http, folder: &Path, progress: &dyn Progress) -> Result<Partial, RunError> {
    let shown = Address::new(&request.url);
    let name: String = Sha256::digest(&request.url).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path: PathBuf = folder.join(format!(".part-{name}"));
    let mut file = Partial::open(&path).map_err(|source| RunError::StoreFolder { folder: folder.to_owned(), source })?;
    let heard: Heard<'_> = &|bytes, total| progress.fetching(shown.as_str(), bytes, total);
    match http.download(request, &mut file, heard) {
        Ok(_) => Ok(file),
        Err(error) => {
            if !error.is_passing() {
                let _ = file.remove();
            }
            Err(error.into())
        }
    }
}
