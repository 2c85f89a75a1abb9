//! Which registry a package is asked for at, by the user's configuration and that of the revision that judges.
//!
//! What a pull request brings along has no say: a lockfile that names an address cannot make us knock there, unless the
//! user, the revision that judges or the policy names it too.

use crate::edge::{EntryKind, Snapshot, user};
use crate::enrich::registry::{Registry, default_registry};
use crate::judge::policy;
use crate::model::url::Place;
use crate::model::{Credential, Ecosystem, Package, PackageSource, RelPath, registry};
use crate::read::members;
use crate::read::registries::{self, FILES, LARGEST, Registries, Settings, Trust};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// Why a package is not asked about.
const NOT_NAMED: &str = "its registry is not one that your settings name";

/// All configuration that counts.
pub struct Places<'p> {
    environment: Settings,
    user: Vec<Settings>,
    /// The user's alone: a repository has no credentials.
    own: Registries,
    /// The revision that judges; `None` where its files have no say.
    judging: Option<Box<dyn Snapshot + 'p>>,
    sources: policy::Sources,
    by_folder: RefCell<BTreeMap<RelPath, Rc<Registries>>>,
}

impl<'p> Places<'p> {
    /// Reads the user's configuration.
    pub fn new(judging: Option<Box<dyn Snapshot + 'p>>, sources: policy::Sources) -> Places<'p> {
        let variables = user::variables();
        let environment = registries::environment(&variables);
        let look_up = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let user = of_user(&look_up);
        let own = Registries::new(environment.clone(), Vec::new(), user.clone());
        Places { environment, user, own, judging, sources, by_folder: RefCell::default() }
    }

    /// What lets us in at an address of a registry.
    pub fn let_in(&self, registry: &Registry, url: &str) -> Option<Credential> {
        self.own.credential(registry.ecosystem, url).cloned()
    }

    /// Where a package of a lockfile in this folder is asked for; the reason where it is not.
    pub fn of(&self, package: &Package, folder: &RelPath) -> Result<Registry, String> {
        let PackageSource::Registry { index } = &package.source else {
            return Err(format!("it is from no registry (its source: {})", package.source.kind()));
        };
        let (ecosystem, registries) = (package.ecosystem, self.for_folder(folder));
        match index {
            Some(index) if !is_default(ecosystem, index.as_str()) => {
                let is_named = registries.name(ecosystem, index.as_str()) || self.sources.names_registry(index.as_str());
                if is_named { at(ecosystem, index.as_str()) } else { Err(NOT_NAMED.into()) }
            }
            _ => match registries.of_default(ecosystem, &package.name) {
                None => Ok(default_registry(ecosystem)),
                Some(Ok(address)) => at(ecosystem, address),
                Some(Err(reason)) => Err(format!("its registry is not known: {reason}")),
            },
        }
    }

    fn for_folder(&self, folder: &RelPath) -> Rc<Registries> {
        let mut by_folder = self.by_folder.borrow_mut();
        by_folder.entry(folder.clone()).or_insert_with(|| Rc::new(self.read(folder))).clone()
    }

    fn read(&self, folder: &RelPath) -> Registries {
        let Some(judging) = &self.judging else { return self.own.clone() };
        let folders = members::around(folder);
        let repository =
            folders.flat_map(|folder| FILES.iter().filter_map(move |(name, ecosystem)| Some((folder.join(name).ok()?, *ecosystem))));
        let settings = repository.filter_map(|(path, ecosystem)| of_repository(judging.as_ref(), &path, ecosystem));
        Registries::new(self.environment.clone(), settings.collect(), self.user.clone())
    }
}

/// One file of the revision that judges; `None` where it is not there.
fn of_repository(judging: &dyn Snapshot, path: &RelPath, ecosystem: Ecosystem) -> Option<Settings> {
    let unread = |reason: String| Some(registries::unread(ecosystem, format!("{path} cannot be read: {reason}")));
    let found = match judging.look_up(path) {
        Ok(found) => found?,
        Err(error) => return unread(error.to_string()),
    };
    if found.kind == EntryKind::Folder {
        return None;
    }
    match judging.read(&found, LARGEST).map_err(|error| error.to_string()).map(String::from_utf8) {
        Ok(Ok(text)) => Some(registries::read(path.as_str(), ecosystem, &text, path.as_str(), Trust::Repository)),
        Ok(Err(_)) => unread("it is not UTF-8".into()),
        Err(reason) => unread(reason),
    }
}

/// The files of the user, what goes before first.
fn of_user(variable: &dyn Fn(&str) -> Option<String>) -> Vec<Settings> {
    let mut all = Vec::new();
    for (path, name, ecosystem) in files_of_user(variable) {
        let shown = path.to_string_lossy();
        match user::text(&path, LARGEST) {
            Ok(None) => {}
            Ok(Some(text)) if name == ".netrc" => all.push(registries::netrc(&text)),
            Ok(Some(text)) => all.push(registries::read(name, ecosystem, &text, &shown, Trust::User(variable))),
            Err(reason) => all.push(registries::unread(ecosystem, format!("{shown} cannot be read: {reason}"))),
        }
    }
    all
}

fn files_of_user(variable: &dyn Fn(&str) -> Option<String>) -> Vec<(PathBuf, &'static str, Ecosystem)> {
    use Ecosystem::{Cargo, Npm, Pypi};
    let home = user::home();
    let named = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let config = named("XDG_CONFIG_HOME").or_else(|| in_home(".config"));
    let in_config = |path: &str| config.as_ref().map(|config| config.join(path));
    let in_data = |path: &str| named("APPDATA").map(|data| data.join(path));
    let in_cargo = |path: &str| named("CARGO_HOME").or_else(|| in_home(".cargo")).map(|folder| folder.join(path));
    let files = [
        (named("NPM_CONFIG_USERCONFIG").or_else(|| named("npm_config_userconfig")).or_else(|| in_home(".npmrc")), ".npmrc", Npm),
        (in_home(".yarnrc.yml"), ".yarnrc.yml", Npm),
        // npm looks below the folder in which node is installed; these are where systems have it.
        (named("NPM_CONFIG_GLOBALCONFIG").or_else(|| named("npm_config_globalconfig")), ".npmrc", Npm),
        (named("NPM_CONFIG_PREFIX").or_else(|| named("npm_config_prefix")).map(|prefix| prefix.join("etc/npmrc")), ".npmrc", Npm),
        (Some(PathBuf::from("/usr/local/etc/npmrc")), ".npmrc", Npm),
        (Some(PathBuf::from("/usr/etc/npmrc")), ".npmrc", Npm),
        (Some(PathBuf::from("/etc/npmrc")), ".npmrc", Npm),
        (named("UV_CONFIG_FILE").or_else(|| in_config("uv/uv.toml")), "uv.toml", Pypi),
        (in_data("uv/uv.toml"), "uv.toml", Pypi),
        (Some(PathBuf::from("/etc/uv/uv.toml")), "uv.toml", Pypi),
        (named("PIP_CONFIG_FILE"), "pip.conf", Pypi),
        // pip's "site" file: that of the environment.
        (named("VIRTUAL_ENV").or_else(|| named("CONDA_PREFIX")).map(|folder| folder.join("pip.conf")), "pip.conf", Pypi),
        (in_config("pip/pip.conf"), "pip.conf", Pypi),
        (in_home("Library/Application Support/pip/pip.conf"), "pip.conf", Pypi),
        (in_home(".pip/pip.conf"), "pip.conf", Pypi),
        (in_data("pip/pip.ini"), "pip.ini", Pypi),
        (Some(PathBuf::from("/etc/pip.conf")), "pip.conf", Pypi),
        (named("NETRC").or_else(|| in_home(".netrc")), ".netrc", Pypi),
        (in_cargo("config.toml"), "config.toml", Cargo),
        (in_cargo("config"), "config", Cargo),
        (in_cargo("credentials.toml"), "credentials.toml", Cargo),
        (in_cargo("credentials"), "credentials", Cargo),
    ];
    files.into_iter().filter_map(|(path, name, ecosystem)| Some((path?, name, ecosystem))).collect()
}

/// Whether an address is that of the ecosystem's public registry.
fn is_default(ecosystem: Ecosystem, address: &str) -> bool {
    match ecosystem {
        Ecosystem::Cargo => registry::is_crates_io(address.trim_start_matches("sparse+").trim_start_matches("registry+")),
        Ecosystem::Npm => registry::is_public_npm(address),
        Ecosystem::Pypi => registry::is_pypi(address),
    }
}

/// The registry at an address.
fn at(ecosystem: Ecosystem, address: &str) -> Result<Registry, String> {
    if is_default(ecosystem, address) {
        return Ok(default_registry(ecosystem));
    }
    let base = match ecosystem {
        Ecosystem::Cargo => address.strip_prefix("sparse+").ok_or("its index is a git repository, and those are not asked")?,
        _ => address,
    };
    if Place::parse(base).is_none() || base.contains(['?', '#']) {
        return Err("its registry has no address that can be asked".into());
    }
    Ok(Registry { ecosystem, base: base.trim_end_matches('/').to_owned(), api: None })
}
