//! What the registries of the ecosystems say of packages: which documents are wanted of a name, how each
//! is read, and what is known of one version by all of them together.
//!
//! A document's answer is reduced to a [`Part`] when it comes in, and that is what a cache and a snapshot
//! keep, with its address, its time and its digest. Nothing here asks a server.

mod answer;
mod crates_io;
mod deps_dev;
mod dossier;
mod facts;
mod joined;
mod list;
mod npm;
mod npm_downloads;
mod part;
mod pypi;
mod pypi_files;
mod pypi_page;
mod questions;
mod repository;
mod times;
mod versions;
mod what;

pub use answer::Unusable;
pub use dossier::{Dossier, Dossiers};
pub use facts::{Downloads, Newer, Origin, PackageFacts, Publisher, Sourced, Standing, facts};
pub use part::{Document, Kept, Mark, Outcome, Part, Release};
pub use questions::{default_registry, of_versions, questions, second_opinion, second_opinion_of_versions};

use crate::model::request::Request;
use crate::model::{Ecosystem, PackageName, Version};

/// One registry of an ecosystem, by the addresses at which it is asked; none ends in a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registry {
    pub ecosystem: Ecosystem,
    /// Cargo's sparse index, npm's registry, Python's simple index.
    pub base: String,
    /// What tells more than package managers ask for, where the registry has it: the API of crates.io, npm's
    /// server of downloads, PyPI's JSON.
    pub api: Option<String>,
}

/// A document that is wanted, of one name or (npm's downloads) of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub document: Document,
    pub names: Vec<PackageName>,
    /// The version, of a document that is of one alone.
    pub version: Option<Version>,
    pub request: Request,
}

/// Reads an answer: a part for each name that was asked for, in their order. Bytes that are no whole answer to
/// this question say nothing at all.
pub fn parse(question: &Question, bytes: &[u8]) -> Result<Vec<(PackageName, Part)>, Unusable> {
    let text = match (answer::text(bytes), question.document) {
        (Err(Unusable::Page), Document::PypiSimple) => return page(question, bytes),
        (text, _) => text?,
    };
    let of_one = |read: &dyn Fn(&PackageName, &str) -> Result<Part, Unusable>| {
        let [name] = question.names.as_slice() else { return Err(Unusable::Names(question.names.len())) };
        Ok(vec![(name.clone(), read(name, text)?)])
    };
    match question.document {
        Document::CargoIndex => of_one(&crates_io::index),
        Document::CratesIo => of_one(&crates_io::api),
        Document::Packument => of_one(&npm::packument),
        Document::NpmDownloads => npm_downloads::downloads(&question.names, text),
        Document::PypiJson => of_one(&pypi::json),
        Document::PypiVersion => of_one(&|name, text| pypi::version(name, question.version.as_ref(), text)),
        Document::PypiSimple => of_one(&pypi::simple),
        Document::DepsDev => of_one(&|name, text| deps_dev::package(question, name, text)),
        Document::DepsDevDependents => of_one(&|_, text| deps_dev::dependents(text)),
    }
}

/// An index that has no other form.
fn page(question: &Question, bytes: &[u8]) -> Result<Vec<(PackageName, Part)>, Unusable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unusable::NoText)?;
    let [name] = question.names.as_slice() else { return Err(Unusable::Names(question.names.len())) };
    Ok(vec![(name.clone(), pypi_page::simple(name, text)?)])
}
