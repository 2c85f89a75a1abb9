//! The tree of packages: the project, its members, and what lies at each path.

use super::super::json::Text;
use super::super::package_json::PackageJson;
use super::super::{Entry, ReadError, npm};
use super::described::Described;
use super::paths::{Place, Places};
use super::resolution;
use super::{Listed, Reading};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Package, PackageName, PackageSource, RelPath, Scope, Version, range};
use hashbrown::{HashMap, HashSet};
use sha2::{Digest as _, Sha256};
use std::cell::OnceCell;

/// The project or a member of its workspace.
pub struct Member<'t, 'a> {
    pub path: &'t str,
    pub line: u32,
    pub raw: &'t Described<'t>,
    pub package: Package,
    /// The name below which its own packages lie; empty for the project.
    pub name: &'t str,
    pub manifest: Option<&'t PackageJson<'a>>,
}

/// What lies at a place of the tree.
pub struct Placed<'t> {
    /// The place's path.
    pub key: &'t str,
    pub what: What<'t>,
    /// Whether its folder bears the package's own name.
    pub is_by_name: bool,
}

#[derive(Clone, Copy)]
pub enum What<'t> {
    /// A package, by the number of its entry.
    Package { entry: usize, described: &'t Described<'t> },
    /// A member of the workspace, by its number, which is that of its entry.
    Member(usize),
    /// An entry that could not be read. It stays at its place, so that nobody is taken to get what
    /// lies further out.
    Unread,
}

/// The members with the tree of packages.
pub struct Tree<'t, 'a> {
    pub members: Vec<Member<'t, 'a>>,
    pub placed: Vec<Placed<'t>>,
    pub places: Places<'t>,
    /// The registry packages by name, in the file's order; made when a peer asks for one.
    by_name: OnceCell<HashMap<PackageName, Vec<usize>>>,
}

impl What<'_> {
    /// The number of the entry.
    pub fn entry(&self) -> Option<usize> {
        match self {
            What::Package { entry, .. } => Some(*entry),
            What::Member(at) => Some(*at),
            What::Unread => None,
        }
    }
}

impl Member<'_, '_> {
    /// `None` for one outside of the repository.
    pub fn folder(&self) -> Option<&RelPath> {
        match &self.package.source {
            PackageSource::FirstParty { folder } => folder.as_ref(),
            _ => None,
        }
    }
}

impl<'t, 'a> Tree<'t, 'a> {
    pub fn new(members: Vec<Member<'t, 'a>>, placed: Vec<Placed<'t>>, places: Places<'t>) -> Self {
        Tree { by_name: OnceCell::new(), members, placed, places }
    }

    /// Which package meets a peer dependency that has none above it: Bun takes one of the name wherever
    /// it lies, the first that the range allows, else any.
    pub fn peer(&self, entries: &[Entry<'a>], name: &str, spec: &str) -> Option<usize> {
        let of_name = self.by_name.get_or_init(|| by_name(&self.placed, entries)).get(&PackageName::new(Ecosystem::Npm, name).ok()?)?;
        let version = |at: usize| entries[self.placed[at].what.entry()?].package.version.as_ref();
        let fits = |at: &&usize| version(**at).and_then(|it| range::satisfies(Ecosystem::Npm, spec, it)) == Some(true);
        of_name.iter().find(fits).or(of_name.first()).copied()
    }
}

impl<'t, 'a> Reading<'t, 'a> {
    pub fn members(&self) -> Result<Vec<Member<'t, 'a>>, ReadError> {
        let Some(workspaces) = &self.lock.workspaces else {
            return Err(self.malformed(1, "`workspaces` is missing: this is no lockfile of Bun"));
        };
        let mut seen = HashSet::with_capacity(workspaces.0.len());
        let mut members = Vec::with_capacity(workspaces.0.len());
        for (path, raw) in workspaces.iter() {
            let line = self.line(path);
            if let Some(name) = raw.repeated() {
                return Err(self.malformed(self.line(name), format!("{} stands twice in one section", quoted(name))));
            }
            let member = self.member(path, line, raw)?;
            // The project's own name may be a member's as well.
            if !path.is_empty() && !seen.insert(member.name) {
                return Err(self.malformed(line, format!("two members of the workspace are named {}", quoted(member.name))));
            }
            members.push(member);
        }
        if let Some(path) = workspaces.repeated() {
            return Err(self.malformed(self.line(path), format!("the member {} stands twice in `workspaces`", quoted(path))));
        }
        if !members.iter().any(|member| member.path.is_empty()) {
            return Err(self.malformed(1, "`workspaces` has no `\"\"`, which is the project itself"));
        }
        Ok(members)
    }

    fn member(&self, path: &'t Text<'t>, line: u32, raw: &'t Described<'t>) -> Result<Member<'t, 'a>, ReadError> {
        let folder = self.files.folder().join(path).ok();
        let manifest = folder.as_ref().and_then(|folder| self.manifests.get(folder));
        let stated = raw.name().map(|name| &**name).filter(|name| !name.is_empty());
        if stated.is_none() && !path.is_empty() {
            return Err(self.malformed(line, format!("the member {} has no name", quoted(path))));
        }
        let in_manifest = manifest.and_then(PackageJson::name).map(|name| &**name);
        let name = stated.or(in_manifest).unwrap_or(folder.as_ref().map_or("", RelPath::file_name));
        let version = raw.version().or_else(|| manifest.filter(|_| in_manifest == Some(name)).and_then(PackageJson::version));
        let package = Package {
            ecosystem: Ecosystem::Npm,
            name: PackageName::of_root(Ecosystem::Npm, name),
            version: version.and_then(|version| Version::new(version).ok()),
            source: PackageSource::FirstParty { folder },
        };
        Ok(Member { path, line, raw, package, name: if path.is_empty() { "" } else { stated.unwrap_or_default() }, manifest })
    }

    /// The tree: every entry of `packages` that has a place, and the members, which have one even where
    /// `packages` does not list them.
    pub fn places(
        &self,
        members: &[Member<'t, 'a>],
        entries: &mut Vec<Entry<'a>>,
        gaps: &mut Vec<Gap>,
    ) -> Result<(Vec<Placed<'t>>, Places<'t>), ReadError> {
        let mut placing = Placing {
            reading: self,
            members,
            by_path: members.iter().enumerate().map(|(at, member)| (member.path, at)).collect(),
            by_folder: members.iter().enumerate().filter_map(|(at, member)| Some((member.folder()?, at))).collect(),
            root: self.files.folder(),
            memo: npm::Memo::default(),
        };
        let mut by_name: HashMap<&str, usize> = members.iter().enumerate().map(|(at, member)| (member.name, at)).collect();
        by_name.remove("");
        let mut placed = Vec::with_capacity(self.lock.packages.0.len() + members.len());
        let mut places = Vec::with_capacity(placed.capacity());
        for (at, (key, listed)) in self.lock.packages.iter().enumerate() {
            // A key with escapes is none of the text's own, but its entry is.
            let line = key.offset_in(self.text).map_or_else(|| self.line_of(at), |offset| self.lines.line(offset));
            let place = Place::of(key);
            let expected = if by_name.is_empty() { None } else { by_name.remove(&**key) };
            let what = match &place {
                Ok(_) => placing.what(listed, line, expected, entries),
                Err(message) => Err(message.clone()),
            };
            let what = what.unwrap_or_else(|message| {
                gaps.push(Gap::at(GapKind::UnknownRequirement, &self.location(line), unread(key, self.written(at), &message)));
                What::Unread
            });
            let own = what.entry().map(|entry| entries[entry].package.name.as_str());
            let is_by_name = place.as_ref().is_ok_and(|place| own == Some(place.name));
            places.extend(place.ok().map(|place| (place, placed.len())));
            placed.push(Placed { key, what, is_by_name });
        }
        let mut unlisted: Vec<(&str, usize)> = by_name.into_iter().collect();
        unlisted.sort_unstable();
        for (name, at) in unlisted {
            places.extend(Place::of(name).ok().map(|place| (place, placed.len())));
            placed.push(Placed { key: name, what: What::Member(at), is_by_name: false });
        }
        let places = Places::new(&places);
        // Each key has a place of its own, so that only a file with fewer places can repeat one.
        if places.len() < placed.len()
            && let Some(key) = self.lock.packages.repeated()
        {
            return Err(self.malformed(self.line(key), format!("the key {} stands twice in `packages`", quoted(key))));
        }
        Ok((placed, places))
    }
}

/// What it takes to say what an entry of `packages` is.
struct Placing<'p, 't, 'a> {
    reading: &'p Reading<'t, 'a>,
    members: &'p [Member<'t, 'a>],
    /// Numbers of members.
    by_path: HashMap<&'p str, usize>,
    by_folder: HashMap<&'p RelPath, usize>,
    root: RelPath,
    memo: npm::Memo,
}

impl<'t, 'a> Placing<'_, 't, 'a> {
    /// A package is put among the entries, without what it requires. `expected` is the member that has to lie there.
    fn what(
        &mut self,
        listed: &'t Listed<'t>,
        line: u32,
        expected: Option<usize>,
        entries: &mut Vec<Entry<'a>>,
    ) -> Result<What<'t>, String> {
        let items = listed.as_ref().map_err(String::clone)?;
        let found = match resolution::read(items, self.reading.dialect, &self.root, &mut self.memo)? {
            resolution::Entry::Root => self.by_path.get("").copied().ok_or_else(|| String::from("the lockfile has no project"))?,
            resolution::Entry::Member { name, path, described } => self.member(name, path, described)?,
            resolution::Entry::Package(_) if expected.is_some() => return Err(IN_PLACE_OF_A_MEMBER.into()),
            resolution::Entry::Package(mut locked) => {
                // A folder that is a member is that member.
                if let PackageSource::FirstParty { folder: Some(folder) } = &locked.package.source
                    && let Some(&at) = self.by_folder.get(folder)
                {
                    locked.package = self.members[at].package.clone();
                }
                let (artifacts, described) = (locked.artifacts, locked.described);
                let bundled = described.is_bundled();
                entries.push(Entry { artifacts, bundled, ..Entry::new(locked.package, self.reading.location(line)) });
                return Ok(What::Package { entry: entries.len() - 1, described });
            }
        };
        if expected.is_some_and(|expected| expected != found) { Err(IN_PLACE_OF_A_MEMBER.into()) } else { Ok(What::Member(found)) }
    }

    /// The number of a member.
    fn member(&self, name: &str, path: &str, described: Option<&Described<'_>>) -> Result<usize, String> {
        let at = self.by_path.get(path).copied().ok_or_else(|| format!("the workspace has no member {}", quoted(path)))?;
        if self.members[at].name != name {
            return Err(format!("the workspace's member {} is not named {}", quoted(path), quoted(name)));
        }
        if described.is_some_and(|described| !asks_the_same(described, self.members[at].raw)) {
            return Err("it does not ask for what `workspaces` says of the member".into());
        }
        Ok(at)
    }
}

const IN_PLACE_OF_A_MEMBER: &str = "it is another package in place of the workspace's member of this name";

fn by_name(placed: &[Placed<'_>], entries: &[Entry<'_>]) -> HashMap<PackageName, Vec<usize>> {
    let mut by_name: HashMap<PackageName, Vec<usize>> = HashMap::new();
    for (at, placed) in placed.iter().enumerate() {
        if let What::Package { entry, .. } = placed.what {
            by_name.entry(entries[entry].package.name.clone()).or_default().push(at);
        }
    }
    by_name
}

/// What is said of an entry that could not be read: enough of it that another one in its place is told
/// from it, as a gap that was there before is no news.
fn unread(key: &str, raw: &str, message: &str) -> String {
    let sum = Sha256::digest(raw.as_bytes());
    let sum: String = sum.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("the entry {} is not read: {message} (sha256 of the entry: {sum}…)", quoted(key))
}

/// Whether two sections of each kind hold the same.
fn asks_the_same(one: &Described<'_>, other: &Described<'_>) -> bool {
    let sorted = |described: &Described<'_>| {
        let mut asked: Vec<(Scope, String, String)> =
            described.asked.iter().map(|(scope, name, spec)| (*scope, name.to_string(), spec.to_string())).collect();
        asked.sort();
        asked
    };
    sorted(one) == sorted(other)
}
