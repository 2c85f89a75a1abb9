//! An entry of `packages`: a list of which the first text, `NAME@RESOLUTION`, says what kind of
//! package it is and so what the others mean.

use super::super::json::{Ignored, Text};
use super::super::npm;
use super::Dialect;
use super::described::{Described, DescribedVisitor};
use crate::model::digest::Digest;
use crate::model::text::quoted;
use crate::model::{Address, Artifact, Ecosystem, Package, PackageName, PackageSource, RelPath, Version};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The items of an entry: four at most, and whether there are more.
#[derive(Debug, Default)]
pub struct Items<'t> {
    items: [Option<Item<'t>>; MOST],
    has_more: bool,
}

/// An entry has no more items than this.
const MOST: usize = 4;

#[derive(Debug)]
pub(super) enum Item<'t> {
    Text(Text<'t>),
    Described(Described<'t>),
}

impl<'t> Items<'t> {
    /// Where an item goes; `None` behind the last one.
    pub(super) fn slot(&mut self, at: usize) -> Option<&mut Option<Item<'t>>> {
        self.items.get_mut(at)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Items<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut read = Items::default();
        for item in &mut read.items {
            *item = seq.next_element()?;
            if item.is_none() {
                return Ok(read);
            }
        }
        while seq.next_element::<Ignored>()?.is_some() {
            read.has_more = true;
        }
        Ok(read)
    }
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
        DescribedVisitor.visit_map(map).map(Item::Described)
    }
}

/// An entry as read.
pub enum Entry<'i, 't> {
    Package(Locked<'i, 't>),
    /// The project itself (`zoo@root:`).
    Root,
    /// A member of the workspace, by its folder. Version 0 repeats what the member asks for.
    Member {
        name: &'i str,
        path: &'i str,
        described: Option<&'i Described<'t>>,
    },
}

pub struct Locked<'i, 't> {
    pub package: Package,
    pub artifacts: Vec<Artifact>,
    pub described: &'i Described<'t>,
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
        // Nearly every one: what begins with a digit begins as none of the others do.
        if resolution.starts_with(|c: char| c.is_ascii_digit()) {
            return if is_tarball(resolution) { Some(Kind::Tarball) } else { is_version(resolution).then_some(Kind::Npm(resolution)) };
        }
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
            _ if begins(&["https://", "http://"]) || is_tarball(resolution) => Some(Kind::Tarball),
            _ => None,
        }
    }
}

/// Bun takes the ending in capitals as well.
fn is_tarball(resolution: &str) -> bool {
    let end = |length: usize| resolution.get(resolution.len().checked_sub(length)?..);
    resolution.ends_with(['z', 'Z', 'r', 'R'])
        && npm::TARBALLS.iter().any(|ending| end(ending.len()).is_some_and(|end| end.eq_ignore_ascii_case(ending)))
}

/// Three numbers, then what may follow them.
fn is_version(text: &str) -> bool {
    let (mut points, mut digits) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if digits > 0 => (points, digits) = (points + 1, 0),
            b'-' | b'+' => {
                let is_sound = text.as_bytes()[at..].iter().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(byte));
                return points == 2 && digits > 0 && is_sound;
            }
            _ => return false,
        }
    }
    points == 2 && digits > 0
}

/// The items of an entry, taken one after the other.
struct Taking<'i, 't> {
    items: &'i Items<'t>,
    at: usize,
}

impl<'i, 't> Taking<'i, 't> {
    fn next(&mut self) -> Option<&'i Item<'t>> {
        let item = self.items.items.get(self.at)?.as_ref()?;
        self.at += 1;
        Some(item)
    }

    fn text(&mut self, what: &str) -> Result<&'i Text<'t>, String> {
        match self.next() {
            Some(Item::Text(text)) => Ok(text),
            Some(Item::Described(_)) => Err(format!("it has an object in place of {what}")),
            None => Err(format!("it has no {what}")),
        }
    }

    fn described(&mut self) -> Result<&'i Described<'t>, String> {
        match self.next() {
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
        if matches!(self.items.items.get(self.at), None | Some(None)) {
            return Ok(Vec::new());
        }
        self.digests()
    }

    fn digests(&mut self) -> Result<Vec<Digest>, String> {
        match &**self.text("integrity")? {
            "" => Ok(Vec::new()),
            text => npm::integrity(text),
        }
    }

    fn end(mut self) -> Result<(), String> {
        let is_end = self.next().is_none() && !self.items.has_more;
        is_end.then_some(()).ok_or_else(|| "it has more items than an entry of its kind".into())
    }
}

/// Reads the items of an entry; an error is a clause about it. `root` is the lockfile's folder.
pub fn read<'i, 't>(items: &'i Items<'t>, dialect: Dialect, root: &RelPath, memo: &mut npm::Memo) -> Result<Entry<'i, 't>, String> {
    let mut items = Taking { items, at: 0 };
    let stated = items.text("name and resolution")?;
    let (name, resolution) = match stated.strip_prefix('@').map_or(stated.find('@'), |rest| rest.find('@').map(|at| at + 1)) {
        Some(at) => (&stated[..at], &stated[at + 1..]),
        // A project without a name.
        None if stated.starts_with("@root:") => ("", &stated[1..]),
        None => return Err(format!("{} is no name and resolution", quoted(stated))),
    };
    let kind = Kind::of(resolution).ok_or_else(|| format!("the resolution {} is of no kind that is known", quoted(resolution)))?;
    let entry = match kind {
        Kind::Root => {
            items.described()?;
            Entry::Root
        }
        Kind::Member(path) => {
            let described = if dialect == Dialect::V0 { Some(items.described()?) } else { None };
            Entry::Member { name, path, described }
        }
        kind => Entry::Package(package(kind, name, resolution, &mut items, root, memo)?),
    };
    items.end()?;
    Ok(entry)
}

fn package<'i, 't>(
    kind: Kind<'_>,
    name: &str,
    resolution: &str,
    items: &mut Taking<'i, 't>,
    root: &RelPath,
    memo: &mut npm::Memo,
) -> Result<Locked<'i, 't>, String> {
    let registry = if let Kind::Npm(_) = kind { Some(&**items.text("registry")?) } else { None };
    let described = items.described()?;
    let (source, url) = match kind {
        Kind::Npm(version) => (memo.source(registry, name, Some(version), false), registry.unwrap_or_default()),
        Kind::Folder(path) => (PackageSource::FirstParty { folder: root.join(path).ok() }, ""),
        Kind::Git => (git(resolution, items.text("commit")?)?, ""),
        Kind::Tarball => (tarball(resolution), resolution),
        Kind::Link | Kind::Root | Kind::Member(_) => (PackageSource::Path { path: resolution.into() }, ""),
    };
    let digests = match kind {
        Kind::Npm(_) => items.digests()?,
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
    use super::{is_tarball, is_version};

    #[test]
    fn versions_are_three_numbers_and_what_may_follow() {
        let versions = ["1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3+b-1", "1.2.3-", "10.20.30-a+b"];
        assert!(versions.into_iter().all(is_version));
        assert!(
            !["", "1", "1.2", "1.2.3.4", "1..3", ".2.3", "1.2.", "1.2.x", "1.2.3 ", "1.2.3-é", "1.2-3", "v1.2.3"]
                .into_iter()
                .any(is_version)
        );
    }

    #[test]
    fn packed_packages_end_in_small_letters_or_capitals() {
        let packed = ["a.tgz", "a.TGZ", "./a.Tar.Gz", ".tar", "1.0.0-a.tgz"];
        assert!(packed.into_iter().all(is_tarball));
        assert!(!["", "tgz", "a.zip", "1.0.0", "a.tgzé", "étar"].into_iter().any(is_tarball));
    }
}
