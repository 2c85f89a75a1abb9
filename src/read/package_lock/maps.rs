//! Version 2 of package-lock.json says everything twice: `packages` is for npm 7 and later,
//! `dependencies` for npm 6. Where the two differ, the npm decides what gets installed, so that no
//! verdict stands on such a file: each difference is a gap that blocks.

use super::super::json::{Pairs, Text};
use super::super::{Files, ReadError, npm};
use super::plain_path;
use super::raw::RawEntry;
use super::v1::{self, parse_tree};
use crate::model::text::quoted;
use crate::model::{Address, Gap, GapKind, Lines, Location, PackageSource};
use hashbrown::{HashMap, HashSet};
use serde_json::value::RawValue;

/// Every place at which the two sections differ. `dependencies` is the section as it stands in the file.
pub(super) fn differences<'a>(
    files: &'a Files,
    lines: &Lines<'_>,
    packages: &Pairs<'a, Box<RawEntry<'a>>>,
    dependencies: Option<&'a RawValue>,
) -> Result<Vec<Gap>, ReadError> {
    let tree = parse_tree(files, lines, dependencies)?;
    let by_path = packages.iter().map(|(path, raw)| (&**path, &**raw)).collect();
    let mut comparing = Comparing { files, lines, packages: by_path, seen: HashSet::new(), gaps: Vec::new() };
    comparing.walk(&tree)?;
    comparing.left_out(packages);
    Ok(comparing.gaps)
}

struct Comparing<'c, 'a> {
    files: &'a Files,
    lines: &'c Lines<'c>,
    packages: HashMap<&'c str, &'c RawEntry<'a>>,
    /// Paths of `packages` that `dependencies` has too.
    seen: HashSet<&'c str>,
    gaps: Vec<Gap>,
}

impl<'a> Comparing<'_, 'a> {
    /// The nested tree, each package at the path that `packages` has for it: what a linked folder holds
    /// is nested below the link, and stands in `packages` below the folder.
    fn walk(&mut self, tree: &Pairs<'a, v1::RawEntry<'a>>) -> Result<(), ReadError> {
        let mut waiting = vec![(String::new(), tree)];
        while let Some((holder, folder)) = waiting.pop() {
            if let Some(name) = folder.repeated() {
                let message = format!("{} stands twice in one folder", quoted(name));
                return Err(ReadError::malformed(self.files.path(), self.line(name), message));
            }
            for (name, old) in folder.iter() {
                let path = format!("{holder}{}node_modules/{}", if holder.is_empty() { "" } else { "/" }, &**name);
                let Some((&key, &new)) = self.packages.get_key_value(&*path) else {
                    // Npm 7 has put what a member's folder holds below the folder's path too.
                    if is_folder_alone(name, old) && self.packages.contains_key(&**name) {
                        waiting.push((name.to_string(), &old.dependencies));
                        continue;
                    }
                    self.add(name, format!("{} is in `dependencies`, which npm 6 reads, and not in `packages`", quoted(&path)));
                    continue;
                };
                self.seen.insert(key);
                if let Some((what, old, new)) = difference(name, old, new) {
                    let message =
                        format!("{} has the {what} {old} in `dependencies`, which npm 6 reads, and {new} in `packages`", quoted(key));
                    self.add(name, message);
                }
                let target = new.resolved.text().filter(|_| new.link).map(|target| plain_path(target).to_owned());
                waiting.push((target.unwrap_or(path), &old.dependencies));
            }
        }
        Ok(())
    }

    /// What npm 6 would resolve anew. A link may lead to a folder around it, where npm stops; an entry
    /// that says nothing is of what could not be installed.
    fn left_out(&mut self, packages: &Pairs<'a, Box<RawEntry<'a>>>) {
        for (path, raw) in packages.iter() {
            let is_package = !raw.link && (raw.version.is_some() || raw.resolved.text().is_some());
            if is_package && path.starts_with("node_modules/") && !self.seen.contains(&**path) {
                self.add(path, format!("{} is in `packages` and not in `dependencies`, which npm 6 reads", quoted(path)));
            }
        }
    }

    fn line(&self, text: &Text<'_>) -> u32 {
        text.line(self.files.lockfile.text(), self.lines, 1)
    }

    fn add(&mut self, at: &Text<'_>, message: String) {
        let place = Location::new(self.files.path(), self.line(at));
        self.gaps.push(Gap::at(GapKind::UnknownRequirement, &place, format!("{message}; let npm write the lockfile again")));
    }
}

/// The first field that the two entries of one place do not have in common, with both values.
fn difference(name: &str, old: &v1::RawEntry<'_>, new: &RawEntry<'_>) -> Option<(&'static str, String, String)> {
    let shown = |text: Option<&str>| text.map_or("(none)".to_owned(), |text| quoted(Address::new(text).as_str()));
    let stated = old.version.as_deref().unwrap_or_default();
    let resolved = new.resolved.text().map(|text| &**text);
    if new.link {
        let says_nothing = stated.is_empty() && old.resolved.text().is_none();
        let same = says_nothing || resolved.is_some_and(|target| plain_path(stated) == plain_path(target));
        return (!same).then(|| ("folder", shown(Some(stated)), shown(resolved)));
    }
    let alias = npm::alias(stated);
    // A folder, file or address in the version's place is the source, and says nothing of the version.
    let is_address = alias.is_none() && (npm::is_local(stated) || !npm::asks_registry(stated));
    let (real, version) = alias.unwrap_or((name, stated));
    let new_name = new.name.as_deref().unwrap_or(name);
    if !is_address && real != new_name {
        return Some(("name", quoted(real), quoted(new_name)));
    }
    if !is_address && version != new.version.as_deref().unwrap_or_default() {
        return Some(("version", quoted(version), shown(new.version.as_deref())));
    }
    let from = if is_address { Some(stated) } else { old.resolved.text().map(|text| &**text) };
    if from != resolved && !from.zip(resolved).is_some_and(|(from, resolved)| are_one_commit(from, resolved)) {
        return Some(("address", shown(from), shown(resolved)));
    }
    let (was, is) = (old.integrity.text().map(|text| &**text), new.integrity.as_deref());
    (was != is && !(is_address && was.is_none())).then(|| ("integrity", shown(was), shown(is)))
}

/// Whether two addresses are of one commit of one repository, which npm writes in several ways.
fn are_one_commit(one: &str, other: &str) -> bool {
    let parts = |text: &str| match npm::git(text)? {
        PackageSource::Git { repository, commit: Some(commit), .. } => Some((repository, commit)),
        _ => None,
    };
    let (Some((one, commit)), Some((other, same))) = (parts(one), parts(other)) else { return false };
    commit == same && npm::are_one_repository(one.as_str(), other.as_str())
}

/// Whether an entry is that of a folder of the project, which only holds what the folder needs.
fn is_folder_alone(folder: &str, old: &v1::RawEntry<'_>) -> bool {
    let is_itself = |version: &str| version.starts_with("file:") && plain_path(version) == folder;
    !folder.contains("node_modules") && old.version.as_deref().is_none_or(is_itself) && old.resolved.text().is_none()
}
