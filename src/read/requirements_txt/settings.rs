//! Options that hold for all requirements of all files, wherever they stand.

use super::statement::Setting;
use crate::model::text::quoted;
use crate::model::{Address, Gap, GapKind, Location, PackageSource, registry};

#[derive(Default)]
pub(super) struct Settings {
    index: Option<String>,
    no_index: bool,
    find_links: Vec<(String, Location)>,
    further: Vec<(String, Location)>,
    pub hashes_required: bool,
}

impl Settings {
    pub fn take(&mut self, settings: Vec<Setting>, location: &Location) {
        for setting in settings {
            match setting {
                Setting::Index(index) => self.index = Some(index),
                Setting::NoIndex => self.no_index = true,
                Setting::FurtherIndex(index) => self.further.push((index, location.clone())),
                Setting::FindLinks(address) => self.find_links.push((address, location.clone())),
                Setting::RequireHashes => self.hashes_required = true,
            }
        }
    }

    /// Where packages come from that state nothing else: the last `--index-url`, and with
    /// `--no-index` the first `--find-links`. With `--extra-index-url` pip takes the best version of
    /// any index, so a package's own cannot be known: the main index stands for all, and each other place
    /// is a gap.
    pub fn registry(&self) -> PackageSource {
        let links = || self.find_links.first().map(|(address, _)| address.as_str());
        let index = if self.no_index { links() } else { self.index.as_deref() };
        let address = index.map(Address::new).filter(|address| !registry::is_pypi(address.as_str()));
        PackageSource::Registry { index: address }
    }

    /// Where else pip may take any package from: whoever can put a higher version or another file
    /// of a pinned one there decides what is installed.
    pub fn further_sources(&self) -> Vec<Gap> {
        let of = |(address, location): &(String, Location), option: &str| {
            let address = quoted(Address::new(address).as_str());
            Gap::at(GapKind::FurtherSource, location, format!("any package may also come from {address} ({option})"))
        };
        let indexes = self.further.iter().filter(|_| !self.no_index).map(|further| of(further, "--extra-index-url"));
        let links = self.find_links.iter().skip(usize::from(self.no_index)).map(|further| of(further, "--find-links"));
        indexes.chain(links).collect()
    }
}
