//! Which registry a package is asked for at, by the ecosystem's own configuration.
//!
//! Two classes of it are told apart ([`Trust`]). What the user has (home folder, environment) may hold credentials and
//! name variables of the environment. What a repository holds is hostile: it may name registries, and nothing else of
//! it counts. A token that belongs to a name goes to the registry that the *user* calls so. What cannot be read is no
//! default, but the reason why the registry is not known.

mod cargo;
mod environment;
mod npm;
mod python;
mod text;

pub use environment::environment;
pub use python::netrc;

use super::toml_file::TomlFile;
use crate::model::url::{Place, split_user};
use crate::model::{Credential, Ecosystem, PackageName, RelPath, SourceFile};

/// Who says it.
#[derive(Clone, Copy)]
pub enum Trust<'t> {
    /// The user; the function looks up a variable of the environment.
    User(&'t dyn Fn(&str) -> Option<String>),
    Repository,
}

/// For which packages an address is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It takes the place of the ecosystem's default registry.
    Default,
    /// npm's packages of a scope, `@corp`.
    Scope(String),
    /// Packages that a lockfile says are from there.
    Further,
    /// A file that cannot be read: it may say anything.
    Unread,
}

/// A registry that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub ecosystem: Ecosystem,
    pub role: Role,
    /// Without credentials; or why it cannot be asked, as a clause for people.
    pub address: Result<String, String>,
}

/// What one file or the environment says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub entries: Vec<Entry>,
    /// For requests of the ecosystem.
    credentials: Vec<(Ecosystem, Credential)>,
    /// What the user calls which address.
    names: Vec<(Ecosystem, String, String)>,
    /// Secrets of names.
    secrets: Vec<(Ecosystem, String, Secret)>,
}

/// A secret of a registry that is known by its name.
#[derive(Clone)]
enum Secret {
    Token(String),
    User(String),
    Password(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Files of settings in a repository, as seen from the folder that they hold for. pip has none there.
pub const FILES: [(&str, Ecosystem); 7] = [
    (".npmrc", Ecosystem::Npm),
    (".yarnrc.yml", Ecosystem::Npm),
    ("uv.toml", Ecosystem::Pypi),
    ("pyproject.toml", Ecosystem::Pypi),
    ("Pipfile", Ecosystem::Pypi),
    (".cargo/config.toml", Ecosystem::Cargo),
    (".cargo/config", Ecosystem::Cargo),
];

/// Larger files are not read, in bytes.
pub const LARGEST: u64 = 1 << 20;
/// Registries of one file at most.
const MOST_ENTRIES: usize = 1000;

/// What a file says, by its name (`credentials.toml` is Cargo's, and the user's alone). `shown` is how people know it.
pub fn read(name: &str, ecosystem: Ecosystem, text: &str, shown: &str, trust: Trust<'_>) -> Settings {
    let mut settings = Settings::default();
    let result = match name.rsplit('/').next().unwrap_or(name) {
        ".npmrc" => npm::npmrc(text, shown, trust, &mut settings),
        ".yarnrc.yml" => npm::yarnrc(text, shown, trust, &mut settings),
        "pip.conf" | "pip.ini" => python::pip_conf(text, shown, trust, &mut settings),
        "uv.toml" | "pyproject.toml" | "Pipfile" => python::toml(name, text, shown, trust, &mut settings),
        _ => cargo::toml(text, shown, trust, &mut settings),
    };
    match result {
        Ok(()) if settings.entries.len() <= MOST_ENTRIES => settings,
        Ok(()) => unread(ecosystem, format!("{shown} names more than {MOST_ENTRIES} registries")),
        Err(reason) => unread(ecosystem, format!("{shown} cannot be read: {reason}")),
    }
}

/// Settings of which nothing is known.
pub fn unread(ecosystem: Ecosystem, reason: String) -> Settings {
    Settings { entries: vec![Entry { ecosystem, role: Role::Unread, address: Err(reason) }], ..Settings::default() }
}

impl Settings {
    /// Takes in an address as a user or a repository writes it. What is before an `@` in it becomes a credential of
    /// the user's, and is dropped otherwise.
    fn name(&mut self, ecosystem: Ecosystem, role: Role, address: &str, shown: &str, trust: Trust<'_>) {
        let (prefix, url) = match address.split_once('+') {
            Some((kind @ ("sparse" | "registry"), url)) => (format!("{kind}+"), url),
            _ => (String::new(), address),
        };
        let (url, user) = split_user(url.trim());
        let address = match Place::parse(&url) {
            None => Err(format!("{shown} names a registry that is no address of a server")),
            Some(_) if url.contains(['?', '#']) => Err(format!("{shown} names a registry whose address is no plain one")),
            Some(_) => Ok(format!("{prefix}{}", url.trim_end_matches('/'))),
        };
        if let (Trust::User(_), Some((user, password))) = (trust, user) {
            self.credentials.extend(Credential::basic(&url, &user, &password).map(|credential| (ecosystem, credential)));
        }
        self.entries.push(Entry { ecosystem, role, address });
    }

    /// What the user calls an address.
    fn call(&mut self, ecosystem: Ecosystem, name: &str, address: &str) {
        let (url, _) = split_user(bare(address));
        self.names.push((ecosystem, folded(name), url));
    }

    /// The other's after one's own.
    fn join(&mut self, other: Settings) {
        self.entries.extend(other.entries);
        self.credentials.extend(other.credentials);
        self.names.extend(other.names);
        self.secrets.extend(other.secrets);
    }
}

/// Names of registries as variables of the environment write them.
fn folded(name: &str) -> String {
    name.replace(['-', '.'], "_").to_ascii_uppercase()
}

/// Without what Cargo writes before an address.
fn bare(address: &str) -> &str {
    address.strip_prefix("sparse+").or_else(|| address.strip_prefix("registry+")).unwrap_or(address)
}

/// All that counts for one folder.
#[derive(Clone, Debug, Default)]
pub struct Registries {
    /// What comes first goes before.
    settings: Vec<Settings>,
    credentials: Vec<(Ecosystem, Credential)>,
}

impl Registries {
    /// The environment goes before the repository's files (the nearest first), and those before the user's.
    pub fn new(environment: Settings, repository: Vec<Settings>, user: Vec<Settings>) -> Registries {
        let mut own = environment.clone();
        user.iter().for_each(|settings| own.join(settings.clone()));
        let mut credentials = own.credentials.clone();
        for (ecosystem, name, url) in &own.names {
            credentials.extend(of_secrets(&own.secrets, *ecosystem, name, url).map(|credential| (*ecosystem, credential)));
        }
        let repository = repository.into_iter().map(|said| Settings { entries: said.entries, ..Settings::default() });
        Registries { settings: [environment].into_iter().chain(repository).chain(user).collect(), credentials }
    }

    /// The registry that takes the place of the default one for a package, or why it is not known which does; `None`
    /// where the default counts.
    pub fn of_default(&self, ecosystem: Ecosystem, name: &PackageName) -> Option<Result<&str, &str>> {
        let (scope, _) = name.split_scope();
        let entries = || self.settings.iter().flat_map(|settings| &settings.entries).filter(|entry| entry.ecosystem == ecosystem);
        let of_scope = |entry: &&Entry| match &entry.role {
            Role::Scope(own) => scope == Some(own),
            role => *role == Role::Unread,
        };
        let is_default = |entry: &&Entry| matches!(entry.role, Role::Default | Role::Unread);
        let scoped = if scope.is_some() { entries().find(of_scope) } else { None };
        let entry = scoped.or_else(|| entries().find(is_default))?;
        Some(entry.address.as_deref().map_err(String::as_str))
    }

    /// Whether a registry is one that somebody named here.
    pub fn name(&self, ecosystem: Ecosystem, address: &str) -> bool {
        let wanted = Place::parse(bare(address));
        let entries = self.settings.iter().flat_map(|settings| &settings.entries).filter(|entry| entry.ecosystem == ecosystem);
        let mut places = entries.filter_map(|entry| Place::parse(bare(entry.address.as_deref().ok()?)));
        wanted.is_some_and(|wanted| places.any(|place| place == wanted))
    }

    /// What lets us in at an address; of several the one that is nearest to it.
    pub fn credential(&self, ecosystem: Ecosystem, url: &str) -> Option<&Credential> {
        let own = self.credentials.iter().filter(|(of, credential)| *of == ecosystem && credential.is_for(url));
        // The first of those that are as near goes before.
        own.map(|(_, credential)| credential).rev().max_by_key(|credential| credential.depth())
    }
}

fn of_secrets(secrets: &[(Ecosystem, String, Secret)], ecosystem: Ecosystem, name: &str, url: &str) -> Option<Credential> {
    let own = || secrets.iter().filter(|(of, known, _)| *of == ecosystem && known == name).map(|(.., secret)| secret);
    let token = own().find_map(|secret| if let Secret::Token(token) = secret { Some(token) } else { None });
    let user = own().find_map(|secret| if let Secret::User(user) = secret { Some(user.as_str()) } else { None });
    let password = own().find_map(|secret| if let Secret::Password(password) = secret { Some(password.as_str()) } else { None });
    match token {
        Some(token) => Credential::raw(url, token),
        None if user.is_none() && password.is_none() => None,
        None => Credential::basic(url, user.unwrap_or_default(), password.unwrap_or_default()),
    }
}

/// The text as TOML, and what `read` makes of its top table.
fn with_toml(text: &str, read: impl FnOnce(super::toml_file::Table<'_, '_>)) -> Result<(), String> {
    let file = SourceFile::new(RelPath::root(), text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
    let toml = TomlFile::parse(&file).map_err(|error| error.kind.to_string())?;
    read(toml.root());
    Ok(())
}

#[cfg(test)]
mod tests;
