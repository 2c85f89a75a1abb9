//! What is known of all packages in question.

use super::{PackageFacts, Registry};
use crate::model::Package;
use std::collections::HashMap;

/// What the registries told of the packages in question.
#[derive(Clone, Debug, Default)]
pub struct Dossiers {
    pub packages: HashMap<Package, Dossier>,
    /// Why there is none of a package that is not among them: a clause for people that says what mends it.
    pub otherwise: String,
}

/// What is known of one package: by the same documents, as of two times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    pub registry: Registry,
    /// When the package came in, in seconds since 1970, and what could be known then; `None` where no commit is
    /// known to bring it.
    pub introduced: Option<(i64, PackageFacts)>,
    /// The time of the run, in seconds since 1970.
    pub now: i64,
    pub today: PackageFacts,
    /// Why the registry was not asked today, where what it told earlier is known alone; a clause for people.
    pub outdated: Option<String>,
}
