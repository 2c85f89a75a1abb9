//! What is known of the packages of a comparison: from the stores, or from a server where that is asked for.

use super::online::{self, Online};
use super::{Internal, StoreFile, exploitation, folder, open};
use crate::edge::clock;
use crate::enrich::Fact;
use crate::enrich::advisory::store::{Store, StoreError, file_name};
use crate::enrich::advisory::{Advisories, AgeLimit, Record, StoreNote, facts};
use crate::judge::Subject;
use crate::model::{Ecosystem, MaxAge, Package, PackageName};
use crate::run::RunError;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// How the advisories of a subject are learned.
#[derive(Clone, Copy, Debug, Default)]
pub struct Learning<'l> {
    /// The folder of the store; without it the user's cache.
    pub store: Option<&'l Path>,
    /// How old a store may be. It counts by the system's clock: SOURCE_DATE_EPOCH dates documents, and
    /// must not make old knowledge young.
    pub max_age: Option<MaxAge>,
    /// The server that is asked in place of the store.
    pub online: Option<&'l Online>,
    /// What stays in the house; nothing, where nobody said so.
    pub internal: Option<&'l Internal>,
}

/// The packages in question, by ecosystem and name.
pub(super) type Wanted<'w> = BTreeMap<Ecosystem, BTreeMap<&'w PackageName, BTreeSet<&'w Package>>>;

/// Why nothing is known where there is no store.
const NO_STORE: &str =
    "there is no advisory store; `sbomgate advisories update` makes one, or `sbomgate advisories import FILE…` of OSV's all.zip";

/// What is known of every package of both sides. Ecosystems without packages are not looked at.
pub fn learn(subject: &Subject<'_>, asked: &Learning<'_>) -> Result<Advisories, RunError> {
    let (mut wanted, mut unasked) = (Wanted::new(), HashSet::new());
    for lockfile in &subject.lockfiles {
        for (_, node) in lockfile.base.packages().chain(lockfile.head.packages()) {
            let package = &node.package;
            if facts::is_in_question(package) && asked.internal.is_some_and(|internal| internal.is_own(package)) {
                unasked.insert(package.clone());
            } else if facts::is_in_question(package) {
                wanted.entry(package.ecosystem).or_default().entry(&package.name).or_default().insert(package);
            }
        }
    }
    let age = asked.max_age.map(|most| Ok::<_, RunError>(AgeLimit { most, now: clock::now()? })).transpose()?;
    let mut advisories = Advisories { stores: BTreeMap::new(), packages: HashMap::new(), unasked, age };
    match asked.online {
        Some(online) => online::learn(&wanted, online, asked.internal, &mut advisories)?,
        None => of_stores(&wanted, asked.store, &mut advisories)?,
    }
    exploitation::join(&mut advisories, asked.store)?;
    Ok(advisories)
}

fn of_stores(wanted: &Wanted<'_>, named: Option<&Path>, advisories: &mut Advisories) -> Result<(), RunError> {
    for (ecosystem, packages) in wanted {
        let note = match folder(named) {
            Err(_) => {
                Fact::Unknown("neither HOME nor XDG_CACHE_HOME is set, so there is no place for a store; name one with --store".into())
            }
            Ok(folder) => match open(&folder, *ecosystem)? {
                None => Fact::Unknown(NO_STORE.into()),
                Some(store) => {
                    let error = |source| RunError::Store { file: folder.join(file_name(*ecosystem)), source };
                    of_store(&store, packages, &mut advisories.packages).map_err(error)?;
                    Fact::Known(note(&store))
                }
            },
        };
        advisories.stores.insert(*ecosystem, note);
    }
    Ok(())
}

fn of_store(
    store: &Store<StoreFile>,
    wanted: &BTreeMap<&PackageName, BTreeSet<&Package>>,
    known: &mut HashMap<Package, facts::PackageFacts>,
) -> Result<(), StoreError> {
    for (name, packages) in wanted {
        keep(packages, &store.records(name)?, known);
    }
    Ok(())
}

/// What the records of one name say of its packages.
pub(super) fn keep(packages: &BTreeSet<&Package>, records: &[Record], known: &mut HashMap<Package, facts::PackageFacts>) {
    if records.is_empty() {
        return;
    }
    for package in packages {
        let version = package.version.as_ref().map(|version| version.as_str());
        let facts = facts::of_package(package.ecosystem, &package.name, version, records);
        if facts != facts::PackageFacts::default() {
            known.insert((*package).clone(), facts);
        }
    }
}

fn note(store: &Store<StoreFile>) -> StoreNote {
    let meta = store.meta();
    StoreNote {
        server: None,
        digest: store.digest(),
        records: meta.records,
        rejected: meta.rejected(),
        is_part: meta.is_part(),
        newest: meta.newest,
        imported: meta.imported,
        as_of: meta.as_of(),
    }
}
