//! From what was read to entries of the graph: who asks for what, and what stays unknown.

use super::keys::{Asker, Keys};
use super::locator::{quoted, shown};
use super::lock::Locked;
use super::project::{self, Project};
use super::settings::Settings;
use super::source::{PatchFile, Resolved};
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageSource, Patch, RelPath, Scope, range};
use crate::read::npm_patches::digest;
use crate::read::package_lock::MANIFEST;
use crate::read::{Disagreement, Entry, Files, Key, Parsed, Rare, RareFields, Requires, ScopeId, Told};
use hashbrown::HashSet;
use std::borrow::Cow;

/// All that was read, to make entries of.
pub struct Reading<'r, 'd, 'a> {
    pub files: &'a Files,
    pub settings: &'r Settings,
    pub project: &'r Project<'a>,
    pub keys: &'r Keys<'r>,
    pub locked: &'r [Locked<'d, 'a>],
    pub resolved: &'r [Resolved],
    /// What each entry is.
    pub packages: &'r [Package],
}

impl<'a> Reading<'_, '_, 'a> {
    pub fn add_entries(&self, parsed: &mut Parsed<'a>) {
        for (at, (entry, resolved)) in self.locked.iter().zip(self.resolved).enumerate() {
            let mut out = Entry::new(self.packages[at].clone(), Location::new(self.files.path(), entry.key.line));
            out.provides.push((ScopeId::OUTERMOST, entry.resolution.text.clone()));
            if resolved.is_workspace {
                out.root = true;
                self.add_workspace(entry, resolved, &mut out, parsed);
            } else {
                self.add_package(entry, resolved, &mut out, parsed);
            }
            parsed.entries.push(out);
        }
    }

    fn add_package(&self, entry: &Locked<'_, 'a>, resolved: &Resolved, out: &mut Entry<'a>, parsed: &mut Parsed<'a>) {
        let asker = self.keys.asker(&entry.resolution.text);
        for (name, range) in entry.asked() {
            let scope = if entry.optional.contains(&*name.text) { Scope::Optional } else { Scope::Runtime };
            let declared = Some(Location::new(self.files.path(), name.line));
            out.requires.push(Requires { declared, ..self.requires(asker, &name.text, &range.text, scope) });
        }
        self.extend(entry, resolved, out, &mut parsed.disagreements);
        let patches = self.patches(&resolved.patches, &out.location, &mut parsed.gaps);
        // What Yarn patches is made of another entry, which has its own checksum.
        let is_patched = entry.resolution.text.contains("@patch:");
        let checksum = entry.checksum.clone().filter(|_| !is_patched && !out.package.is_first_party());
        out.rare = Rare::of(RareFields { patches, checksums: checksum.into_iter().collect(), ..RareFields::default() });
        parsed.disagreements.extend(project::misled(entry, resolved, self.files.path()));
        if resolved.is_unknown {
            let message = format!("the resolution {} is of a protocol that is not known", quoted(&entry.resolution.text));
            parsed.gaps.push(Gap::at(GapKind::UnknownRequirement, &out.location, message));
        }
    }

    /// What `packageExtensions` add to what a package asks for itself.
    fn extend(&self, entry: &Locked<'_, 'a>, resolved: &Resolved, out: &mut Entry<'a>, disagreements: &mut Vec<Disagreement>) {
        let extensions = self.settings.extensions(&resolved.name);
        let Some(version) = out.package.version.clone().filter(|_| !extensions.is_empty()) else { return };
        let asker = self.keys.asker(&entry.resolution.text);
        let mut asked: HashSet<&str> = entry.asked().map(|(name, _)| &*name.text).collect();
        for extension in extensions {
            let fits = extension.range == "*" || range::satisfies(Ecosystem::Npm, &extension.range, &version) == Some(true);
            for (name, range) in extension.dependencies.iter().filter(|(name, _)| fits && asked.insert(name)) {
                if !self.is_held(asker, name, range) && project::is_plain(self.keys, range) {
                    let (label, wanted) = (quoted(&out.package.label()), quoted(&format!("{name} {range}")));
                    let message = format!("{label} is made to ask for {wanted} here, which the lockfile does not hold");
                    disagreements.push(Disagreement { location: extension.place.clone(), message });
                }
                let (name, range) = (Cow::Owned(name.clone()), Cow::Owned(range.clone()));
                out.requires.push(Requires { may_be_absent: true, ..self.requires(asker, &name, &range, Scope::Runtime) });
            }
        }
    }

    fn patches(&self, patches: &[PatchFile], place: &Location, gaps: &mut Vec<Gap>) -> Vec<Patch> {
        let read = |patch: &PatchFile| {
            let file = patch.path.as_ref().and_then(|path| self.files.companions.get(path));
            let unreadable = patch.path.as_ref().is_some_and(|path| self.files.unreadable.contains_key(path));
            if file.is_none() && !unreadable && patch.only_if_there {
                return None;
            }
            if file.is_none() && !unreadable {
                let message = format!("the patch {} was not found in the repository", quoted(&patch.written));
                gaps.push(Gap::at(GapKind::MissingCompanion, place, message));
            }
            Some(Patch { file: patch.written.as_str().into(), digest: file.map(digest) })
        };
        patches.iter().filter_map(read).collect()
    }

    fn add_workspace(&self, entry: &Locked<'_, 'a>, resolved: &Resolved, out: &mut Entry<'a>, parsed: &mut Parsed<'a>) {
        let folder = match &resolved.source {
            PackageSource::FirstParty { folder } => folder.as_ref(),
            _ => None,
        };
        let manifest = folder.and_then(|folder| self.project.manifests.get(folder));
        let asked = manifest.map(project::asked_by).unwrap_or_default();
        if let Some(manifest) = manifest {
            parsed.disagreements.extend(project::differences(manifest, entry, &resolved.name, self.settings, self.files.path()));
        }
        let asker = self.keys.asker(&entry.resolution.text);
        for (name, range) in entry.asked() {
            let declared = asked.get(&*name.text);
            let scope = match declared.map_or(Scope::Runtime, |declared| declared.scope) {
                Scope::Runtime if entry.optional.contains(&*name.text) => Scope::Optional,
                scope => scope,
            };
            let mut requires = self.requires(asker, &name.text, &range.text, scope);
            requires.declared = Some(Location::new(self.files.path(), name.line));
            if let (Some(declared), Some(manifest)) = (declared, manifest) {
                requires.declared = Some(manifest.location(declared.line));
                requires.requirement = Some(shown(&declared.spec.0));
                if !self.is_held(asker, &name.text, &range.text) && project::is_plain(self.keys, &range.text) {
                    parsed.disagreements.push(project::not_held(declared, manifest));
                    requires.may_be_absent = true;
                }
            }
            out.requires.push(requires);
        }
    }

    fn is_held(&self, asker: Asker<'_>, name: &str, range: &str) -> bool {
        self.keys.find(asker, name, range).is_some()
    }

    /// A requirement of an entry; the bare name stands where nothing meets it.
    fn requires(&self, asker: Asker<'_>, name: &Key<'a>, range: &Key<'a>, scope: Scope) -> Requires<'a> {
        let Some(at) = self.keys.find(asker, name, range) else {
            let absent = scope == Scope::Optional;
            return Requires { requirement: Some(shown(range)), may_be_absent: absent, ..Requires::new(name.clone(), scope) };
        };
        let target = &self.locked[at];
        Requires {
            requirement: Some(shown(range)),
            alias: (self.packages[at].name.as_str() != &**name).then(|| name.clone()),
            condition: target.conditions.map(|conditions| conditions.text.clone()),
            ..Requires::new(target.resolution.text.clone(), scope)
        }
    }

    pub fn say_what_is_not_known(&self, parsed: &mut Parsed<'a>) {
        let folder_of = |one: &Resolved| match &one.source {
            PackageSource::FirstParty { folder } => folder.clone(),
            _ => None,
        };
        let entries = self.locked.iter().zip(self.resolved);
        let workspaces: Vec<(Option<RelPath>, Location)> = entries
            .filter(|(_, one)| one.is_workspace)
            .map(|(entry, one)| (folder_of(one), Location::new(self.files.path(), entry.key.line)))
            .collect();
        let known: HashSet<RelPath> = self.resolved.iter().filter_map(folder_of).collect();
        let missing = self.project.missing(&workspaces);
        let is_manifest = |gap: &&Gap| gap.file.file_name() == MANIFEST;
        if !missing.is_empty() || self.project.gaps.iter().any(|gap| is_manifest(&gap)) {
            parsed.knows.scopes = Told::No("a package.json is missing or cannot be read");
        }
        parsed.gaps.extend(missing);
        if let Some((place, name)) = &self.settings.other_lockfile {
            let message = format!("Yarn is told to read another lockfile, {}", quoted(name));
            parsed.gaps.push(Gap::at(GapKind::UnknownRequirement, place, message));
        }
        parsed.disagreements.extend(self.project.not_locked(&self.files.folder(), &known));
        if workspaces.is_empty() {
            let reason = "the lockfile has no entry of the project";
            parsed.knows.directness = Told::No(reason);
            parsed.knows.scopes = Told::No(reason);
            parsed.gaps.push(Gap::of_file(
                GapKind::MissingCompanion,
                self.files.path(),
                "the lockfile has no entry of the project, and does not say what it asks for",
            ));
        }
    }
}
