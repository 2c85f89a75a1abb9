//! Bytes to packages: one file a format, behind one trait, listed in [`FORMATS`].
//!
//! A format says what each entry of its lockfile *provides* and *requires*, as keys; who meets
//! whom is decided once, for all formats, in `graph::build`. What a format cannot tell it says in
//! [`Capabilities`], and what it could not read becomes a gap or an error, never silence.

mod build_requires;
mod bun_lock;
mod capabilities;
mod cargo_lock;
mod cargo_lock_file;
mod cargo_lock_names;
mod cargo_lock_scan;
mod cargo_manifest;
mod cargo_metadata;
mod cargo_patches;
mod cargo_place;
mod cargo_workspace;
mod cyclonedx;
mod document;
mod dynamic;
pub mod error;
mod json;
mod jsonc;
pub mod manifest_licence;
pub mod members;
mod node_modules;
mod npm;
mod npm_overrides;
mod npm_patches;
mod npm_scripts;
mod package_json;
mod package_lock;
mod parsed;
mod pdm_lock;
mod pipfile_lock;
mod pnpm_lock;
mod poetry_lock;
mod pylock_toml;
mod pypi_lock;
mod pyproject;
pub mod registries;
mod requirements_txt;
mod roads;
pub mod settings;
mod setup_cfg;
mod setup_py;
mod spdx;
pub mod toml_file;
pub mod unlocked;
mod uv_lock;
pub mod vex;
mod yaml;
mod yarn_berry;
mod yarn_classic;

pub use capabilities::{Capabilities, Told};
pub use cargo_metadata::BuildPlan;
pub use error::{ReadError, ReadErrorKind};
pub use npm::asks_registry;
pub use parsed::{Disagreement, Entry, Key, Parsed, Rare, RareFields, Requires, ScopeId, Unlocked};
pub(crate) use requirements_txt::of_file_name as python_file_name;

use crate::model::{Ecosystem, Gap, GapKind, RelPath, SourceFile};
use std::collections::BTreeMap;

/// A lockfile format's stable name, as reports print it.
pub type FormatId = &'static str;

/// A lockfile format.
pub trait Format: Sync {
    fn id(&self) -> FormatId;

    /// `None` for a document, which may hold packages of several.
    fn ecosystem(&self) -> Option<Ecosystem>;

    /// Whether a file of this format is an SBOM: it is read where the user names it, and never looked
    /// for in a repository, where a document may lie for any reason.
    fn is_document(&self) -> bool {
        false
    }

    /// File names for people, as globs.
    fn names(&self) -> &[&str];

    /// Whether the path is a lockfile of this format, judged by its name alone.
    fn claims(&self, path: &RelPath) -> bool;

    /// Whether a file of a claimed name is written in this format. Only formats that share a name
    /// look into the text; of those at most one says yes.
    fn is_form_of(&self, _file: &SourceFile) -> bool {
        true
    }

    /// The names of all files that can be companions of this format, by which a comparison knows
    /// that a lockfile is to be read again though its own bytes did not change. `None` when a
    /// lockfile can name any file: then its companions themselves are compared.
    fn manifest_names(&self) -> Option<&'static [&'static str]>;

    /// The companion that is called as its lockfile is (`tool.py` of `tool.py.lock`): no list has its name.
    fn named_after(&self, _lockfile: &RelPath) -> Option<RelPath> {
        None
    }

    /// Whether a lockfile or a manifest of it can name further files (patches), so that the companions of
    /// each are compared beside the manifests.
    fn names_files(&self) -> bool {
        false
    }

    /// Files that the lockfile needs beside itself, from the same revision. Asked again with what
    /// was found, until nothing new is wanted: an included file may include another.
    fn companions(&self, files: &Files) -> Vec<Want>;

    /// What a file of this format can tell at best; [`Parsed::knows`] says it of one file.
    fn knows(&self) -> Capabilities;

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError>;
}

/// All formats that are read. A new format is a row.
pub static FORMATS: &[&dyn Format] = &[
    &cargo_lock::CargoLock,
    &package_lock::PackageLock,
    &yarn_classic::YarnClassic,
    &yarn_berry::YarnBerry,
    &pnpm_lock::PnpmLock,
    &bun_lock::BunLock,
    &requirements_txt::RequirementsTxt,
    &uv_lock::UvLock,
    &pipfile_lock::PipfileLock,
    &pylock_toml::PylockToml,
    &poetry_lock::PoetryLock,
    &pdm_lock::PdmLock,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
];

/// Names of lockfiles that are known and not read: each is named in a gap, never skipped. A name that
/// stands in [`FORMATS`] as well is that of another form of the file.
pub static UNSUPPORTED: &[(&str, &str)] =
    &[("bun.lockb", "Bun (binary: `bun install --save-text-lockfile` writes bun.lock instead, which is read)")];

/// The formats of which the path is a lockfile, by its name; several where the text decides.
pub fn formats_of(path: &RelPath) -> impl Iterator<Item = &'static dyn Format> {
    FORMATS.iter().copied().filter(|format| !format.is_document() && format.claims(path))
}

/// The format that reads a file, if any does: of a lockfile by its name and text, of a document,
/// which may be called anything, by its text before its name.
pub fn format_for(file: &SourceFile) -> Option<&'static dyn Format> {
    let documents = || FORMATS.iter().copied().filter(|format| format.is_document());
    if format_of(file.path()).is_some() {
        return formats_of(file.path()).find(|format| format.is_form_of(file));
    }
    documents().find(|format| format.is_form_of(file)).or_else(|| documents().find(|format| format.claims(file.path())))
}

/// The first format that reads files of this name; [`format_for`] knows which it is of one file.
pub fn format_of(path: &RelPath) -> Option<&'static dyn Format> {
    formats_of(path).next()
}

/// The file that, where it is there, takes the place of the lockfile at `path`: npm reads
/// `npm-shrinkwrap.json` and passes over the `package-lock.json` beside it, and so does every Bun that
/// knows `bun.lock` (1.1.39 and later) with `bun.lockb`, even when it cannot read the `bun.lock`.
pub fn overruled_by(path: &RelPath) -> Option<RelPath> {
    let by = match path.file_name() {
        package_lock::LOCKFILE => package_lock::SHRINKWRAP,
        bun_lock::BINARY => bun_lock::LOCKFILE,
        _ => return None,
    };
    path.parent().join(by).ok()
}

/// The format of a file that the user named as a lockfile though no format claims its name and it
/// is no document.
pub fn guess(path: &RelPath) -> Option<&'static dyn Format> {
    if format_of(path).is_some() {
        return None;
    }
    let id = match path.file_name().rsplit_once('.')?.1 {
        "txt" | "in" | "pip" => "requirements-txt",
        "json" => "package-lock",
        "lock" => "cargo-lock",
        "yaml" | "yml" => "pnpm-lock",
        "toml" => "pylock-toml",
        _ => return None,
    };
    FORMATS.iter().copied().find(|format| format.id() == id && unsupported(path).is_none())
}

/// What the path is, when it is a lockfile that is known and not read: a tool's, or one of a format that
/// is read under another spelling of the name.
pub fn unsupported(path: &RelPath) -> Option<&'static str> {
    let listed = UNSUPPORTED.iter().find(|(known, _)| known.eq_ignore_ascii_case(path.file_name())).map(|(_, tool)| *tool);
    listed.or_else(|| in_other_case(path))
}

/// The format that a tool reads the file as on a disk that does not tell `a` from `A` (macOS, Windows),
/// where it is no lockfile elsewhere: which is meant is not known. A requirements file is read under any
/// name that it is given.
pub fn in_other_case(path: &RelPath) -> Option<FormatId> {
    if format_of(path).is_some() {
        return None;
    }
    let name = path.file_name();
    // Asked of every file of a repository: nearly all of them are in small letters already.
    let has_capitals = name.bytes().any(|byte| byte.is_ascii_uppercase());
    let small = has_capitals.then(|| path.parent().join(&name.to_ascii_lowercase()).ok()).flatten();
    let is_its = |format: &&dyn Format| {
        let is_known = format.names().iter().any(|known| known.eq_ignore_ascii_case(name));
        is_known || small.as_ref().is_some_and(|small| format.claims(small))
    };
    let mut named = FORMATS.iter().copied().filter(|format| !format.is_document() && format.id() != requirements_txt::ID);
    named.find(is_its).map(Format::id)
}

/// A lockfile with what was found beside it.
#[derive(Debug)]
pub struct Files {
    pub lockfile: SourceFile,
    /// By path. A wanted file that does not exist is absent; one that could not be read is in
    /// `unreadable`.
    pub companions: BTreeMap<RelPath, SourceFile>,
    /// Wanted files that are there and could not be read, with the reason.
    pub unreadable: BTreeMap<RelPath, String>,
}

impl Files {
    pub fn new(lockfile: SourceFile) -> Self {
        Files { lockfile, companions: BTreeMap::new(), unreadable: BTreeMap::new() }
    }

    pub fn path(&self) -> &RelPath {
        self.lockfile.path()
    }

    pub fn folder(&self) -> RelPath {
        self.lockfile.path().parent()
    }

    /// The gaps that manifests leave which are there and could not be read.
    pub fn unread_manifests(&self) -> Vec<Gap> {
        self.unreadable.iter().map(|(path, reason)| Gap::of_file(GapKind::UnreadManifest, path, reason.clone())).collect()
    }
}

/// A file that a format would like to see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    File(RelPath),
    /// Every file of the given name in a folder that fits the pattern: `crates/*` below `folder`.
    /// `*` and `?` stay within a segment, `**` does not, `[ab]` and `{a,b}` are understood.
    /// Folders named `node_modules` or `.git` never fit.
    Members {
        folder: RelPath,
        pattern: String,
        file_name: &'static str,
    },
}

/// Reads a lockfile with its companions.
pub fn parse<'a>(format: &dyn Format, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
    // Python with markers in it does not run, and one that only writes them is no conflict.
    let companions = files.companions.values().filter(|file| !file.path().file_name().ends_with(".py"));
    for file in std::iter::once(&files.lockfile).chain(companions) {
        if let Some(line) = conflict_marker(file.text()) {
            return Err(ReadError::new(file.path(), Some(line), ReadErrorKind::Conflict));
        }
    }
    if files.lockfile.text().trim().is_empty() && format.id() != requirements_txt::ID {
        return Err(ReadError::new(files.path(), Some(1), ReadErrorKind::Empty));
    }
    format.parse(files)
}

/// The line of the first merge-conflict marker that git left: seven `<` at the start of a line,
/// closed by seven `>`.
fn conflict_marker(text: &str) -> Option<u32> {
    let starts = |marker: &str, from: usize| -> Option<usize> {
        let finder = memchr::memmem::Finder::new(marker);
        finder.find_iter(&text.as_bytes()[from..]).map(|at| at + from).find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n')
    };
    let open = starts("<<<<<<< ", 0)?;
    starts(">>>>>>> ", open)?;
    Some(crate::model::Lines::new(&text[..open]).line(open))
}
