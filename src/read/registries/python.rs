//! pip.conf (pip.pypa.io, "configuration"), uv's settings (docs.astral.sh/uv, "indexes"), the sources of Poetry, PDM and
//! Pipenv, and `.netrc`, which all of them look into.

use super::text::{expanded, ini};
use super::{Entry, Role, Settings, Trust, with_toml};
use crate::model::{Credential, Ecosystem};
use crate::read::toml_file::{Table, Value};

const PYPI: Ecosystem = Ecosystem::Pypi;

/// `index-url` and `extra-index-url` of `[global]` and `[install]`; the latter goes before, as pip has it.
pub fn pip_conf(text: &str, shown: &str, trust: Trust<'_>, settings: &mut Settings) -> Result<(), String> {
    let pairs = ini(text, true);
    for section in ["install", "global"] {
        for pair in pairs.iter().filter(|pair| pair.section.eq_ignore_ascii_case(section)) {
            let role = match pair.key.replace('_', "-").to_ascii_lowercase().as_str() {
                "index-url" => Role::Default,
                "extra-index-url" => Role::Further,
                _ => continue,
            };
            for address in pair.value.split_whitespace() {
                settings.name(PYPI, role.clone(), address, shown, trust);
            }
        }
    }
    Ok(())
}

/// uv.toml as a whole; of pyproject.toml `[tool.uv]` and the sources of Poetry and PDM; of Pipfile its sources.
pub fn toml(name: &str, text: &str, shown: &str, trust: Trust<'_>, settings: &mut Settings) -> Result<(), String> {
    with_toml(text, |top| {
        let mut told = Told { shown, trust, settings };
        match name.rsplit('/').next() {
            Some("uv.toml") => told.uv(top),
            Some("Pipfile") => told.sources(top),
            _ => {
                let Some(tool) = top.get("tool").and_then(|tool| tool.as_table()) else { return };
                let of = |name: &'static str| tool.get(name).and_then(|table| table.as_table());
                of("uv").into_iter().for_each(|uv| told.uv(uv));
                ["poetry", "pdm"].into_iter().filter_map(of).for_each(|table| told.sources(table));
            }
        }
    })
}

struct Told<'t> {
    shown: &'t str,
    trust: Trust<'t>,
    settings: &'t mut Settings,
}

impl Told<'_> {
    fn uv(&mut self, uv: Table<'_, '_>) {
        for index in tables(uv.get("index")) {
            // A flat list is a page of files, and no index.
            if index.get("format").and_then(|format| format.as_str()) == Some("flat") {
                continue;
            }
            let is_default = index.get("default").and_then(|value| value.as_bool()) == Some(true);
            let name = index.get("name").and_then(|name| name.as_str());
            self.address(if is_default { Role::Default } else { Role::Further }, index.get("url"), name);
        }
        for table in [uv.get("pip").and_then(|pip| pip.as_table()), Some(uv)].into_iter().flatten() {
            self.address(Role::Default, table.get("index-url"), None);
            for value in table.get("extra-index-url").and_then(|value| value.array().ok()).into_iter().flatten() {
                self.address(Role::Further, Some(value), None);
            }
        }
    }

    fn sources(&mut self, table: Table<'_, '_>) {
        for source in tables(table.get("source")) {
            self.address(Role::Further, source.get("url"), source.get("name").and_then(|name| name.as_str()));
        }
    }

    fn address(&mut self, role: Role, value: Option<Value<'_, '_>>, name: Option<&str>) {
        let Some(value) = value else { return };
        let Some(text) = value.as_str() else {
            let address = Err(format!("{}:{}: an address is no text", self.shown, value.line()));
            return self.settings.entries.push(Entry { ecosystem: PYPI, role, address });
        };
        match expanded(text, self.trust) {
            Ok(address) => {
                if let (Trust::User(_), Some(name)) = (self.trust, name) {
                    self.settings.call(PYPI, name, &address);
                }
                self.settings.name(PYPI, role, &address, self.shown, self.trust);
            }
            Err(reason) => {
                let address = Err(format!("{}:{}: {reason}", self.shown, value.line()));
                self.settings.entries.push(Entry { ecosystem: PYPI, role, address });
            }
        }
    }
}

fn tables<'t, 'a>(value: Option<Value<'t, 'a>>) -> Vec<Table<'t, 'a>> {
    let items = value.and_then(|value| value.array().ok()).unwrap_or_default();
    items.iter().filter_map(|item| item.as_table()).collect()
}

/// The user's `.netrc` (GNU inetutils, "The .netrc file"). `default` is for every host, and so for none here.
pub fn netrc(text: &str) -> Settings {
    let mut settings = Settings::default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut words = lines.flat_map(str::split_whitespace);
    let (mut host, mut user): (Option<&str>, &str) = (None, "");
    while let Some(word) = words.next() {
        match word {
            "machine" => (host, user) = (words.next(), ""),
            "default" => host = None,
            "login" => user = words.next().unwrap_or_default(),
            "password" => {
                let password = words.next().unwrap_or_default();
                let credential = host.and_then(|host| Credential::basic(&format!("//{host}/"), user, password));
                settings.credentials.extend(credential.map(|credential| (PYPI, credential)));
            }
            _ => {}
        }
    }
    settings
}
