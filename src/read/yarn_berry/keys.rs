//! Which entry a dependency means: the one with exactly its descriptor, after the project's
//! `resolutions`, the catalogs, and the patches that Yarn itself puts around some packages.

use super::locator::{self, quoted};
use super::lock::Locked;
use super::settings::Settings;
use crate::read::package_json::PackageJson;
use crate::read::yaml::Wrong;
use hashbrown::HashMap;
use std::borrow::Cow;

pub struct Keys<'k> {
    settings: &'k Settings,
    /// Every descriptor of the lockfile, its range with a protocol, to the entry's place.
    held: HashMap<Cow<'k, str>, usize>,
    /// The descriptor around which Yarn puts a patch of its own, to the entry of that.
    builtin: HashMap<String, usize>,
    /// What counts from the folder of who asks: the descriptor without its binding, and the asker's number.
    bound: HashMap<(Cow<'k, str>, u32), usize>,
    /// Those who ask so, by their locators.
    askers: HashMap<Cow<'k, str>, u32>,
    overrides: Overrides<'k>,
    /// From where a resolution or a catalog counts.
    project: Asker<'k>,
}

/// A package that asks for others. Made once for all that it asks: a locator can be long.
#[derive(Clone, Copy)]
pub struct Asker<'t> {
    locator: &'t str,
    number: Option<u32>,
}

/// How a descriptor names who asks, where that matters.
const BINDING: &str = "::locator=";

/// The root's `resolutions`. The first that fits counts (its place is kept for that).
#[derive(Default)]
struct Overrides<'k> {
    by_pattern: HashMap<Pattern<'k>, (usize, &'k str)>,
    names: hashbrown::HashSet<&'k str>,
}

/// `name`, `name@range`, and the same below `parent` or `parent@reference`.
#[derive(PartialEq, Eq, Hash)]
struct Pattern<'k> {
    parent: Option<&'k str>,
    /// With a protocol, as the range.
    reference: Option<Cow<'k, str>>,
    name: &'k str,
    range: Option<Cow<'k, str>>,
}

impl<'k> Keys<'k> {
    /// A descriptor that stands in two entries is an error: Yarn would take the last.
    pub fn new(locked: &'k [Locked<'_, '_>], root: Option<&'k PackageJson<'_>>, settings: &'k Settings) -> Result<Self, Wrong> {
        let mut held = HashMap::with_capacity(locked.len() * 2);
        let (mut builtin, mut bound, mut askers) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (at, entry) in locked.iter().enumerate() {
            for descriptor in locator::descriptors(&entry.key.text) {
                let Some((name, range)) = locator::split(descriptor) else {
                    return Err(Wrong::new(entry.key.line, format!("{} is not `name@range`", quoted(descriptor))));
                };
                if let Some(source) = below_builtin(range) {
                    let (name, range) = locator::split(&source).unwrap_or((&source, ""));
                    builtin.insert(full(name, range, settings).into_owned(), at);
                }
                if let Some((plain, asker)) =
                    descriptor.split_once(BINDING).and_then(|(plain, asker)| Some((plain, locator::decoded(asker)?)))
                {
                    let next = askers.len() as u32;
                    bound.insert((Cow::Borrowed(plain), *askers.entry(asker).or_insert(next)), at);
                }
                let key = if locator::is_bare(range) { full(name, range, settings) } else { Cow::Borrowed(descriptor) };
                if held.insert(key, at).is_some() {
                    return Err(Wrong::new(entry.key.line, format!("{} stands twice in the lockfile", quoted(descriptor))));
                }
            }
        }
        let project = locked.iter().map(|entry| &*entry.resolution.text).find(|resolution| resolution.ends_with("@workspace:."));
        let overrides = root.map(|root| Overrides::read(root, settings)).unwrap_or_default();
        let project = project.unwrap_or_default();
        let project = Asker { locator: project, number: askers.get(project).copied() };
        Ok(Keys { settings, held, builtin, bound, askers, overrides, project })
    }

    pub fn settings(&self) -> &Settings {
        self.settings
    }

    /// A package by its resolution.
    pub fn asker<'t>(&self, resolution: &'t str) -> Asker<'t> {
        Asker { locator: resolution, number: self.askers.get(resolution).copied() }
    }

    /// The place of the entry that a package means.
    pub fn find(&self, asker: Asker<'_>, name: &str, range: &str) -> Option<usize> {
        let asked = full(name, range, self.settings);
        let (asked, asker) = match self.overrides.of(asker.locator, name, &asked) {
            Some(range) => (full(name, range, self.settings), self.project),
            None => (asked, asker),
        };
        let range = &asked[name.len() + 1..];
        match self.settings.catalog(range, name) {
            Some(range) => self.held_by(&full(name, range, self.settings), self.project),
            None => self.held_by(&asked, asker),
        }
    }

    /// What counts from a folder is held with the package that asks.
    fn held_by(&self, descriptor: &str, asker: Asker<'_>) -> Option<usize> {
        let plain = || self.builtin.get(descriptor).or_else(|| self.held.get(descriptor));
        let (_, range) = locator::split(descriptor)?;
        if !["file:", "link:", "portal:", "patch:", "exec:", ".", "/"].iter().any(|start| range.starts_with(start)) {
            return plain().copied();
        }
        // Yarn takes a bare path for a packed file.
        let protocol = if range.starts_with(['.', '/']) { "file:" } else { "" };
        let name = &descriptor[..descriptor.len() - range.len()];
        let bound = || self.bound.get(&(Cow::Owned(format!("{name}{protocol}{range}")), asker.number?));
        bound().or_else(plain).copied()
    }
}

/// A descriptor whose range names its protocol.
fn full<'t>(name: &str, range: &'t str, settings: &Settings) -> Cow<'t, str> {
    let protocol = if locator::is_bare(range) { settings.default_protocol() } else { "" };
    Cow::Owned(format!("{name}@{protocol}{range}"))
}

/// The source of a patch that is Yarn's own alone.
fn below_builtin(range: &str) -> Option<String> {
    if !range.starts_with("patch:") {
        return None;
    }
    let patched = locator::patched(range)?;
    (!patched.files.is_empty() && patched.files.iter().all(|file| locator::is_builtin(file))).then_some(patched.source)
}

impl<'k> Overrides<'k> {
    fn read(root: &'k PackageJson<'_>, settings: &Settings) -> Self {
        let mut overrides = Overrides::default();
        for (at, (text, range)) in root.resolutions().enumerate() {
            let Some(pattern) = Pattern::parse(text, settings) else { continue };
            overrides.names.insert(pattern.name);
            overrides.by_pattern.entry(pattern).or_insert((at, range));
        }
        overrides
    }

    /// The range that takes the place of what `parent` asks for.
    fn of(&self, parent: &str, name: &str, asked: &str) -> Option<&str> {
        if !self.names.contains(name) {
            return None;
        }
        let (parent, reference) = locator::split(parent)?;
        let range = &asked[name.len() + 1..];
        let mut found: Option<(usize, &str)> = None;
        for (parent, reference) in [(None, None), (Some(parent), None), (Some(parent), Some(reference))] {
            for range in [None, Some(range)] {
                let pattern = Pattern { parent, reference: reference.map(Cow::Borrowed), name, range: range.map(Cow::Borrowed) };
                let fits = self.by_pattern.get(&pattern).copied();
                found = [found, fits].into_iter().flatten().min();
            }
        }
        found.map(|(_, range)| range)
    }
}

impl<'k> Pattern<'k> {
    /// `None` for what Yarn passes over too: a path of more than two names, a glob.
    fn parse(text: &'k str, settings: &Settings) -> Option<Self> {
        let (first, rest) = specifier(text)?;
        let full = |range: Option<&'k str>| {
            range.map(|range| match locator::is_bare(range) {
                true => Cow::Owned(format!("{}{range}", settings.default_protocol())),
                false => Cow::Borrowed(range),
            })
        };
        if rest.is_empty() {
            return Some(Pattern { parent: None, reference: None, name: first.0, range: full(first.1) });
        }
        let (second, rest) = specifier(rest.strip_prefix('/')?)?;
        let pattern = Pattern { parent: Some(first.0), reference: full(first.1), name: second.0, range: full(second.1) };
        rest.is_empty().then_some(pattern)
    }
}

/// `name` or `name@range` at the beginning of a text, and the rest. A range holds no `/`.
fn specifier(text: &str) -> Option<((&str, Option<&str>), &str)> {
    let scope = if text.starts_with('@') { text.find('/')? + 1 } else { 0 };
    let end = scope + text[scope..].find(['/', '@']).unwrap_or(text.len() - scope);
    let (name, rest) = text.split_at(end);
    match rest.strip_prefix('@') {
        None => Some(((name, None), rest)),
        Some(range) => {
            let (range, rest) = range.split_at(range.find('/').unwrap_or(range.len()));
            Some(((name, Some(range)), rest))
        }
    }
}
