//! Variables of the environment that name registries, and secrets of registries.

use super::{Role, Secret, Settings, Trust, folded};
use crate::model::Ecosystem;

/// Variables with addresses, several between blanks; what is first in the list goes before.
const NAMED: [(&str, Ecosystem, Role); 11] = [
    ("npm_config_registry", Ecosystem::Npm, Role::Default),
    ("NPM_CONFIG_REGISTRY", Ecosystem::Npm, Role::Default),
    ("YARN_NPM_REGISTRY_SERVER", Ecosystem::Npm, Role::Default),
    ("UV_DEFAULT_INDEX", Ecosystem::Pypi, Role::Default),
    ("UV_INDEX_URL", Ecosystem::Pypi, Role::Default),
    ("PIP_INDEX_URL", Ecosystem::Pypi, Role::Default),
    ("UV_INDEX", Ecosystem::Pypi, Role::Further),
    ("UV_EXTRA_INDEX_URL", Ecosystem::Pypi, Role::Further),
    ("PIP_EXTRA_INDEX_URL", Ecosystem::Pypi, Role::Further),
    ("PDM_PYPI_URL", Ecosystem::Pypi, Role::Default),
    ("PIPENV_PYPI_MIRROR", Ecosystem::Pypi, Role::Default),
];

/// What all variables say together.
pub fn environment(variables: &[(String, String)]) -> Settings {
    let mut settings = Settings::default();
    let look_up = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let trust = Trust::User(&look_up);
    for (variable, ecosystem, role) in NAMED {
        for address in look_up(variable).unwrap_or_default().split_whitespace() {
            let (called, address) = called(address);
            settings.name(ecosystem, role.clone(), address, variable, trust);
            called.into_iter().for_each(|called| settings.call(ecosystem, called, address));
        }
    }
    for (variable, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        of_name(variable, value, trust, &mut settings);
    }
    settings
}

/// `NAME=https://…`, as uv has it.
fn called(text: &str) -> (Option<&str>, &str) {
    match text.split_once('=') {
        Some((name, address)) if !name.contains([':', '/']) => (Some(name), address),
        _ => (None, text),
    }
}

/// `CARGO_REGISTRIES_NAME_…` and `UV_INDEX_NAME_…`.
fn of_name(variable: &str, value: &str, trust: Trust<'_>, settings: &mut Settings) {
    let part = |start: &str, end: &str| {
        let name = variable.strip_prefix(start)?.strip_suffix(end)?;
        (!name.is_empty()).then(|| folded(name))
    };
    if let Some(name) = part("CARGO_REGISTRIES_", "_INDEX") {
        settings.name(Ecosystem::Cargo, Role::Further, value, variable, trust);
        settings.call(Ecosystem::Cargo, &name, value);
    } else if let Some(name) = part("CARGO_REGISTRIES_", "_TOKEN") {
        settings.secrets.push((Ecosystem::Cargo, name, Secret::Token(value.to_owned())));
    } else if let Some(name) = part("UV_INDEX_", "_USERNAME") {
        settings.secrets.push((Ecosystem::Pypi, name, Secret::User(value.to_owned())));
    } else if let Some(name) = part("UV_INDEX_", "_PASSWORD") {
        settings.secrets.push((Ecosystem::Pypi, name, Secret::Password(value.to_owned())));
    }
}
