//! yarn.lock version 1, as Yarn 1 ("classic") writes it, with the package.json files of the project
//! and its workspaces.
//!
//! Each entry says which `name@range` it meets, so that an edge is an exact text and never a guess.
//! The file knows neither the project nor its workspaces: roots, directness and scopes come from the
//! manifests, and without them nothing is said of those. Peer dependencies are in neither. Yarn 2 and
//! later write another form under the same name, which `is_form_of` tells apart.

mod keys;
mod project;
mod syntax;

use super::{Capabilities, Disagreement, Entry, Files, Format, FormatId, Key, Parsed, ReadError, Requires, ScopeId, Told, Want, npm};
use crate::model::digest::{Algorithm, Digest};
use crate::model::text::quoted;
use crate::model::{Address, Ecosystem, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope, SourceFile, Version};
use crate::read::package_json::PackageJson;
use hashbrown::HashMap;
use keys::Keys;
use project::Project;
use std::borrow::Cow;
use syntax::Locked;

pub struct YarnClassic;

const LOCKFILE: &str = "yarn.lock";

/// What stands for the registry of packages that lie in a folder of the project (`yarn-offline-mirror`):
/// from which registry it was filled is not told, and who changes the folder changes what is installed.
const MIRROR: &str = "yarn-offline-mirror";

impl Format for YarnClassic {
    fn id(&self) -> FormatId {
        "yarn-classic"
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

    /// Without the `__metadata` of later Yarns, by which those themselves know their own files. Of any
    /// text one of the two forms says yes.
    fn is_form_of(&self, file: &SourceFile) -> bool {
        !super::yarn_berry::has_metadata(file.text())
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[super::package_lock::MANIFEST])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        project::wanted(files)
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("yarn.lock holds the optional packages of every platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let locked = syntax::parse(&files.lockfile)?;
        let project = Project::read(files);
        let keys = Keys::new(files, &locked, &project)?;
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Npm),
            dialect: "v1",
            knows: self.knows(),
            scopes: Vec::new(),
            entries: Vec::with_capacity(locked.len() + project.members.len() + 1),
            gaps: project.gaps.clone(),
            disagreements: project.disagreements(),
            flaws: None,
        };
        let folders = first_party(files, &project, &keys, &mut parsed);
        read_packages(files, &locked, &keys, &folders, &mut parsed)?;
        if parsed.gaps.iter().any(|gap| matches!(gap.kind, GapKind::MissingCompanion | GapKind::UnreadManifest)) {
            say_what_is_not_known(&mut parsed);
        } else if !locked.iter().any(says_nothing_of_its_dependencies) {
            let left = unasked(&parsed).into_iter().filter(|(_, alone)| *alone).map(|(index, _)| &parsed.entries[index]);
            let left = left.filter(|entry| !entry.package.is_first_party()).map(not_asked_for);
            parsed.disagreements.extend(left.collect::<Vec<_>>());
        }
        Ok(parsed)
    }
}

/// The project first, then its workspaces: each is a root. Returns their indices by folder.
fn first_party<'a>(files: &'a Files, project: &Project<'a>, keys: &Keys<'_, 'a>, parsed: &mut Parsed<'a>) -> HashMap<RelPath, usize> {
    let mut folders = HashMap::from([(files.folder(), 0)]);
    let (package, location) = project.package(files);
    let requires = project.root.as_ref().map(|manifest| asked_by(manifest, &files.folder(), keys, &mut parsed.disagreements));
    parsed.entries.push(Entry { root: true, requires: requires.unwrap_or_default(), ..Entry::new(package, location) });
    for member in &project.members {
        let (package, location) = member.package();
        let requires = asked_by(&member.manifest, &member.folder, keys, &mut parsed.disagreements);
        let provides = vec![(ScopeId::OUTERMOST, Cow::Owned(member.key()))];
        folders.insert(member.folder.clone(), parsed.entries.len());
        parsed.entries.push(Entry { root: true, provides, requires, ..Entry::new(package, location) });
    }
    folders
}

/// What a manifest asks for. What the lockfile does not hold is a disagreement.
fn asked_by<'a>(manifest: &PackageJson<'a>, folder: &RelPath, keys: &Keys<'_, 'a>, out: &mut Vec<Disagreement>) -> Vec<Requires<'a>> {
    let mut required = Vec::new();
    for declared in manifest.declared().into_iter().filter(|declared| declared.scope != Scope::Peer) {
        let key = keys.of_manifest(folder, declared.name, declared.spec);
        if key.is_none() && declared.scope != Scope::Optional {
            let wanted = quoted(&format!("{} {}", &**declared.name, &**declared.spec));
            let message = format!("{wanted} is asked for here, and the lockfile does not hold it");
            out.push(Disagreement { location: manifest.location(declared.line), message });
        }
        required.push(Requires {
            declared: Some(manifest.location(declared.line)),
            may_be_absent: true,
            ..requirement(keys, key, &declared.name.0, &declared.spec.0, declared.scope)
        });
    }
    required
}

/// A requirement that `key` meets; the bare name stands where nothing does. The name is an alias
/// where the range says so, and where a resolution or Yarn itself put another package in its place.
fn requirement<'a>(keys: &Keys<'_, 'a>, key: Option<Key<'a>>, name: &Cow<'a, str>, range: &Cow<'a, str>, scope: Scope) -> Requires<'a> {
    let real = key.as_ref().and_then(|key| keys.real_name(key));
    let alias = real.map_or_else(|| npm::alias(range).is_some(), |real| real != name).then(|| name.clone());
    Requires { requirement: Some(range.clone()), alias, ..Requires::new(key.unwrap_or_else(|| name.clone()), scope) }
}

fn read_packages<'a>(
    files: &Files,
    locked: &[Locked<'a>],
    keys: &Keys<'_, 'a>,
    folders: &HashMap<RelPath, usize>,
    parsed: &mut Parsed<'a>,
) -> Result<(), ReadError> {
    let mut memo = npm::Memo::default();
    for one in locked {
        let provides = one.patterns.iter().map(|pattern| (ScopeId::OUTERMOST, pattern.clone()));
        let mut entry = read_entry(files, one, &mut memo)?;
        // A link to the project or to a workspace means that one.
        if let PackageSource::FirstParty { folder: Some(folder) } = &entry.package.source
            && let Some(&index) = folders.get(folder)
        {
            parsed.entries[index].provides.extend(provides);
            continue;
        }
        let (known_as, _) = keys::parts(&one.patterns[0]);
        entry.provides = provides.collect();
        let required = one.dependencies.iter().map(|asked| Requires {
            may_be_absent: asked.scope == Scope::Optional,
            declared: Some(Location::new(files.path(), asked.line)),
            ..requirement(keys, keys.of_package(known_as, &asked.name, &asked.range), &asked.name, &asked.range, asked.scope)
        });
        entry.requires = required.collect();
        parsed.entries.push(entry);
    }
    Ok(())
}

fn read_entry<'a>(files: &Files, locked: &Locked<'a>, memo: &mut npm::Memo) -> Result<Entry<'a>, ReadError> {
    let malformed = |line: u32, message: String| ReadError::malformed(files.path(), line, message);
    let name = keys::real_name(locked).map_err(|message| malformed(locked.line, message))?;
    let name = PackageName::new(Ecosystem::Npm, name).map_err(|error| malformed(locked.line, error.to_string()))?;
    let version = locked.version.as_ref().filter(|version| !version.text.is_empty());
    let version = version.map(|version| Version::new(&version.text).map_err(|error| malformed(version.line, error.to_string())));
    let mut digests = match &locked.integrity {
        Some(integrity) => npm::integrity(&integrity.text).map_err(|message| malformed(integrity.line, message))?,
        None => Vec::new(),
    };
    let (source, file) = source(files, locked, name.as_str(), memo);
    if let (Some(resolved), Some((_, fragment))) = (&locked.resolved, file) {
        digests.extend(sha1(fragment).map_err(|message| malformed(resolved.line, message))?);
        digests.sort();
        digests.dedup();
    }
    let package = Package { ecosystem: Ecosystem::Npm, name, version: version.transpose()?, source };
    let artifacts = npm::artifact(file.map(|(url, _)| url), digests);
    Ok(Entry { artifacts, ..Entry::new(package, Location::new(files.path(), locked.line)) })
}

/// Where the package comes from; for a file also its address and the fragment after it.
fn source<'l>(files: &Files, locked: &'l Locked<'_>, name: &str, memo: &mut npm::Memo) -> (PackageSource, Option<(&'l str, &'l str)>) {
    let ranges = || locked.patterns.iter().map(|pattern| keys::parts(pattern).1);
    let by_address = ranges().find(|range| !range.is_empty() && !npm::asks_registry(range));
    let Some(resolved) = locked.resolved.as_ref().map(|resolved| &*resolved.text).filter(|text| !text.is_empty()) else {
        return (by_address.map_or_else(PackageSource::default_registry, |range| unresolved(files, range, name, memo)), None);
    };
    let (url, fragment) = resolved.split_once('#').unwrap_or((resolved, ""));
    if let Some(git) = git(resolved, url) {
        return (git, None);
    }
    let source = match npm::hosted_archive(url) {
        Some(git) => git,
        None if by_address.is_none() && is_file_of_mirror(url, name, locked) => {
            PackageSource::Registry { index: Some(Address::new(MIRROR)) }
        }
        None => memo.source(Some(url), name, locked.version.as_ref().map(|version| &*version.text), by_address.is_some()),
    };
    (source, Some((url, fragment)))
}

/// Whether a file name alone is the one under which Yarn keeps the package in its offline mirror:
/// `NAME-VERSION.tgz`, `@SCOPE-NAME-VERSION.tgz`. Yarn installs the file whatever it is called.
fn is_file_of_mirror(file: &str, name: &str, locked: &Locked<'_>) -> bool {
    let version = locked.version.as_ref().map_or("", |version| &*version.text);
    file == format!("{}-{version}.tgz", name.replace('/', "-"))
}

/// What was asked for by an address and not resolved to one: folders, and what Yarn never writes so.
fn unresolved(files: &Files, range: &str, name: &str, memo: &mut npm::Memo) -> PackageSource {
    if npm::is_local(range) && !npm::is_tarball(range) {
        return PackageSource::FirstParty { folder: keys::local_path(range, &files.folder()) };
    }
    if range.starts_with("http://") || range.starts_with("https://") {
        return PackageSource::Archive { url: Address::new(range.split('#').next().unwrap_or(range)) };
    }
    memo.source(Some(range), name, None, true)
}

/// Yarn writes a git address as it was asked for: plain https addresses are git's when they end in
/// `.git`, or lead to a repository of a known host (`GitResolver.isVersion`).
fn git(resolved: &str, url: &str) -> Option<PackageSource> {
    if resolved.starts_with("file:") || npm::is_tarball(url) {
        return None;
    }
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return npm::git(resolved);
    };
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
    let host = segments.next().and_then(|authority| authority.rsplit('@').next());
    let is_host = host.is_some_and(|host| ["github.com", "gitlab.com", "bitbucket.com", "bitbucket.org"].contains(&host));
    let is_git = url.ends_with(".git") || is_host && segments.count() == 2;
    is_git.then(|| npm::git(&format!("git+{resolved}"))).flatten()
}

/// The digest after the address's `#`, which was the only one before Yarn 1.10.
fn sha1(fragment: &str) -> Result<Option<Digest>, String> {
    if fragment.is_empty() {
        return Ok(None);
    }
    let wrong = |error| format!("{} after the address is not SHA-1: {error}", quoted(fragment));
    Digest::from_hex(Algorithm::Sha1, fragment).map(Some).map_err(wrong)
}

/// Without every manifest it is not known who asks first. What nobody else asks for hangs from the
/// project, so that each package has a road.
fn say_what_is_not_known(parsed: &mut Parsed<'_>) {
    let reason = "a package.json is missing or cannot be read";
    parsed.knows.directness = Told::No(reason);
    parsed.knows.scopes = Told::No(reason);
    let hung: Vec<Requires<'_>> = unasked(parsed)
        .into_iter()
        .filter_map(|(index, _)| parsed.entries[index].provides.first())
        .map(|(_, pattern)| Requires::new(pattern.clone(), Scope::Runtime))
        .collect();
    if let Some(project) = parsed.entries.first_mut() {
        project.requires.extend(hung);
    }
}

/// Entries that no road from a root leads to, with whether nobody at all asks for them. Of what
/// asks for each other in a circle the first is named.
fn unasked(parsed: &Parsed<'_>) -> Vec<(usize, bool)> {
    let entries = &parsed.entries;
    let provided = entries.iter().enumerate().flat_map(|(index, entry)| entry.provides.iter().map(move |(_, key)| (&**key, index)));
    let by_key: HashMap<&str, usize> = provided.collect();
    let targets = |index: usize| entries[index].requires.iter().filter_map(|requires| by_key.get(&*requires.key).copied());
    let mut asked = vec![false; entries.len()];
    for index in 0..entries.len() {
        targets(index).filter(|&target| target != index).for_each(|target| asked[target] = true);
    }
    let mut reached = vec![false; entries.len()];
    let spread = |start: usize, reached: &mut Vec<bool>| {
        let mut waiting = vec![start];
        while let Some(index) = waiting.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                waiting.extend(targets(index));
            }
        }
    };
    (0..entries.len()).filter(|&index| entries[index].root).for_each(|root| spread(root, &mut reached));
    let mut found = Vec::new();
    for alone in [true, false] {
        for index in 0..entries.len() {
            if !reached[index] && asked[index] != alone {
                spread(index, &mut reached);
                found.push((index, alone));
            }
        }
    }
    found
}

/// Yarn locks what a linked folder needs, and does not always write that into the folder's entry.
fn says_nothing_of_its_dependencies(locked: &Locked<'_>) -> bool {
    locked.dependencies.is_empty() && locked.patterns.iter().any(|pattern| keys::parts(pattern).1.starts_with("link:"))
}

fn not_asked_for(entry: &Entry<'_>) -> Disagreement {
    let label = quoted(&entry.package.label());
    Disagreement { location: entry.location.clone(), message: format!("{label} is locked, and nothing asks for it") }
}
