//! `advisories status`: what the stores hold.

use super::{folder, open};
use crate::enrich::advisory::store::{Meta, file_name};
use crate::model::Ecosystem;
use crate::run::RunError;
use std::path::{Path, PathBuf};

/// The store of one ecosystem.
#[derive(Debug)]
pub struct StoreStatus {
    pub ecosystem: Ecosystem,
    pub file: PathBuf,
    /// `None` where there is none.
    pub store: Option<(Meta, String)>,
}

impl StoreStatus {
    /// What it holds, and its digest in hex.
    pub fn held(&self) -> Option<(&Meta, &str)> {
        self.store.as_ref().map(|(meta, digest)| (meta, digest.as_str()))
    }
}

/// Every store with its digest. Each is read whole and held against its digest: a damaged one is an
/// error.
pub fn status(named: Option<&Path>) -> Result<Vec<StoreStatus>, RunError> {
    let folder = folder(named)?;
    let of = |ecosystem| {
        let file = folder.join(file_name(ecosystem));
        let store = open(&folder, ecosystem)?;
        if let Some(store) = &store {
            store.verify().map_err(|source| RunError::Store { file: file.clone(), source })?;
        }
        Ok(StoreStatus { ecosystem, file, store: store.map(|store| (store.meta().clone(), store.digest())) })
    };
    Ecosystem::ALL.into_iter().map(of).collect()
}
