//! bun.lock, versions 0 to 3: Bun's lockfile as JSON with comments and trailing commas.
//!
//! `workspaces` repeats what the manifests ask for, and `packages` is a picture of a `node_modules`
//! tree: the path of each entry says where it lies, and what it requires is found as Node.js finds it,
//! in its own folder, then in those around it. Bun refuses a file with an entry that it cannot read;
//! here such an entry is a gap of its own, on which no verdict stands, and the others are read.

mod described;
mod manifest;
mod paths;
mod plain;
mod project;
mod resolution;
mod tree;

use super::json::{self, Ignored, Lenient, Pairs, Text};
use super::package_json::{Manifests, PackageJson, manifests};
use super::package_lock::{self, MANIFEST};
use super::{Capabilities, Entry, Files, Format, FormatId, Parsed, ReadError, ReadErrorKind, Requires, ScopeId, Told, Want, jsonc};
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Ecosystem, Gap, GapKind, Lines, Location, RelPath, Scope, SourceFile};
use described::Described;
use hashbrown::{HashMap, HashSet};
use resolution::Items;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use tree::{Member, Tree, What};

pub struct BunLock;

pub(super) const LOCKFILE: &str = "bun.lock";
/// The form that Bun wrote before, which is not read.
pub(super) const BINARY: &str = "bun.lockb";

impl Format for BunLock {
    fn id(&self) -> FormatId {
        "bun-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Npm)
    }

    fn names(&self) -> &[&str] {
        &[LOCKFILE]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == LOCKFILE
    }

    /// The manifests of the project and of its members.
    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[MANIFEST])
    }

    /// A patch is any file.
    fn names_files(&self) -> bool {
        true
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        let root = files.folder();
        // All but the members that the project's manifest names is wanted at the first call.
        if !files.companions.is_empty() || !files.unreadable.is_empty() {
            let manifest = root.join(MANIFEST).ok().and_then(|path| files.companions.get(&path));
            let mut wanted = manifest.map(|file| package_lock::members_wanted(file, &root)).unwrap_or_default();
            let manifest = manifest.and_then(|file| PackageJson::parse(file).ok());
            wanted.extend(
                manifest.iter().flat_map(|manifest| manifest.patched()).filter_map(|(_, file)| root.join(file).ok()).map(Want::File),
            );
            return wanted;
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members<'t> {
            #[serde(borrow, default)]
            workspaces: Pairs<'t, Ignored>,
            #[serde(borrow, default)]
            patched_dependencies: Pairs<'t, Text<'t>>,
        }
        let Ok(text) = jsonc::plain(&files.lockfile) else { return Vec::new() };
        let Ok(lock) = json::parse_text::<Members<'_>>(&files.lockfile, &text) else { return Vec::new() };
        let folders = std::iter::once("").chain(lock.workspaces.iter().map(|(path, _)| &**path).filter(|path| !path.is_empty()));
        let manifests = folders.filter_map(|folder| root.join(folder).ok()?.join(MANIFEST).ok());
        let patches = lock.patched_dependencies.iter().filter_map(|(_, file)| root.join(file).ok());
        manifests.chain(patches).map(Want::File).collect()
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("bun.lock holds the optional packages of every platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let rewritten;
        let (text, lock) = match plain::parse(files.lockfile.text()) {
            Some(lock) => (files.lockfile.text(), lock),
            None => {
                rewritten = jsonc::plain(&files.lockfile)?;
                (&*rewritten, Lock::parse(&files.lockfile, &rewritten)?)
            }
        };
        let dialect = Dialect::of(&lock, files, text)?;
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Npm),
            dialect: dialect.name(),
            knows: self.knows(),
            scopes: Vec::new(),
            entries: Vec::new(),
            gaps: files.unread_manifests(),
            disagreements: Vec::new(),
            flaws: None,
        };
        let manifests = manifests(files, &mut parsed.gaps);
        let lines = Lines::new(text);
        let reading = Reading { files, text, lines, lock: &lock, dialect, manifests: &manifests, written: OnceCell::new() };
        reading.read(&mut parsed)?;
        Ok(parsed)
    }
}

/// The file's outermost object, as far as it says what gets installed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a lockfile")]
struct Lock<'t, P = Listed<'t>> {
    #[serde(borrow)]
    lockfile_version: Option<&'t RawValue>,
    #[serde(borrow)]
    workspaces: Option<Pairs<'t, Described<'t>>>,
    #[serde(borrow, default)]
    overrides: Pairs<'t, Lenient<'t>>,
    #[serde(borrow, default)]
    catalog: Pairs<'t, Text<'t>>,
    #[serde(borrow, default)]
    catalogs: Pairs<'t, Pairs<'t, Text<'t>>>,
    #[serde(borrow, default = "Pairs::default", bound = "P: Deserialize<'de>")]
    packages: Pairs<'t, P>,
    #[serde(borrow, default)]
    trusted_dependencies: Vec<Text<'t>>,
    #[serde(borrow, default)]
    patched_dependencies: Pairs<'t, Text<'t>>,
}

impl<P> Default for Lock<'_, P> {
    fn default() -> Self {
        Lock {
            lockfile_version: None,
            workspaces: None,
            overrides: Pairs::default(),
            catalog: Pairs::default(),
            catalogs: Pairs::default(),
            packages: Pairs::default(),
            trusted_dependencies: Vec::new(),
            patched_dependencies: Pairs::default(),
        }
    }
}

/// An entry of `packages` with its items, or why they cannot be read.
type Listed<'t> = Result<Items<'t>, String>;

/// The texts of the entries.
#[derive(Deserialize)]
struct Written<'t> {
    #[serde(borrow, default)]
    packages: Pairs<'t, &'t RawValue>,
}

impl<'t> Lock<'t> {
    /// Each entry by itself, so that one that cannot be read is told and the others are read.
    fn parse(file: &SourceFile, text: &'t str) -> Result<Self, ReadError> {
        let lock: Lock<'t, &'t RawValue> = json::parse_text(file, text)?;
        let read = |raw: &'t RawValue| serde_json::from_str(raw.get()).map_err(|error| json::without_place(&error));
        Ok(Lock {
            packages: Pairs(lock.packages.0.into_iter().map(|(key, entry)| (key, read(entry))).collect()),
            lockfile_version: lock.lockfile_version,
            workspaces: lock.workspaces,
            overrides: lock.overrides,
            catalog: lock.catalog,
            catalogs: lock.catalogs,
            trusted_dependencies: lock.trusted_dependencies,
            patched_dependencies: lock.patched_dependencies,
        })
    }
}

/// The format's version. 1 no longer repeats what members ask for, 2 lets Bun check more when it reads,
/// 3 has overrides that hold for some dependants alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    V0,
    V1,
    V2,
    V3,
}

impl Dialect {
    fn of(lock: &Lock<'_>, files: &Files, text: &str) -> Result<Self, ReadError> {
        match lock.lockfile_version.map(RawValue::get) {
            None => Err(ReadError::malformed(files.path(), 1, "`lockfileVersion` is missing: this is no lockfile of Bun")),
            Some("0") => Ok(Dialect::V0),
            Some("1") => Ok(Dialect::V1),
            Some("2") => Ok(Dialect::V2),
            Some("3") => Ok(Dialect::V3),
            Some(other) => {
                let line = Lines::new(text).line(other.as_ptr() as usize - text.as_ptr() as usize);
                let kind = ReadErrorKind::UnknownVersion { found: visible(&shortened(other, 40)).into_owned(), known: "0 to 3" };
                Err(ReadError::new(files.path(), Some(line), kind))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Dialect::V0 => "v0",
            Dialect::V1 => "v1",
            Dialect::V2 => "v2",
            Dialect::V3 => "v3",
        }
    }
}

/// One lockfile. `text` is its own, perhaps with blanks for comments and such, and the wire structs borrow
/// from it; what is handed on is borrowed from the file itself.
struct Reading<'t, 'a> {
    files: &'a Files,
    text: &'t str,
    lines: Lines<'t>,
    lock: &'t Lock<'t>,
    dialect: Dialect,
    manifests: &'t Manifests<'a>,
    /// The texts of the entries of `packages`, in their order; read where something is told of one.
    written: OnceCell<(String, Vec<Range<usize>>)>,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn read(&self, parsed: &mut Parsed<'a>) -> Result<(), ReadError> {
        let catalogs = self.lock.catalogs.iter().map(|(_, catalog)| catalog.repeated());
        let settings = catalogs.chain([self.lock.catalog.repeated(), self.lock.catalogs.repeated(), self.lock.overrides.repeated()]);
        if let Some(name) = settings.flatten().next() {
            return Err(self.malformed(self.line(name), format!("{} stands twice", quoted(name))));
        }
        let members = self.members()?;
        parsed.entries.reserve(members.len() + self.lock.packages.0.len());
        parsed.entries.extend(members.iter().map(|member| Entry::new(member.package.clone(), self.location(member.line))));
        let (placed, places) = self.places(&members, &mut parsed.entries, &mut parsed.gaps)?;
        let tree = Tree::new(members, placed, places);
        self.check_manifests(&tree.members, &mut parsed.gaps);
        for (at, member) in tree.members.iter().enumerate() {
            let requires = self.asked_by_member(&tree, &parsed.entries, member);
            let entry = &mut parsed.entries[at];
            entry.root = true;
            entry.requires = requires;
        }
        for placed in &tree.placed {
            if let What::Package { entry, described } = placed.what {
                parsed.entries[entry].requires = self.asked_by_package(&tree, &parsed.entries, placed.key, described);
            }
        }
        project::apply(self, parsed)?;
        manifest::compare(self, &tree, &parsed.entries, &mut parsed.disagreements);
        Ok(())
    }

    /// The text of an entry of `packages` without comments and such.
    fn written(&self, at: usize) -> &str {
        let (text, places) = self.written.get_or_init(|| {
            let text = jsonc::plain(&self.files.lockfile).unwrap_or_default();
            let place = |raw: &str| {
                let start = raw.as_ptr() as usize - text.as_ptr() as usize;
                start..start + raw.len()
            };
            let written = serde_json::from_str::<Written<'_>>(&text);
            let places = written.map(|written| written.packages.0.into_iter().map(|(_, raw)| place(raw.get())).collect());
            let places = places.unwrap_or_default();
            (text, places)
        });
        places.get(at).map_or("", |place| &text[place.clone()])
    }

    fn line(&self, text: &Text<'t>) -> u32 {
        text.line(self.text, &self.lines, 1)
    }

    /// The line of an entry of `packages`.
    fn line_of(&self, at: usize) -> u32 {
        self.written(at);
        let place = self.written.get().and_then(|(_, places)| places.get(at));
        self.lines.line(place.map_or(0, |place| place.start))
    }

    fn own(&self, text: &Text<'t>) -> Cow<'a, str> {
        text.in_original(self.text, self.files.lockfile.text())
    }

    fn location(&self, line: u32) -> Location {
        Location::new(self.files.path(), line)
    }

    fn malformed(&self, line: u32, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.files.path(), line, message)
    }

    /// One that is there and cannot be read has its gap already.
    fn check_manifests(&self, members: &[Member<'t, 'a>], gaps: &mut Vec<Gap>) {
        let unread: HashSet<RelPath> = gaps.iter().filter(|gap| gap.kind == GapKind::UnreadManifest).map(|gap| gap.file.parent()).collect();
        for member in members.iter().filter(|member| member.manifest.is_none()) {
            let Some(folder) = member.folder().filter(|folder| !unread.contains(*folder)) else { continue };
            let message = format!("no package.json was found in the folder {}", quoted(&folder.to_string()));
            gaps.push(Gap::at(GapKind::MissingCompanion, &self.location(member.line), message));
        }
    }

    /// What the project or a member asks for, where its manifest says it.
    fn asked_by_member(&self, tree: &Tree<'t, 'a>, entries: &[Entry<'a>], member: &Member<'t, 'a>) -> Vec<Requires<'a>> {
        let lines: HashMap<(Scope, &str), u32> = member
            .manifest
            .map(|manifest| manifest.declared().iter().map(|one| ((one.scope, &**one.name), one.line)).collect())
            .unwrap_or_default();
        let from = tree.places.nearest(member.name);
        let asked = member.raw.asked.iter().map(|(scope, name, spec)| Requires {
            declared: Some(match (member.manifest, lines.get(&(*scope, &**name))) {
                (Some(manifest), Some(&line)) => manifest.location(line),
                _ => self.location(self.line(name)),
            }),
            ..self.requires(tree, entries, from, *scope, name, spec)
        });
        asked.collect()
    }

    fn asked_by_package(&self, tree: &Tree<'t, 'a>, entries: &[Entry<'a>], path: &str, described: &Described<'t>) -> Vec<Requires<'a>> {
        let from = tree.places.nearest(path);
        described.asked.iter().map(|(scope, name, spec)| self.requires(tree, entries, from, *scope, name, spec)).collect()
    }

    /// A requirement of a package that looks first in the folder `from`.
    fn requires(
        &self,
        tree: &Tree<'t, 'a>,
        entries: &[Entry<'a>],
        from: ScopeId,
        scope: Scope,
        name: &Text<'t>,
        spec: &Text<'t>,
    ) -> Requires<'a> {
        let found = tree.places.find_from(from, name).or_else(|| if scope == Scope::Peer { tree.peer(entries, name, spec) } else { None });
        let requirement = Some(self.own(spec));
        let Some(placed) = found.map(|at| &tree.placed[at]) else {
            let may_be_absent = matches!(scope, Scope::Peer | Scope::Optional);
            return Requires { requirement, may_be_absent, ..Requires::new(self.own(name), scope) };
        };
        let Some(entry) = placed.what.entry() else {
            // No path holds a colon, so that nothing meets it.
            return Requires { requirement, ..Requires::new(format!("{} (unread: {})", &**name, placed.key), scope) };
        };
        // What is asked for lies in a folder of this name, or is a peer of this name in any folder. Entries are large: none is
        // looked at without need.
        let is_alias = !placed.is_by_name && entries[entry].package.name.as_str() != &**name;
        let alias = is_alias.then(|| self.own(name));
        Requires { requirement, alias, met_by: Some(entry), ..Requires::new(self.own(name), scope) }
    }
}
