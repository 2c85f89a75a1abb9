//! The files of one version of a Python project, and what they say of it together.

use super::answer;
use super::{Mark, Release, versions};
use crate::model::registry::PYTHON_ARCHIVES;

/// One file, by either document.
pub struct File {
    pub kind: Kind,
    pub uploaded: Option<i64>,
    pub yanked: Option<Mark>,
    pub attested: Option<bool>,
}

/// What pip makes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unpacked as it is, everywhere.
    Universal,
    /// Unpacked as it is, where the platform fits.
    Platform,
    /// Built where it is installed: runs code of the package.
    Source,
    /// Eggs and installers, which pip passes over.
    Other,
}

impl Kind {
    /// By the name (binary distribution format specification), and by PyPI's word where it has one.
    pub fn of(file: &str, package_type: Option<&str>) -> Kind {
        let file = file.to_ascii_lowercase();
        let is_wheel = file.ends_with(".whl");
        match package_type {
            Some("sdist") => Kind::Source,
            Some("bdist_wheel") | None if is_wheel && file.ends_with("-none-any.whl") => Kind::Universal,
            Some("bdist_wheel") => Kind::Platform,
            Some(_) => Kind::Other,
            None if is_wheel => Kind::Platform,
            None if PYTHON_ARCHIVES.iter().any(|ending| file.ends_with(ending)) => Kind::Source,
            None => Kind::Other,
        }
    }
}

/// What is known of all files together, while they are read.
#[derive(Default)]
pub struct Files {
    number: usize,
    universal: usize,
    platform: usize,
    source: usize,
    earliest: Option<i64>,
    latest: Option<i64>,
    /// How many say nothing of the time.
    undated: usize,
    yanked: usize,
    not_yanked: usize,
    reason: String,
    attested: usize,
    not_attested: usize,
}

impl Files {
    pub fn add(&mut self, file: File) {
        self.number += 1;
        match file.kind {
            Kind::Universal => self.universal += 1,
            Kind::Platform => self.platform += 1,
            Kind::Source => self.source += 1,
            Kind::Other => {}
        }
        match file.uploaded {
            Some(time) => {
                self.earliest = Some(self.earliest.map_or(time, |earliest| earliest.min(time)));
                self.latest = self.latest.max(Some(time));
            }
            None => self.undated += 1,
        }
        match file.yanked {
            Some(Mark::Yes(reason)) => {
                self.yanked += 1;
                if self.reason.is_empty() {
                    self.reason = answer::note(&reason);
                }
            }
            Some(Mark::No) => self.not_yanked += 1,
            None => {}
        }
        match file.attested {
            Some(true) => self.attested += 1,
            Some(false) => self.not_attested += 1,
            None => {}
        }
    }

    /// `None` without a file: then nothing can be installed, whatever the registry remembers.
    pub fn release(self, version: &str) -> Option<Release> {
        if self.number == 0 {
            return None;
        }
        Some(Release {
            published: self.earliest.filter(|_| self.undated == 0),
            completed: self.latest.filter(|_| self.undated == 0),
            install: self.install(),
            attested: self.is_attested(),
            yanked: self.yanked(),
            ..versions::release(version)?
        })
    }

    /// Where wheels fit some platforms alone, what runs depends on the platform: that is not known here.
    fn install(&self) -> Option<Vec<String>> {
        match (self.universal, self.platform, self.source) {
            (0, 0, 0) => None,
            (1.., _, _) | (_, _, 0) => Some(Vec::new()),
            (0, 0, _) => Some(vec!["source archive alone".into()]),
            (0, 1.., _) => None,
        }
    }

    /// A version is yanked when all of its files are (PEP 592 speaks of files).
    fn yanked(self) -> Option<Mark> {
        match (self.yanked, self.not_yanked) {
            (_, 1..) => Some(Mark::No),
            (yanked, 0) if yanked == self.number => Some(Mark::Yes(self.reason)),
            _ => None,
        }
    }

    /// Every file has one, or it says little: the one without is installed too.
    fn is_attested(&self) -> Option<bool> {
        match (self.attested, self.not_attested) {
            (_, 1..) => Some(false),
            (attested, 0) if attested == self.number => Some(true),
            _ => None,
        }
    }
}
