//! `.cargo/config.toml` and `credentials.toml` (doc.rust-lang.org/cargo/reference/config.html, "registries", "source").

use super::{Entry, Role, Secret, Settings, Trust, folded, with_toml};
use crate::model::Ecosystem;
use crate::model::text::quoted;
use crate::read::toml_file::Table;

const CARGO: Ecosystem = Ecosystem::Cargo;

/// Replacements that lead from one to the next at most.
const MOST_STEPS: usize = 10;

/// `[registries.NAME]` with their tokens, and what `[source.crates-io]` is replaced with.
pub fn toml(text: &str, shown: &str, trust: Trust<'_>, settings: &mut Settings) -> Result<(), String> {
    with_toml(text, |top| {
        for (name, registry) in tables(&top, "registries") {
            if let Some(index) = text_of(&registry, "index") {
                settings.name(CARGO, Role::Further, index, shown, trust);
                if let Trust::User(_) = trust {
                    settings.call(CARGO, name, index);
                }
            }
            if let (Trust::User(_), Some(token)) = (trust, text_of(&registry, "token")) {
                settings.secrets.push((CARGO, folded(name), Secret::Token(token.to_owned())));
            }
        }
        let sources = tables(&top, "source");
        for (_, source) in &sources {
            if let Some(address) = text_of(source, "registry") {
                settings.name(CARGO, Role::Further, address, shown, trust);
            }
        }
        match replacement(&sources) {
            None => {}
            Some(Ok(address)) => settings.name(CARGO, Role::Default, &address, shown, trust),
            Some(Err(reason)) => {
                settings.entries.push(Entry { ecosystem: CARGO, role: Role::Default, address: Err(format!("{shown}: {reason}")) });
            }
        }
    })
}

fn tables<'t>(top: &Table<'t, 't>, key: &'static str) -> Vec<(&'t str, Table<'t, 't>)> {
    let table = top.get(key).and_then(|value| value.as_table());
    let pairs = table.into_iter().flat_map(|table| table.pairs().collect::<Vec<_>>());
    pairs.filter_map(|(name, _, value)| Some((name, value.as_table()?))).collect()
}

fn text_of<'t>(table: &Table<'t, 't>, key: &'static str) -> Option<&'t str> {
    table.get(key).and_then(|value| value.as_str())
}

/// What crates.io is replaced with; `None` where it is not.
fn replacement(sources: &[(&str, Table<'_, '_>)]) -> Option<Result<String, String>> {
    let named = |name: &str| sources.iter().find(|(known, _)| *known == name).map(|(_, table)| table);
    let mut name = named("crates-io")?.get("replace-with")?.as_str()?;
    for _ in 0..MOST_STEPS {
        let Some(table) = named(name) else {
            return Some(Err(format!("crates.io is replaced with {}, which the file does not tell of", quoted(name))));
        };
        match (table.get("replace-with").and_then(|value| value.as_str()), table.get("registry").and_then(|value| value.as_str())) {
            (Some(next), _) => name = next,
            (None, Some(address)) => return Some(Ok(address.to_owned())),
            (None, None) => {
                return Some(Err(format!("crates.io is replaced with {}, which is no registry that can be asked", quoted(name))));
            }
        }
    }
    Some(Err("crates.io is replaced in a circle".into()))
}
