//! What a format hands to the graph: entries with what they provide and require.

use super::{Capabilities, FormatId};
use crate::model::licence::Licence;
use crate::model::stated::Stated;
use crate::model::{Artifact, Checksum, Ecosystem, Gap, Location, Package, Patch, RelPath, Scope};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// One lockfile as read, not yet joined. Text is borrowed from the files where it can be.
#[derive(Debug)]
pub struct Parsed<'a> {
    pub lockfile: RelPath,
    pub format: FormatId,
    /// `None` where there are several: each package knows its own.
    pub ecosystem: Option<Ecosystem>,
    /// The format's version for people: `v3`, `lockfileVersion 2`.
    pub dialect: &'static str,
    pub knows: Capabilities,
    /// For each scope but the first (the outermost), the scope around it; a scope's parent comes
    /// before it. Formats with one flat list of keys leave this empty.
    pub scopes: Vec<ScopeId>,
    pub entries: Vec<Entry<'a>>,
    pub gaps: Vec<Gap>,
    /// Where manifest and lockfile do not agree.
    pub disagreements: Vec<Disagreement>,
    /// What a document says is wrong with packages of it; `None` where it says nothing of that.
    pub flaws: Option<Vec<Stated>>,
}

/// A place in which keys are looked up: a requirement is met in its own scope, else in the one
/// around it, and so on outwards (npm's `node_modules` folders; a flat format has only the outermost).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

impl ScopeId {
    pub const OUTERMOST: ScopeId = ScopeId(0);
}

/// What a requirement asks for and an entry provides: a text of the format's own choosing.
pub type Key<'a> = Cow<'a, str>;

/// A package of the lockfile at one place. Entries of the same package become one node.
#[derive(Debug)]
pub struct Entry<'a> {
    pub package: Package,
    pub location: Location,
    /// Whether dependency edges start here without anyone requiring it: a project or a member.
    pub root: bool,
    /// What the package is for, where the lockfile says it without the edges that would tell; the graph
    /// takes it for a road from a root.
    pub scope: Option<Scope>,
    pub artifacts: Vec<Artifact>,
    pub licence: Option<Licence>,
    /// Comes inside the package that requires it, not from a registry (npm).
    pub bundled: bool,
    /// Runs a script when it is installed (npm says so in the lockfile).
    pub install_script: bool,
    pub provides: Vec<(ScopeId, Key<'a>)>,
    pub requires: Vec<Requires<'a>>,
    pub rare: Rare,
}

impl<'a> Entry<'a> {
    pub fn new(package: Package, location: Location) -> Self {
        Entry {
            package,
            location,
            root: false,
            scope: None,
            artifacts: Vec::new(),
            licence: None,
            bundled: false,
            install_script: false,
            provides: Vec::new(),
            requires: Vec::new(),
            rare: Rare::default(),
        }
    }
}

/// What few packages have. It is read as what it holds, and takes room only where something was put in.
#[derive(Clone, Debug, Default)]
pub struct Rare(Option<Box<RareFields>>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RareFields {
    /// Of what the tool makes of the package, where the lockfile has no digest of its file.
    pub checksums: Vec<Checksum>,
    /// What changes the package when it is installed.
    pub patches: Vec<Patch>,
    /// Where the project lets it run its install script, where a package manager asks for that.
    pub runs_scripts: Option<Location>,
    /// The registry's or author's deprecation notice, where the lockfile carries it.
    pub deprecated: Option<Arc<str>>,
    /// What a first-party package needs beside what it requires, and no lockfile holds.
    pub unlocked: Vec<Unlocked>,
}

static NOTHING: RareFields =
    RareFields { checksums: Vec::new(), patches: Vec::new(), runs_scripts: None, deprecated: None, unlocked: Vec::new() };

impl Deref for Rare {
    type Target = RareFields;

    fn deref(&self) -> &RareFields {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Rare {
    fn deref_mut(&mut self) -> &mut RareFields {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Rare {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Rare {}

impl Hash for Rare {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Rare {
    pub fn of(held: RareFields) -> Self {
        Rare((held != NOTHING).then(|| Box::new(held)))
    }

    /// Of a first-party package that needs what no lockfile holds.
    pub fn unlocked(unlocked: Vec<Unlocked>) -> Self {
        Rare::of(RareFields { unlocked, ..RareFields::default() })
    }

    /// Takes in what another entry of the same package has.
    pub fn merge(&mut self, other: Rare) {
        let Some(other) = other.0 else { return };
        let RareFields { checksums, patches, runs_scripts, deprecated, unlocked } = *other;
        self.checksums.extend(checksums);
        self.patches.extend(patches);
        self.unlocked.extend(unlocked);
        self.runs_scripts = self.runs_scripts.take().or(runs_scripts);
        self.deprecated = self.deprecated.take().or(deprecated);
    }

    /// Brings the lists into order, each item once.
    pub fn settle(&mut self) {
        let Some(held) = &mut self.0 else { return };
        held.checksums.sort();
        held.checksums.dedup();
        held.patches.sort();
        held.patches.dedup();
        held.unlocked.sort();
        held.unlocked.dedup();
    }
}

/// A requirement of one entry.
#[derive(Debug)]
pub struct Requires<'a> {
    /// Where the search for `key` begins.
    pub from: ScopeId,
    pub key: Key<'a>,
    /// Who meets it, by the number of the entry, where the reader has looked that up itself; the graph then looks for
    /// no key.
    pub met_by: Option<usize>,
    pub scope: Scope,
    /// What was asked for, as written: `^1.2`, `>=2,<3`.
    pub requirement: Option<Key<'a>>,
    /// The name under which the dependant knows the package, where it is another than its own.
    pub alias: Option<Key<'a>>,
    /// When it applies: a marker, a target, extras; as written.
    pub condition: Option<Key<'a>>,
    /// The line of a manifest or lockfile where a person or tool wrote the requirement.
    pub declared: Option<Location>,
    /// Whether nothing providing the key is a gap: not for optional and peer dependencies.
    pub may_be_absent: bool,
    /// Whether every package that provides the key is meant (forks that markers tell apart), so
    /// that several are no ambiguity.
    pub every: bool,
}

impl<'a> Requires<'a> {
    pub fn new(key: impl Into<Key<'a>>, scope: Scope) -> Self {
        Requires {
            from: ScopeId::OUTERMOST,
            key: key.into(),
            met_by: None,
            scope,
            requirement: None,
            alias: None,
            condition: None,
            declared: None,
            may_be_absent: false,
            every: false,
        }
    }
}

/// Something that gets installed for a first-party package without being locked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unlocked {
    /// With a version where the requirement names one alone.
    pub package: Package,
    /// What else tells this need from another one: an extra, or the digest of a file that says what is
    /// needed and is not understood.
    pub state: Option<Box<str>>,
    /// One sentence without a full stop; may quote text of the files.
    pub message: String,
    pub location: Location,
}

/// Something that a manifest asks for and the lockfile does not hold, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disagreement {
    pub location: Location,
    /// One sentence without a full stop; may quote text of the files.
    pub message: String,
}
