//! An entry of `packages`: a list of which the first text, `NAME@RESOLUTION`, says what kind of
//! package it is and so what the others mean.

use super::super::json::{Pairs, Text};
use super::super::npm;
use super::super::package_json::SECTIONS;
use super::Dialect;
use crate::model::digest::Digest;
use crate::model::text::quoted;
use crate::model::{Address, Artifact, Ecosystem, Package, PackageName, PackageSource, RelPath, Scope, Version};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;

/// What is said of a package or of a member of the workspace: what it asks for, and more.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a package")]
pub struct Described<'t> {
    #[serde(borrow)]
    pub name: Option<Text<'t>>,
    #[serde(borrow)]
    pub version: Option<Text<'t>>,
    #[serde(borrow, default)]
    dependencies: Pairs<'t, Text<'t>>,
    #[serde(borrow, default)]
    dev_dependencies: Pairs<'t, Text<'t>>,
    #[serde(borrow, default)]
    optional_dependencies: Pairs<'t, Text<'t>>,
    #[serde(borrow, default)]
    peer_dependencies: Pairs<'t, Text<'t>>,
    #[serde(borrow, default)]
    pub optional_peers: Vec<Text<'t>>,
    #[serde(default)]
    pub bundled: bool,
}

impl<'t> Described<'t> {
    fn section(&self, scope: Scope) -> &Pairs<'t, Text<'t>> {
        match scope {
            Scope::Development => &self.dev_dependencies,
            Scope::Optional => &self.optional_dependencies,
            Scope::Peer => &self.peer_dependencies,
            _ => &self.dependencies,
        }
    }

    /// Every requirement, of all sections: Bun keeps what a name asks for in each of them.
    pub fn asked(&self) -> impl Iterator<Item = (Scope, &Text<'t>, &Text<'t>)> {
        SECTIONS.into_iter().flat_map(|(_, scope)| self.section(scope).iter().map(move |(name, spec)| (scope, name, spec)))
    }

    /// A name that stands twice in one section, of which it depends on the reader which counts.
    pub fn repeated(&self) -> Option<&Text<'t>> {
        SECTIONS.into_iter().find_map(|(_, scope)| self.section(scope).repeated())
    }
}

/// The items of an entry.
#[derive(Debug)]
pub enum Item<'t> {
    Text(Text<'t>),
    Described(Box<Described<'t>>),
}

impl<'de: 't, 't> Deserialize<'de> for Item<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an object")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Item::Text(Text(text.into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Item::Text(Text(text.to_owned().into())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let described = Described::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(Item::Described(Box::new(described)))
    }
}

/// An entry as read.
pub enum Entry<'t> {
    Package(Locked<'t>),
    /// The project itself (`zoo@root:`).
    Root,
    /// A member of the workspace, by its folder. Version 0 repeats what the member asks for.
    Member {
        name: String,
        path: String,
        described: Option<Box<Described<'t>>>,
    },
}

pub struct Locked<'t> {
    pub package: Package,
    pub artifacts: Vec<Artifact>,
    pub described: Box<Described<'t>>,
}

/// What the resolution says.
enum Kind<'r> {
    Npm(&'r str),
    Root,
    Link,
    Member(&'r str),
    Folder(&'r str),
    Git,
    Tarball,
}

impl<'r> Kind<'r> {
    /// In Bun's order. `link:` names what was registered on the machine by `bun link`.
    fn of(resolution: &'r str) -> Option<Self> {
        let begins = |starts: &[&str]| starts.iter().any(|start| resolution.starts_with(start));
        if let Some(path) = resolution.strip_prefix("workspace:") {
            return Some(Kind::Member(path));
        }
        if let Some(path) = resolution.strip_prefix("file:") {
            return Some(Kind::Folder(path));
        }
        match resolution {
            _ if begins(&["root:"]) => Some(Kind::Root),
            _ if begins(&["link:"]) => Some(Kind::Link),
            _ if begins(&["github:", "git+", "git:", "git@", "ssh:"]) => Some(Kind::Git),
            _ if begins(&["https://", "http://"]) => Some(Kind::Tarball),
            _ if is_tarball(resolution) => Some(Kind::Tarball),
            _ if is_version(resolution) => Some(Kind::Npm(resolution)),
            _ => None,
        }
    }
}

/// Bun takes the ending in capitals as well.
fn is_tarball(resolution: &str) -> bool {
    let end = |length: usize| resolution.get(resolution.len().checked_sub(length)?..);
    npm::TARBALLS.iter().any(|ending| end(ending.len()).is_some_and(|end| end.eq_ignore_ascii_case(ending)))
}

/// Three numbers, then what may follow them.
fn is_version(text: &str) -> bool {
    let (numbers, rest) = text.split_at(text.bytes().position(|byte| matches!(byte, b'-' | b'+')).unwrap_or(text.len()));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
}

/// The items of an entry, taken one after the other.
struct Items<'t>(std::vec::IntoIter<Item<'t>>);

impl<'t> Items<'t> {
    fn text(&mut self, what: &str) -> Result<Text<'t>, String> {
        match self.0.next() {
            Some(Item::Text(text)) => Ok(text),
            Some(Item::Described(_)) => Err(format!("it has an object in place of {what}")),
            None => Err(format!("it has no {what}")),
        }
    }

    fn described(&mut self) -> Result<Box<Described<'t>>, String> {
        match self.0.next() {
            Some(Item::Described(described)) => match described.repeated() {
                Some(name) => Err(format!("it asks for {} twice in one section", quoted(name))),
                None => Ok(described),
            },
            Some(Item::Text(_)) => Err("it has a text in place of the object of a package".into()),
            None => Err("it has no object of a package".into()),
        }
    }

    /// What newer Buns add at the end, or nothing.
    fn integrity(&mut self) -> Result<Vec<Digest>, String> {
        if self.0.len() == 0 {
            return Ok(Vec::new());
        }
        match &*self.text("integrity")? {
            "" => Ok(Vec::new()),
            text => npm::integrity(text),
        }
    }

    fn end(mut self) -> Result<(), String> {
        self.0.next().map_or(Ok(()), |_| Err("it has more items than an entry of its kind".into()))
    }
}

/// Reads the items of an entry; an error is a clause about it. `root` is the lockfile's folder.
pub fn read<'t>(items: Vec<Item<'t>>, dialect: Dialect, root: &RelPath, memo: &mut npm::Memo) -> Result<Entry<'t>, String> {
    let mut items = Items(items.into_iter());
    let stated = items.text("name and resolution")?;
    let (name, resolution) = match stated.strip_prefix('@').map_or(stated.find('@'), |rest| rest.find('@').map(|at| at + 1)) {
        Some(at) => (&stated[..at], &stated[at + 1..]),
        // A project without a name.
        None if stated.starts_with("@root:") => ("", &stated[1..]),
        None => return Err(format!("{} is no name and resolution", quoted(&stated))),
    };
    let kind = Kind::of(resolution).ok_or_else(|| format!("the resolution {} is of no kind that is known", quoted(resolution)))?;
    let entry = match kind {
        Kind::Root => {
            items.described()?;
            Entry::Root
        }
        Kind::Member(path) => {
            let described = if dialect == Dialect::V0 { Some(items.described()?) } else { None };
            Entry::Member { name: name.to_owned(), path: path.to_owned(), described }
        }
        kind => Entry::Package(package(kind, name, resolution, &mut items, root, memo)?),
    };
    items.end()?;
    Ok(entry)
}

fn package<'t>(
    kind: Kind<'_>,
    name: &str,
    resolution: &str,
    items: &mut Items<'t>,
    root: &RelPath,
    memo: &mut npm::Memo,
) -> Result<Locked<'t>, String> {
    let registry = if let Kind::Npm(_) = kind { Some(items.text("registry")?) } else { None };
    let described = items.described()?;
    let (source, url) = match kind {
        Kind::Npm(version) => (memo.source(registry.as_deref(), name, Some(version), false), registry.as_deref().unwrap_or_default()),
        Kind::Folder(path) => (PackageSource::FirstParty { folder: root.join(path).ok() }, ""),
        Kind::Git => (git(resolution, &items.text("commit")?)?, ""),
        Kind::Tarball => (tarball(resolution), resolution),
        Kind::Link | Kind::Root | Kind::Member(_) => (PackageSource::Path { path: resolution.into() }, ""),
    };
    let digests = match kind {
        Kind::Npm(_) => match &*items.text("integrity")? {
            "" => Vec::new(),
            text => npm::integrity(text)?,
        },
        Kind::Git | Kind::Tarball => items.integrity()?,
        _ => Vec::new(),
    };
    let version = if let Kind::Npm(version) = kind { Some(Version::new(version).map_err(|error| error.to_string())?) } else { None };
    let name = match &source {
        PackageSource::FirstParty { .. } => PackageName::of_root(Ecosystem::Npm, name),
        _ => PackageName::new(Ecosystem::Npm, name).map_err(|error| error.to_string())?,
    };
    let artifacts = npm::artifact(Some(url), digests);
    Ok(Locked { package: Package { ecosystem: Ecosystem::Npm, name, version, source }, artifacts, described })
}

/// Bun fetches what stands after `#` from GitHub and checks out the tag from other hosts; it writes
/// the same commit into both, shortened for GitHub (`owner-repo-0123abc`).
fn git(resolution: &str, tag: &str) -> Result<PackageSource, String> {
    let Some((address, commit)) = resolution.rsplit_once('#').filter(|(address, _)| !address.contains('#')) else {
        return Err(format!("the git source {} pins no commit", quoted(resolution)));
    };
    if tag.rsplit('-').next() != Some(commit) {
        return Err(format!("its git source is at {} and its tag {} at another commit", quoted(commit), quoted(tag)));
    }
    if commit.len() < 7 || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("its git source is at {}, which is no commit", quoted(commit)));
    }
    match npm::git(address) {
        Some(PackageSource::Git { repository, .. }) => Ok(PackageSource::Git { repository, commit: Some(commit.into()), reference: None }),
        _ => Err(format!("{} is no git source", quoted(resolution))),
    }
}

/// A packed package at an address, or of the machine. A forge's archive of one commit is git.
fn tarball(resolution: &str) -> PackageSource {
    if !resolution.starts_with("http") {
        return PackageSource::Path { path: resolution.into() };
    }
    let url = resolution.split('#').next().unwrap_or(resolution);
    npm::hosted_archive(resolution).unwrap_or_else(|| PackageSource::Archive { url: Address::new(url) })
}

#[cfg(test)]
mod tests {
    use super::is_tarball;

    #[test]
    fn packed_packages_end_in_small_letters_or_capitals() {
        let packed = ["a.tgz", "a.TGZ", "./a.Tar.Gz", ".tar", "1.0.0-a.tgz"];
        assert!(packed.into_iter().all(is_tarball));
        assert!(!["", "tgz", "a.zip", "1.0.0", "a.tgzé", "étar"].into_iter().any(is_tarball));
    }
}
