//! What the project tells pnpm beside its lockfile: pnpm-workspace.yaml, and `pnpm` in package.json,
//! where older versions look. Members, overrides and patches are held against the lockfile; packages
//! that configure pnpm are installed from here, and so is who may run scripts.

use super::super::json::Lenient;
use super::super::npm_scripts::Scripts;
use super::super::package_json::{Manifests, PackageJson};
use super::super::yaml::{self, Map, Node, Wrong};
use super::super::{Disagreement, Files, Want, members};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, RelPath};
use std::collections::{BTreeMap, HashMap, HashSet};

pub const FILE: &str = "pnpm-workspace.yaml";

/// How the lockfile calls the catalog without a name.
const DEFAULT_CATALOG: &str = "default";

/// A text of the settings with its place.
pub type Said<T> = (T, Location);

#[derive(Default)]
pub struct Workspace {
    /// Patterns of members; one after `!` takes folders out.
    pub members: Vec<String>,
    /// Selector and range.
    overrides: Vec<(String, Said<String>)>,
    /// Catalog, package and range.
    catalogs: Vec<(String, String, Said<String>)>,
    /// Names and ranges of what is patched.
    patched: Vec<Said<String>>,
    pub config: Vec<Said<Config>>,
    allowed: Vec<Said<String>>,
    all_but: Option<Said<Vec<String>>>,
    /// A further file that says who may run scripts, which is not read.
    elsewhere: Option<Said<String>>,
}

/// A package that configures pnpm: `name: VERSION+INTEGRITY`.
pub struct Config {
    pub name: String,
    pub text: String,
    pub tarball: Option<String>,
}

/// The manifests of the members that the workspace names, whether the lockfile knows them or not, and the
/// lockfiles that they may have of their own.
pub fn wanted(files: &Files, root: &RelPath) -> Vec<Want> {
    let patterns = member_patterns(files);
    let from = patterns.iter().filter(|pattern| !pattern.starts_with('!')).filter_map(|pattern| members::from(root, pattern));
    let manifests = from.map(|(folder, pattern)| Want::Members { folder, pattern: pattern.to_owned(), file_name: super::MANIFEST });
    let found =
        files.companions.keys().filter(|path| !patterns.is_empty() && path.file_name() == super::MANIFEST && path.parent() != *root);
    manifests.chain(found.filter_map(|path| path.parent().join(super::LOCKFILE).ok()).map(Want::File)).collect()
}

fn member_patterns(files: &Files) -> Vec<String> {
    let mut gaps = Vec::new();
    Workspace::of_file(files, &mut gaps).members
}

impl Workspace {
    /// What cannot be read leaves a gap on which no verdict stands.
    pub fn read(files: &Files, manifests: &Manifests<'_>, gaps: &mut Vec<Gap>) -> Self {
        let mut workspace = Self::of_file(files, gaps);
        if let Some(manifest) = manifests.get(&files.folder()) {
            workspace.take_manifest(manifest);
        }
        if let Some((file, place)) = &workspace.elsewhere {
            let message = format!("which packages may run scripts when they are installed stands in {}, which is not read", quoted(file));
            gaps.push(Gap::at(GapKind::UnknownRequirement, place, message));
        }
        workspace
    }

    fn of_file(files: &Files, gaps: &mut Vec<Gap>) -> Self {
        let mut workspace = Workspace::default();
        let Some(file) = files.folder().join(FILE).ok().and_then(|path| files.companions.get(&path)) else { return workspace };
        let read = yaml::parse(file).and_then(|documents| {
            let taken = documents.iter().try_for_each(|node| workspace.take(node.map("the file")?, file.path()));
            taken.map_err(|wrong| wrong.of(file.path()))
        });
        gaps.extend(read.err().map(|error| error.into_gap()));
        workspace
    }

    fn take(&mut self, settings: &Map<'_>, path: &RelPath) -> Result<(), Wrong> {
        for (key, node) in settings.pairs.iter().filter(|(_, node)| !matches!(node, Node::Text(text) if text.is_null())) {
            let name = &*key.text;
            let place = |line| Location::new(path, line);
            match name {
                "packages" => self.members = texts(node, name)?.into_iter().map(|(text, _)| text).collect(),
                "overrides" => {
                    for (selector, range) in &node.map(name)?.pairs {
                        let range = range.text(&selector.text)?.text.to_string();
                        self.overrides.push((selector.text.to_string(), (range, place(selector.line))));
                    }
                }
                "catalog" => self.take_catalog(DEFAULT_CATALOG, node.map(name)?, path)?,
                "catalogs" => {
                    for (catalog, ranges) in &node.map(name)?.pairs {
                        self.take_catalog(&catalog.text, ranges.map(&catalog.text)?, path)?;
                    }
                }
                "patchedDependencies" => {
                    self.patched.extend(node.map(name)?.pairs.iter().map(|(key, _)| (key.text.to_string(), place(key.line))));
                }
                "configDependencies" => {
                    for (package, value) in &node.map(name)?.pairs {
                        self.config.push((config(&package.text, value)?, place(package.line)));
                    }
                }
                "onlyBuiltDependencies" => self.allowed.extend(texts(node, name)?.into_iter().map(|(text, line)| (text, place(line)))),
                "allowBuilds" => {
                    let pairs =
                        node.map(name)?.pairs.iter().filter(|(_, value)| !matches!(value, Node::Text(text) if text.text == "false"));
                    self.allowed.extend(pairs.map(|(package, _)| (package.text.to_string(), place(package.line))));
                }
                "neverBuiltDependencies" => {
                    self.all_but = Some((texts(node, name)?.into_iter().map(|(text, _)| text).collect(), place(key.line)));
                }
                "onlyBuiltDependenciesFile" => self.elsewhere = Some((node.text(name)?.text.to_string(), place(key.line))),
                "dangerouslyAllowAllBuilds" if settings.flag(name) => self.all_but = Some((Vec::new(), place(key.line))),
                // What else changes is told by [`crate::read::settings`].
                _ => {}
            }
        }
        Ok(())
    }

    fn take_catalog(&mut self, catalog: &str, ranges: &Map<'_>, path: &RelPath) -> Result<(), Wrong> {
        for (package, range) in &ranges.pairs {
            let range = range.text(&package.text)?.text.to_string();
            self.catalogs.push((catalog.to_owned(), package.text.to_string(), (range, Location::new(path, package.line))));
        }
        Ok(())
    }

    /// Which of the two files counts where both speak is for the version of pnpm to say: both do here.
    fn take_manifest(&mut self, manifest: &PackageJson<'_>) {
        for (key, value) in manifest.of_pnpm() {
            let place = |text| manifest.location(manifest.line(text));
            match (&**key, value) {
                ("overrides", Lenient::Object(pairs)) => {
                    let pairs = pairs.iter().filter_map(|(selector, range)| Some((selector, range.text()?)));
                    self.overrides.extend(pairs.map(|(selector, range)| (selector.to_string(), (range.to_string(), place(selector)))));
                }
                ("patchedDependencies", Lenient::Object(pairs)) => {
                    self.patched.extend(pairs.iter().map(|(key, _)| (key.to_string(), place(key))));
                }
                ("onlyBuiltDependencies", Lenient::List(names)) => {
                    self.allowed.extend(names.iter().filter_map(Lenient::text).map(|name| (name.to_string(), place(name))));
                }
                ("neverBuiltDependencies", Lenient::List(names)) => {
                    let names = names.iter().filter_map(Lenient::text).map(|name| name.to_string()).collect();
                    self.all_but.get_or_insert_with(|| (names, place(key)));
                }
                _ => {}
            }
        }
        let plain =
            |path: &str| !path.contains('*') && path.trim_start_matches('@').matches('/').count() <= usize::from(path.starts_with('@'));
        for (path, range) in manifest.resolutions().filter(|(path, _)| plain(path)) {
            self.overrides.push((path.to_owned(), (range.to_owned(), manifest.location(1))));
        }
    }

    pub fn scripts(&self) -> Scripts<'_> {
        let mut scripts = Scripts::default();
        self.allowed.iter().for_each(|(name, place)| scripts.allow(name, place.clone()));
        if let Some((names, place)) = &self.all_but {
            scripts.allow_all_but(names.iter().map(String::as_str).collect(), place.clone());
        }
        scripts
    }

    /// Ranges of catalogs against those that the lockfile was made with; it has the ones that are used.
    fn other_catalogs(&self, document: &Map<'_>) -> Result<Vec<Disagreement>, Wrong> {
        let mut locked: HashMap<(&str, &str), &str> = HashMap::new();
        for (catalog, packages) in document.map("catalogs")?.into_iter().flat_map(|catalogs| &catalogs.pairs) {
            for (package, entry) in &packages.map(&catalog.text)?.pairs {
                let specifier = entry.map(&package.text)?.text("specifier")?;
                locked.extend(specifier.map(|range| ((&*catalog.text, &*package.text), &*range.text)));
            }
        }
        let other = |(catalog, package, (range, location)): &(String, String, Said<String>)| {
            let was = locked.get(&(&**catalog, &**package)).filter(|was| *was != range)?;
            let (wanted, was) = (quoted(&format!("{package} {range}")), quoted(was));
            let message = format!("{wanted} of the catalog {} stands here, and the lockfile was made with {was}", quoted(catalog));
            Some(Disagreement { location: location.clone(), message })
        };
        Ok(self.catalogs.iter().filter_map(other).collect())
    }

    /// Overrides, patches and catalogs against the lockfile's own.
    pub fn differences(&self, document: &Map<'_>, lockfile: &RelPath) -> Result<Vec<Disagreement>, Wrong> {
        let mut found = Vec::new();
        let locked = document.map("overrides")?.map_or(&[][..], |map| &map.pairs);
        let by_selector: BTreeMap<&str, &Node<'_>> = locked.iter().map(|(selector, range)| (&*selector.text, range)).collect();
        for (selector, (range, location)) in &self.overrides {
            // `$name` and `catalog:` stand for a range that the lockfile has in their place.
            let stands_for_another = range.starts_with('$') || range.starts_with("catalog:");
            let problem = match by_selector.get(&**selector) {
                Some(Node::Text(text)) if text.text == **range || stands_for_another => continue,
                Some(Node::Text(text)) => format!("with {}", quoted(&text.text)),
                _ => "without it".to_owned(),
            };
            let message =
                format!("the override {} stands here, and the lockfile was made {problem}", quoted(&format!("{selector} {range}")));
            found.push(Disagreement { location: location.clone(), message });
        }
        let stated: HashSet<&str> = self.overrides.iter().map(|(selector, _)| &**selector).collect();
        // A package that configures pnpm can set overrides too.
        for (selector, _) in locked.iter().filter(|(selector, _)| self.config.is_empty() && !stated.contains(&*selector.text)) {
            let message =
                format!("the lockfile was made with an override for {}, which neither {FILE} nor package.json has", quoted(&selector.text));
            found.push(Disagreement { location: Location::new(lockfile, selector.line), message });
        }
        let patched = document.map("patchedDependencies")?.map_or(&[][..], |map| &map.pairs);
        let patched: HashSet<&str> = patched.iter().map(|(key, _)| &*key.text).collect();
        for (key, location) in self.patched.iter().filter(|(key, _)| !patched.contains(&**key)) {
            let message = format!("a patch of {} stands here, and the lockfile was made without it", quoted(key));
            found.push(Disagreement { location: location.clone(), message });
        }
        found.extend(self.other_catalogs(document)?);
        Ok(found)
    }
}

fn config(name: &str, value: &Node<'_>) -> Result<Config, Wrong> {
    let (text, tarball) = match value {
        Node::Map(both) => match both.text("integrity")? {
            Some(integrity) => (integrity, both.text("tarball")?),
            None => return Err(Wrong::new(both.line, format!("{} has no `integrity`", quoted(name)))),
        },
        other => (other.text(name)?, None),
    };
    Ok(Config { name: name.to_owned(), text: text.text.to_string(), tarball: tarball.map(|text| text.text.to_string()) })
}

/// The texts of a list with their lines.
fn texts(node: &Node<'_>, what: &str) -> Result<Vec<(String, u32)>, Wrong> {
    node.list(what)?.items.iter().map(|item| item.text(what).map(|text| (text.text.to_string(), text.line))).collect()
}
