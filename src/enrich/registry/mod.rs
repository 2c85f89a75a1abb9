//! What the registries of the ecosystems say of packages: which documents are wanted of a name, how each
//! is read, and what is known of one version by all of them together.
//!
//! A document's answer is reduced to a [`Part`] when it comes in, and that is what a cache and a snapshot
//! keep, with its address, its time and its digest. Nothing here asks a server.

mod dossier;
mod facts;
mod part;

pub use dossier::{Dossier, Dossiers};
pub use facts::{Downloads, Newer, Origin, PackageFacts, Publisher, Sourced, Standing};
pub use part::{Document, Kept, Mark, Outcome, Part, Release};

use crate::model::request::Request;
use crate::model::{Ecosystem, PackageName};

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
    pub request: Request,
}
