//! An entry of `packages` as the file has it, and what it asks for.

use super::super::json::{Lenient, Pairs, Text};
use super::super::{npm, package_json};
use crate::model::Scope;
use hashbrown::HashSet;
use serde::Deserialize;
use std::borrow::Cow;

/// An entry of `packages`. Fields whose form tools have varied are read leniently.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a package")]
pub struct RawEntry<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub version: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub resolved: Lenient<'a>,
    #[serde(borrow)]
    pub integrity: Option<Text<'a>>,
    #[serde(default)]
    pub link: bool,
    #[serde(default)]
    pub in_bundle: bool,
    #[serde(default)]
    pub has_install_script: bool,
    #[serde(borrow, default)]
    pub license: Lenient<'a>,
    #[serde(borrow, default)]
    pub deprecated: Lenient<'a>,
    #[serde(borrow, default)]
    pub workspaces: Lenient<'a>,
    #[serde(borrow, default)]
    dependencies: Pairs<'a, Text<'a>>,
    #[serde(borrow, default)]
    dev_dependencies: Pairs<'a, Text<'a>>,
    #[serde(borrow, default)]
    optional_dependencies: Pairs<'a, Text<'a>>,
    #[serde(borrow, default)]
    peer_dependencies: Pairs<'a, Text<'a>>,
}

/// In a box, so that the list of a hundred thousand grows cheaply.
pub type BoxedEntry<'a> = Box<RawEntry<'a>>;

impl<'a> RawEntry<'a> {
    pub fn section(&self, scope: Scope) -> &Pairs<'a, Text<'a>> {
        match scope {
            Scope::Development => &self.dev_dependencies,
            Scope::Optional => &self.optional_dependencies,
            Scope::Peer => &self.peer_dependencies,
            _ => &self.dependencies,
        }
    }

    /// How often the entry asks for something.
    pub fn asked(&self) -> usize {
        package_json::SECTIONS.iter().map(|(_, scope)| self.section(*scope).0.len()).sum()
    }

    /// What the entry asks for, each name once.
    pub fn required(&self) -> impl Iterator<Item = (Scope, &(Text<'a>, Text<'a>))> {
        let pairs = || package_json::SECTIONS.into_iter().flat_map(|(_, scope)| self.section(scope).iter().map(move |pair| (scope, pair)));
        let sections = package_json::SECTIONS.iter().filter(|(_, scope)| !self.section(*scope).is_empty()).count();
        let counting = (sections > 1).then(|| package_json::counting(pairs().map(|(scope, (name, _))| (scope, &**name))));
        pairs().filter(move |(scope, (name, _))| counting.as_ref().is_none_or(|counting| counting.get(&**name) == Some(scope)))
    }

    /// The sections as npm copies them from a manifest.
    pub fn copied(&self) -> Vec<(Scope, &(Text<'a>, Text<'a>))> {
        let optional = names(&[&self.optional_dependencies]);
        let pairs = package_json::SECTIONS.into_iter().flat_map(|(_, scope)| self.section(scope).iter().map(move |pair| (scope, pair)));
        pairs.filter(|(scope, (name, _))| *scope != Scope::Runtime || !optional.contains(&**name)).collect()
    }
}

/// Names that some requirement asks for by an address. A registry may name its files in a way
/// of its own; only a requirement tells that an address is no registry's.
pub fn names_asked_by_address<'a>(raws: &[BoxedEntry<'a>]) -> HashSet<Cow<'a, str>> {
    let sections = package_json::SECTIONS.map(|(_, scope)| scope);
    let specs = raws.iter().flat_map(|raw| sections.into_iter().flat_map(|scope| raw.section(scope).iter()));
    specs.filter(|(_, spec)| spec.contains('/') && !npm::asks_registry(spec)).map(|(name, _)| name.0.clone()).collect()
}

/// The names of sections, as a set: a hostile entry may list a hundred thousand in two of them.
fn names<'e>(sections: &[&'e Pairs<'_, Text<'_>>]) -> HashSet<&'e str> {
    sections.iter().flat_map(|section| section.iter()).map(|(name, _)| &**name).collect()
}
