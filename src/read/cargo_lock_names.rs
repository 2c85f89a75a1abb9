//! How one Cargo.lock names its packages: a bare name where that is enough, more where it is not.

use super::cargo_lock_file::Locked;
use super::{Key, ScopeId};
use hashbrown::{HashMap, HashSet};

pub(super) struct Names<'l, 'a> {
    /// Names that some dependency text follows with a version.
    spelled_out: HashSet<&'l str>,
    of_name: HashMap<&'l str, Vec<&'l Locked<'a>>>,
    /// Versions of packages without a source, by name.
    first_party: HashMap<&'l str, HashSet<&'l str>>,
    /// Every text that means a package.
    of_text: HashMap<Key<'a>, Vec<&'l Locked<'a>>>,
}

impl<'l, 'a> Names<'l, 'a> {
    pub fn new(packages: &'l [Locked<'a>]) -> Self {
        let mut names = Names {
            spelled_out: HashSet::new(),
            of_name: HashMap::with_capacity(packages.len()),
            first_party: HashMap::new(),
            of_text: HashMap::new(),
        };
        for package in packages {
            names.of_name.entry(&package.name).or_default().push(package);
            if package.source.is_none() {
                names.first_party.entry(&package.name).or_default().insert(&package.version);
            }
            let spelled_out = package.dependencies.iter().filter_map(|text| text.split_once(' ')).map(|(name, _)| name);
            names.spelled_out.extend(spelled_out);
        }
        names
    }

    /// The same, with the texts of all packages looked up by hash.
    pub fn with_texts(packages: &'l [Locked<'a>]) -> Self {
        let mut names = Names::new(packages);
        for package in packages {
            for (_, text) in names.provided_by(package) {
                names.of_text.entry(text).or_default().push(package);
            }
        }
        names
    }

    pub fn provided_by(&self, package: &Locked<'a>) -> Vec<(ScopeId, Key<'a>)> {
        let mut keys = vec![package.name.clone()];
        if self.spelled_out.contains(package.name.as_ref()) {
            keys.extend(package.long_keys());
        }
        let hidden = self.is_hidden(package);
        let provided = keys.into_iter().filter(|key| !hidden || key.contains('('));
        provided.map(|key| (ScopeId::OUTERMOST, key)).collect()
    }

    /// Whether a path package has the same name and version: a text without a source means that
    /// one, which has none to be named by (cargo's `EncodableResolve`).
    fn is_hidden(&self, package: &Locked<'_>) -> bool {
        package.source.is_some() && self.first_party.get(&*package.name).is_some_and(|versions| versions.contains(&*package.version))
    }

    pub fn has_first_party(&self, name: &str) -> bool {
        self.first_party.contains_key(name)
    }

    /// Whether more than one package has the name.
    pub fn is_shared(&self, name: &str) -> bool {
        self.of_name.get(name).is_some_and(|packages| packages.len() > 1)
    }

    /// The package that a dependency text means, when it is one.
    pub fn meant(&self, text: &str) -> Option<&'l Locked<'a>> {
        self.of_text.get(text).and_then(|packages| packages.first()).copied()
    }

    /// All packages of a name.
    pub fn named(&self, name: &str) -> &[&'l Locked<'a>] {
        self.of_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// For each name that a package depends on, the packages, by version.
    pub fn dependencies_of(&self, package: &'l Locked<'a>) -> HashMap<&'l str, Vec<&'l Locked<'a>>> {
        let texts: HashSet<&str> = package.dependencies.iter().map(|text| &**text).collect();
        let mut packages: HashMap<&str, Vec<&Locked<'a>>> = HashMap::new();
        for text in texts {
            for meant in self.of_text.get(text).into_iter().flatten() {
                packages.entry(&meant.name).or_default().push(meant);
            }
        }
        packages.values_mut().for_each(|packages| packages.sort_by(|a, b| (&a.version, &a.source).cmp(&(&b.version, &b.source))));
        packages
    }
}
