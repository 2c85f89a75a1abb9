//! Facts of registries: where they are kept, who is asked for them, and the use cases around that.
//!
//! `places` says which registry a package is asked for at, and by what leave; `ask` gets the documents, from the cache or
//! from the servers; `learn` makes the dossiers of a comparison of them, `show` those of single packages, and `carried`
//! takes them to machines without a network.

mod ask;
mod cache;
mod carried;
mod cell;
mod learn;
mod places;
mod show;
mod unknown;

pub use crate::edge::http::{Patience, Settings as Network, Terms};
pub use cache::Cache;
pub use carried::{Carried, export, import};
pub use learn::{Learning, learn, learn_whole};
pub use places::Places;
pub(super) use show::policy;
pub use show::{Answer, Asked, Question, show};

use super::RunError;
use crate::edge::files;
use crate::model::MaxAge;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How facts are learned, as the user asks.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of the facts; without it the user's cache.
    pub folder: Option<PathBuf>,
    /// From which age on a document is asked for again; without it after a day.
    pub max_age: Option<MaxAge>,
    /// Seconds for all questions together; without it a minute.
    pub deadline: Option<u64>,
    /// The address of a second source that is asked about packages of the public registries.
    pub second: Option<String>,
}

/// Seconds.
const DAY: u64 = 86_400;
/// Bytes of a server's name for a state at most.
const LONGEST_ETAG: usize = 1024;

impl Options {
    /// The cache. A folder that is named and cannot be made is an error; the user's own may be missing.
    fn cache(&self, writes: bool) -> Result<Cache, RunError> {
        let Some(folder) = folder(self.folder.as_deref()) else { return Ok(Cache::none()) };
        if writes && let Err(source) = files::make_folder(&folder) {
            return if self.folder.is_some() { Err(RunError::FactsFolder { folder, source }) } else { Ok(Cache::none()) };
        }
        Ok(Cache::at(folder))
    }

    fn fresh(&self) -> u64 {
        self.max_age.map_or(DAY, MaxAge::seconds)
    }

    fn terms(&self) -> Terms {
        let terms = Terms::default();
        Terms { deadline: self.deadline.map_or(terms.deadline, Duration::from_secs), ..terms }
    }
}

/// Where facts lie: the folder that is named, or the user's cache.
fn folder(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| files::cache_folder().map(|cache| cache.join("facts")))
}

/// How long to wait for a registry: a package manager's users wait no longer either.
pub fn patience() -> Patience {
    Patience {
        connect: Duration::from_secs(10),
        small: Duration::from_secs(30),
        attempts: 3,
        longest_wait: Duration::from_secs(30),
        ..Patience::default()
    }
}
