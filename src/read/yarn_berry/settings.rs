//! .yarnrc.yml, as far as it says what a lockfile means: registries, catalogs, what extends packages.
//! Yarn reads the file of the project's folder and those of the folders around it; the nearest counts.

use super::locator::quoted;
use crate::model::{Address, Location, RelPath, registry};
use crate::read::package_json::SECTIONS;
use crate::read::yaml::{self, Map, Node, Wrong};
use crate::read::{Files, ReadError};
use hashbrown::HashMap;

pub const FILE: &str = ".yarnrc.yml";

#[derive(Debug, Default)]
pub struct Settings {
    registry: Option<String>,
    /// By scope, with its `@`.
    of_scopes: HashMap<String, String>,
    /// By catalog (the default one has the empty name) and package.
    catalogs: HashMap<(String, String), String>,
    /// By package: the range of versions that are extended, and the dependencies they get.
    extensions: HashMap<String, Vec<Extension>>,
    default_protocol: Option<String>,
    /// Where Yarn 2 and 3 are told to read another lockfile, and which.
    pub other_lockfile: Option<(Location, String)>,
    /// A plugin can put any range in the place of another.
    pub has_plugins: bool,
}

#[derive(Debug)]
pub struct Extension {
    pub place: Location,
    pub range: String,
    /// Name and range.
    pub dependencies: Vec<(String, String)>,
}

/// Where the file can lie: the lockfile's folder and all around it.
pub fn places(folder: &RelPath) -> Vec<RelPath> {
    let mut folders = vec![folder.clone()];
    while let Some(last) = folders.last().filter(|last| !last.is_root()) {
        folders.push(last.parent());
    }
    folders.iter().filter_map(|folder| folder.join(FILE).ok()).collect()
}

impl Settings {
    /// With the errors of files that cannot be read.
    pub fn read(files: &Files) -> (Self, Vec<ReadError>) {
        let mut settings = Settings::default();
        let mut errors = Vec::new();
        for file in places(&files.folder()).iter().filter_map(|path| files.companions.get(path)) {
            let read = yaml::parse(file).and_then(|documents| {
                let taken = documents.iter().try_for_each(|node| settings.take(node.map("the file")?, file.path()));
                taken.map_err(|wrong| wrong.of(file.path()))
            });
            errors.extend(read.err());
        }
        (settings, errors)
    }

    fn take(&mut self, file: &Map<'_>, path: &RelPath) -> Result<(), Wrong> {
        for (key, node) in &file.pairs {
            match &*key.text {
                "npmRegistryServer" => {
                    let registry = node.text(&key.text)?;
                    self.registry.get_or_insert_with(|| registry.text.to_string());
                }
                "npmScopes" => self.take_scopes(node.map(&key.text)?)?,
                "catalog" => self.take_catalog("", node.map(&key.text)?)?,
                "catalogs" => {
                    for (name, catalog) in &node.map(&key.text)?.pairs {
                        self.take_catalog(&name.text, catalog.map(&name.text)?)?;
                    }
                }
                "packageExtensions" => self.take_extensions(node, path)?,
                "lockfileFilename" => {
                    let name = node.text(&key.text)?;
                    let other = (name.text != super::LOCKFILE).then(|| (Location::new(path, name.line), name.text.to_string()));
                    self.other_lockfile = self.other_lockfile.take().or(other);
                }
                "defaultProtocol" => {
                    let protocol = node.text(&key.text)?;
                    self.default_protocol.get_or_insert_with(|| protocol.text.to_string());
                }
                // Those that a plain list or a list of `path` and `spec` names; Yarn's own are known.
                "plugins" => self.has_plugins |= matches!(node, Node::List(list) if list.items.iter().any(is_of_others)),
                _ => {}
            }
        }
        Ok(())
    }

    fn take_scopes(&mut self, scopes: &Map<'_>) -> Result<(), Wrong> {
        for (scope, settings) in &scopes.pairs {
            let Node::Map(settings) = settings else { continue };
            if let Some(registry) = settings.text("npmRegistryServer")? {
                self.of_scopes.entry(format!("@{}", scope.text)).or_insert_with(|| registry.text.to_string());
            }
        }
        Ok(())
    }

    fn take_catalog(&mut self, catalog: &str, packages: &Map<'_>) -> Result<(), Wrong> {
        for (name, range) in &packages.pairs {
            let range = range.text(&name.text)?.text.to_string();
            self.catalogs.entry((catalog.to_owned(), name.text.to_string())).or_insert(range);
        }
        Ok(())
    }

    fn take_extensions(&mut self, node: &Node<'_>, path: &RelPath) -> Result<(), Wrong> {
        // Old Yarns wrote a list of pairs.
        let Node::Map(all) = node else { return Ok(()) };
        for (descriptor, extension) in &all.pairs {
            let Some((name, range)) = super::locator::split(&descriptor.text) else {
                return Err(Wrong::new(descriptor.line, format!("{} names no range of versions", quoted(&descriptor.text))));
            };
            let Node::Map(extension) = extension else { continue };
            let mut dependencies = Vec::new();
            for (name, range) in extension.map(SECTIONS[0].0)?.into_iter().flat_map(|map| &map.pairs) {
                dependencies.push((name.text.to_string(), range.text(&name.text)?.text.to_string()));
            }
            let place = Location::new(path, descriptor.line);
            self.extensions.entry(name.to_owned()).or_default().push(Extension { place, range: range.to_owned(), dependencies });
        }
        Ok(())
    }

    /// The registry of a package; `None` for the default one.
    pub fn registry_of(&self, name: &str) -> Option<Address> {
        let scope = name.split_once('/').and_then(|(scope, _)| self.of_scopes.get(scope));
        let registry = scope.or(self.registry.as_ref())?;
        let registry = registry.trim_end_matches('/');
        (!registry::is_public_npm(registry)).then(|| Address::new(registry))
    }

    /// The range that stands for `catalog:NAME`.
    pub fn catalog(&self, range: &str, name: &str) -> Option<&str> {
        let catalog = range.strip_prefix("catalog:")?;
        self.catalogs.get(&(catalog.to_owned(), name.to_owned())).map(String::as_str)
    }

    pub fn extensions(&self, name: &str) -> &[Extension] {
        self.extensions.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn default_protocol(&self) -> &str {
        self.default_protocol.as_deref().unwrap_or("npm:")
    }
}

/// Whether a plugin is not one of those that Yarn 2 and 3 came with beside themselves.
fn is_of_others(plugin: &Node<'_>) -> bool {
    match plugin {
        Node::Text(_) => true,
        Node::Map(plugin) => !matches!(plugin.get("spec"), Some(Node::Text(spec)) if spec.text.starts_with("@yarnpkg/plugin-")),
        Node::List(_) => true,
    }
}
