//! What a key of a settings file is about: where packages come from, something that is read or harmless,
//! or something that is not read.

/// What a value is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Where packages come from, what passes for them, how they are checked; of one npm scope or of all.
    Source(Option<String>),
    /// Held against the lockfile where that is read, or without effect on what is installed.
    Passed,
    Other,
}

/// Parts of keys by which package managers name places that packages come from, in small letters, without
/// `-` and `_`.
const PLACES: [&str; 9] = ["registry", "registries", "index", "source", "findlinks", "scopes", "mirror", "url", "pnpmfile"];

/// The same of what passes for packages, and of how they are checked.
const OF_SOURCES: [&str; 10] =
    ["replacewith", "proxy", "ssl", "cafile", "cainfo", "insecure", "checksumbehavior", "integrity", "binaryhost", "binarysite"];

/// Whole keys, as the parts above: other files with settings, certificates, local overrides, and whether
/// the lockfile counts.
const WHOLE: [&str; 10] =
    ["certificates", "ca", "include", "paths", "patch", "userconfig", "globalconfig", "packagelock", "shrinkwrap", "lockfile"];

/// The same of Yarn 2 and later, whose registries are read with the lockfile.
const OF_SOURCES_IN_YARNRC: [&str; 5] = ["checksumbehavior", "proxy", "ssl", "cafile", "unsafehttp"];

/// What is read with the lockfile ([`crate::read::yarn_berry`]).
const READ_IN_YARNRC: [&str; 7] =
    ["npmregistryserver", "npmscopes", "catalog", "catalogs", "packageextensions", "lockfilefilename", "defaultprotocol"];

/// What is read with the lockfile ([`crate::read::pnpm_lock`]).
const READ_BY_PNPM: [&str; 11] = [
    "packages",
    "catalog",
    "catalogs",
    "overrides",
    "patcheddependencies",
    "configdependencies",
    "onlybuiltdependencies",
    "allowbuilds",
    "neverbuiltdependencies",
    "onlybuiltdependenciesfile",
    "dangerouslyallowallbuilds",
];

/// How pnpm writes manifests, and what it tells the user (pnpm.io/settings).
const HARMLESS_FOR_PNPM: [&str; 9] = [
    "catalogmode",
    "cleanupunusedcatalogs",
    "saveprefix",
    "saveexact",
    "saveworkspaceprotocol",
    "ignoredbuiltdependencies",
    "strictpeerdependencies",
    "updatenotifier",
    "auditconfig",
];

/// Credentials say who asks, not where. Below [`CHOSEN_NAMES`] a key is no word of the
/// package manager's.
const CREDENTIALS: [&str; 14] = [
    "auth",
    "authtoken",
    "alwaysauth",
    "username",
    "password",
    "email",
    "certfile",
    "keyfile",
    "token",
    "secretkey",
    "npmauthtoken",
    "npmauthident",
    "npmalwaysauth",
    "pypitoken",
];

const CHOSEN_NAMES: [&str; 7] = ["scopes", "registries", "repositories", "source", "env", "alias", "define"];

fn plain(part: &str) -> String {
    part.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

fn parts(key: &str) -> impl Iterator<Item = &str> {
    key.split(['\u{1f}', '\u{1e}']).filter(|part| !part.is_empty())
}

/// Whether a key names a place that packages come from.
pub fn is_place(key: &str) -> bool {
    let key = plain(key);
    PLACES.iter().any(|part| key.contains(part))
}

/// Of a TOML or YAML file. `locked` says that a lockfile is read together with it.
pub fn of(file: &str, key: &str, locked: bool) -> Meaning {
    let parts: Vec<&str> = parts(key).collect();
    let names: Vec<String> = parts.iter().map(|part| plain(part)).filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect();
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return Meaning::Other };
    let read = match file {
        ".yarnrc.yml" => &READ_IN_YARNRC[..],
        "pnpm-workspace.yaml" => &READ_BY_PNPM[..],
        _ => &[],
    };
    let is_credential = CREDENTIALS.contains(&&**last) && !names.iter().nth_back(1).is_some_and(|list| CHOSEN_NAMES.contains(&&**list));
    let contains = |all: &[&str]| names.iter().any(|name| all.iter().any(|part| name.contains(part)));
    match file {
        _ if read.contains(&&**first) && locked => Meaning::Passed,
        "pnpm-workspace.yaml" if read.contains(&&**first) => Meaning::Other,
        "pnpm-workspace.yaml" if HARMLESS_FOR_PNPM.contains(&&**first) => Meaning::Passed,
        _ if is_credential => Meaning::Passed,
        ".yarnrc.yml" if contains(&OF_SOURCES_IN_YARNRC) || read.contains(&&**first) => Meaning::Source(None),
        ".yarnrc.yml" => Meaning::Other,
        // git or sparse: the same registry.
        _ if names == ["registries", "cratesio", "protocol"] => Meaning::Passed,
        "bunfig.toml" if first != "install" => Meaning::Other,
        _ if is_place(key) || contains(&OF_SOURCES) || WHOLE.contains(&&**first) || WHOLE.contains(&&**last) => {
            Meaning::Source(scope(file, &parts))
        }
        _ => Meaning::Other,
    }
}

/// `install.scopes.@zoo` of Bun, where the `@` may be missing, and `registries.@zoo` of pnpm.
fn scope(file: &str, parts: &[&str]) -> Option<String> {
    let at = match file {
        "bunfig.toml" if parts.starts_with(&["install", "scopes"]) => 2,
        // The number of the document comes first.
        "pnpm-workspace.yaml" if parts.get(1) == Some(&"registries") => 2,
        _ => return None,
    };
    let scope = parts.get(at).map(|scope| format!("@{}", scope.trim_start_matches('@')))?;
    (is_scope(&scope) && (file == "bunfig.toml" || parts[at].starts_with('@'))).then_some(scope)
}

/// Of .npmrc: `//host/:key` is of a host, `@zoo:registry` of a scope. npm puts the environment into keys.
pub fn of_ini(key: &str) -> Meaning {
    let own = if key.starts_with("//") { key.rsplit(':').next().unwrap_or(key) } else { key };
    let own = plain(own.trim_end_matches("[]"));
    match () {
        () if key.contains("${") => Meaning::Source(None),
        () if CREDENTIALS.contains(&&*own) => Meaning::Passed,
        () if is_place(&own) || OF_SOURCES.iter().any(|part| own.contains(part)) || WHOLE.contains(&&*own) => {
            Meaning::Source(scope_of_registry(key))
        }
        () => Meaning::Other,
    }
}

/// Of .yarnrc: what the whole line names counts, since a line can hold several keys.
pub fn of_yarnrc(key: &str, line: &str) -> Meaning {
    let is_one = line.split_whitespace().count() == 2 && !line.contains(',');
    match scope_of_registry(key).filter(|_| is_one) {
        Some(scope) => Meaning::Source(Some(scope)),
        None if line.contains('\\') || is_place(line) || matches!(of_ini(&plain(line)), Meaning::Source(_)) => Meaning::Source(None),
        None => of_ini(key),
    }
}

fn scope_of_registry(key: &str) -> Option<String> {
    key.strip_suffix(":registry").filter(|scope| is_scope(scope)).map(str::to_owned)
}

/// Whether it is a scope and no more.
fn is_scope(text: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    text.strip_prefix('@').is_some_and(|name| !name.is_empty() && name.chars().all(is_of_name))
}
