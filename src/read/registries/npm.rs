//! `.npmrc` (docs.npmjs.com, "npmrc" and "config") and `.yarnrc.yml` (yarnpkg.com, "configuration").

use super::text::{expanded, ini, npm_value};
use super::{Role, Settings, Trust};
use crate::model::{Credential, Ecosystem, RelPath, SourceFile};
use crate::read::yaml::{self, Map, Node};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

const NPM: Ecosystem = Ecosystem::Npm;

/// Of a key that stands twice the last counts; credentials without a place count for none.
pub fn npmrc(text: &str, shown: &str, trust: Trust<'_>, settings: &mut Settings) -> Result<(), String> {
    let mut registries: BTreeMap<String, Result<String, String>> = BTreeMap::new();
    let mut logins: BTreeMap<String, Login> = BTreeMap::new();
    for pair in ini(text, false).into_iter().filter(|pair| pair.section.is_empty()) {
        let key = match expanded(&npm_value(pair.key), trust) {
            Ok(key) => key,
            // It can name a place for credentials alone.
            Err(_) if pair.key.starts_with("//") => continue,
            Err(reason) => return Err(format!("in a key, {reason}")),
        };
        let value = expanded(&npm_value(&pair.value), trust);
        if key == "registry" || key.starts_with('@') && key.ends_with(":registry") {
            registries.insert(key, value);
        } else if let (Trust::User(_), Some((place, own)), Ok(value)) = (trust, place_of(&key), value) {
            logins.entry(place.to_owned()).or_default().take(own, value);
        }
    }
    for (key, value) in registries {
        let role = key.strip_suffix(":registry").map_or(Role::Default, |scope| Role::Scope(scope.to_owned()));
        match value {
            Ok(value) => settings.name(NPM, role, &value, shown, trust),
            Err(reason) => {
                settings.entries.push(super::Entry { ecosystem: NPM, role, address: Err(format!("{shown}, `{key}`: {reason}")) })
            }
        }
    }
    settings.credentials.extend(logins.iter().filter_map(|(place, login)| Some((NPM, login.credential(place)?))));
    Ok(())
}

/// `//host/path/:_authToken` as the place and the key.
fn place_of(key: &str) -> Option<(&str, &str)> {
    key.starts_with("//").then(|| key.rsplit_once(':')).flatten()
}

#[derive(Default)]
struct Login {
    token: Option<String>,
    auth: Option<String>,
    user: Option<String>,
    /// As it is, not in base64.
    password: Option<String>,
}

impl Login {
    fn take(&mut self, key: &str, value: String) {
        match key {
            "_authToken" => self.token = Some(value),
            "_auth" => self.auth = Some(value),
            "username" => self.user = Some(value),
            "_password" => self.password = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
            _ => {}
        }
    }

    fn credential(&self, place: &str) -> Option<Credential> {
        match (&self.token, &self.auth, &self.user, &self.password) {
            (Some(token), ..) => Credential::bearer(place, token),
            (None, _, Some(user), Some(password)) => Credential::basic(place, user, password),
            (None, Some(auth), ..) => Credential::encoded(place, auth),
            _ => None,
        }
    }
}

/// Yarn 2 and later: servers and scopes, and what lets the user in there.
pub fn yarnrc(text: &str, shown: &str, trust: Trust<'_>, settings: &mut Settings) -> Result<(), String> {
    let file = SourceFile::new(RelPath::root(), text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
    let documents = yaml::parse(&file).map_err(|error| error.kind.to_string())?;
    let Some(Node::Map(top)) = documents.first() else { return Ok(()) };
    server(top, Role::Default, shown, trust, settings);
    if let Some(Node::Map(scopes)) = top.get("npmScopes") {
        for (scope, node) in &scopes.pairs {
            let Node::Map(own) = node else { continue };
            server(own, Role::Scope(format!("@{}", scope.text.trim_start_matches('@'))), shown, trust, settings);
        }
    }
    if let Some(Node::Map(registries)) = top.get("npmRegistries") {
        for (place, node) in &registries.pairs {
            let Node::Map(own) = node else { continue };
            let place = place.text.trim_start_matches("https:").trim_start_matches("http:").to_owned();
            login(own, &place, trust, settings);
        }
    }
    Ok(())
}

fn server(map: &Map<'_>, role: Role, shown: &str, trust: Trust<'_>, settings: &mut Settings) {
    let Some(address) = text_of(map, "npmRegistryServer", trust) else { return };
    match address {
        Ok(address) => {
            login(map, &address, trust, settings);
            settings.name(NPM, role, &address, shown, trust);
        }
        Err(reason) => settings.entries.push(super::Entry { ecosystem: NPM, role, address: Err(format!("{shown}: {reason}")) }),
    }
}

fn login(map: &Map<'_>, place: &str, trust: Trust<'_>, settings: &mut Settings) {
    if matches!(trust, Trust::Repository) {
        return;
    }
    let value = |key: &str| text_of(map, key, trust).and_then(Result::ok);
    let ident = |ident: String| match ident.split_once(':') {
        Some((user, password)) => Credential::basic(place, user, password),
        None => Credential::encoded(place, &ident),
    };
    let token = value("npmAuthToken").and_then(|token| Credential::bearer(place, &token));
    settings.credentials.extend(token.or_else(|| value("npmAuthIdent").and_then(ident)).map(|credential| (NPM, credential)));
}

fn text_of(map: &Map<'_>, key: &str, trust: Trust<'_>) -> Option<Result<String, String>> {
    match map.get(key)? {
        Node::Text(text) if text.is_null() => None,
        Node::Text(text) => Some(expanded(&text.text, trust)),
        other => Some(Err(format!("`{key}` is no text (line {})", other.line()))),
    }
}
