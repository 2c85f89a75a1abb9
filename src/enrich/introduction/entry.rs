//! An entry of a manifest in JSON or TOML, known again by the keys that lead to it. It is asked for where the line tells
//! nothing of one requirement: all of a manifest in one line, tables and lists in one.

use super::manifest::{asks, first_words, folded};
use serde_json::Value;
use std::collections::HashMap;

/// What asks for one package, wherever it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The keys that lead to it, its own as the last; of one in a list those that lead to the list.
    path: Vec<String>,
    name: String,
    requirement: String,
}

/// Keys that lead to an entry. `tool.poetry.group.dev.dependencies.fox` has six.
const DEEPEST: usize = 10;

/// The whole of a manifest. `None` for other files than JSON and TOML, and for what is neither.
pub fn tree(file_name: &str, text: &str) -> Option<Value> {
    match file_name {
        "Pipfile" => toml::from_str(text).ok(),
        name if name.ends_with(".json") => serde_json::from_str(text).ok(),
        name if name.ends_with(".toml") => toml::from_str(text).ok(),
        _ => None,
    }
}

/// What a manifest may ask for, by the names of packages.
#[derive(Default)]
pub struct Entries<'v> {
    by_name: HashMap<String, Vec<(Vec<&'v str>, &'v Value)>>,
}

impl<'v> Entries<'v> {
    pub fn of(tree: &'v Value) -> Self {
        let mut entries = Entries::default();
        entries.add(tree, &mut Vec::new());
        entries
    }

    fn add(&mut self, value: &'v Value, path: &mut Vec<&'v str>) {
        let mut put = |name: String| self.by_name.entry(name).or_default().push((path.clone(), value));
        match value {
            // A text of a list says itself what it asks for.
            Value::String(text) => first_words(text).chain(path.last().copied()).map(folded).for_each(&mut put),
            Value::Object(_) => path.last().copied().map(folded).into_iter().for_each(&mut put),
            _ => {}
        }
        match value {
            _ if path.len() == DEEPEST => {}
            Value::Array(items) => items.iter().for_each(|item| self.add(item, path)),
            Value::Object(pairs) => pairs.iter().for_each(|(key, value)| {
                path.push(key);
                self.add(value, path);
                path.pop();
            }),
            _ => {}
        }
    }

    /// The one entry that asks for a package with this requirement; `None` where none does, or several do: nobody
    /// knows which of them is meant.
    pub fn entry(&self, name: &str, requirement: &str) -> Option<Entry> {
        let name = folded(name);
        let candidates = self.by_name.get(&name).into_iter().flatten();
        let mut asking =
            candidates.filter(|(path, value)| is_section(path) && is_asking(path, value, &name, requirement)).map(|(path, _)| path);
        let first = asking.next()?;
        // A text can be found by its words and by its key.
        asking.all(|other| other == first).then(|| Entry {
            path: first.iter().map(|key| (*key).to_owned()).collect(),
            name,
            requirement: requirement.to_owned(),
        })
    }
}

impl Entry {
    pub fn is_in(&self, tree: &Value) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.iter().try_fold(tree, |value, key| value.get(key)) {
            Some(Value::Array(items)) => items.iter().any(|item| is_asking(&path, item, &self.name, &self.requirement)),
            Some(value) => is_asking(&path, value, &self.name, &self.requirement),
            None => false,
        }
    }
}

/// Whether what the keys lead to is what somebody depends on, and not a script or a setting.
fn is_section(path: &[&str]) -> bool {
    let words = ["dependenc", "packages", "catalog", "requires"];
    path.iter().any(|key| words.iter().any(|word| key.to_ascii_lowercase().contains(word)))
}

/// Whether a value asks for the package: a text or table under its name (`"fox": "^1"`, `fox = { version = "1" }`), or
/// a text of a list (`"fox>=1"`).
fn is_asking(path: &[&str], value: &Value, name: &str, requirement: &str) -> bool {
    let is_named = path.last().is_some_and(|key| folded(key) == name);
    match value {
        Value::String(text) => is_named && text == requirement || asks(text, name, requirement),
        Value::Object(pairs) => is_named && pairs.values().any(|value| value == requirement),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Entries, tree};

    /// Whether the entry of `before` is in `after`; `None` where there is no one entry.
    fn is_kept(file: &str, (before, after): (&str, &str), name: &str, requirement: &str) -> Option<bool> {
        let entry = Entries::of(&tree(file, before)?).entry(name, requirement)?;
        tree(file, after).map(|after| entry.is_in(&after))
    }

    #[test]
    fn an_entry_is_known_again_where_it_asks_for_the_same() {
        let npm = r#"{"scripts":{"fox":"^1"},"dependencies":{"ant":"^1","fox":"^1"}}"#;
        let npm_without = r#"{"scripts":{"fox":"^1"},"dependencies":{"ant":"^1"},"devDependencies":{"fox":"^1"}}"#;
        let cargo = "dependencies = { ant = \"1\", fox = { version = \"1\" } }\n";
        let project = "[project]\ndependencies = [\"ant\", \"Fox>=1\"]\n";
        let group = "dependency-groups = { dev = [\"fox>=1\"], docs = [\"ant>=1\"] }\n";
        for (file, before, after, requirement, expected) in [
            ("package.json", npm, npm, "^1", Some(true)),
            ("package.json", npm, "{\n  \"dependencies\": {\n    \"fox\": \"^1\"\n  }\n}\n", "^1", Some(true)),
            ("package.json", npm, npm_without, "^1", Some(false)),
            ("package.json", npm, "[1]", "^1", Some(false)),
            ("package.json", npm, "{", "^1", None),
            ("package.json", npm, npm, "^2", None),
            ("package.json", r#"{"dependencies":{"fox":"1"},"peerDependencies":{"fox":"1"}}"#, npm, "1", None),
            ("Cargo.toml", cargo, "[dependencies]\nfox = \"1\"\n", "1", Some(true)),
            ("Cargo.toml", cargo, "[dev-dependencies]\nfox = \"1\"\n", "1", Some(false)),
            ("Cargo.toml", cargo, "[dependencies]\nfox = \"1.2\"\n", "1", Some(false)),
            ("pyproject.toml", project, "project.dependencies = [\"fox >=1 ; extra\"]\n", ">=1", Some(true)),
            ("pyproject.toml", project, "project.dependencies = [\"firefox>=1\", \"fox>=1.2\"]\n", ">=1", Some(false)),
            ("pyproject.toml", group, "dependency-groups = { docs = [\"fox>=1\"] }\n", ">=1", Some(false)),
            ("Pipfile", "packages = { fox = \"==1\" }\n", "[packages]\nfox = \"==1\"\n", "==1", Some(true)),
            ("setup.py", npm, npm, "^1", None),
        ] {
            assert_eq!(is_kept(file, (before, after), "fox", requirement), expected, "{file}: {before} -> {after}");
        }
    }
}
