//! Manifests for themselves: whether one asks for packages at all, where no lockfile says which.

use super::toml_file::{Table, TomlFile};
use crate::model::{Ecosystem, RelPath, SourceFile};
use serde_json::Value;

/// Manifests that ask for packages, and the ecosystem of each.
pub const MANIFESTS: [(&str, Ecosystem); 4] =
    [("Cargo.toml", Ecosystem::Cargo), ("package.json", Ecosystem::Npm), ("pyproject.toml", Ecosystem::Pypi), ("Pipfile", Ecosystem::Pypi)];

/// The ecosystem of a manifest by its name.
pub fn ecosystem_of(path: &RelPath) -> Option<Ecosystem> {
    MANIFESTS.iter().find(|(name, _)| *name == path.file_name()).map(|(_, ecosystem)| *ecosystem)
}

/// Whether the manifest asks for a package. One that cannot be read may.
pub fn asks(file: &SourceFile) -> bool {
    match file.path().file_name() {
        "package.json" => serde_json::from_str(file.text()).map_or(true, |manifest: Value| {
            let sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
            sections.iter().any(|section| manifest[section].as_object().is_some_and(|asked| !asked.is_empty()))
        }),
        name => TomlFile::parse(file).map_or(true, |toml| asks_in(name, &toml.root())),
    }
}

fn asks_in(name: &str, root: &Table<'_, '_>) -> bool {
    let at = |keys: &[&'static str]| -> usize {
        let mut table = Some(*root);
        let (last, folders) = keys.split_last().expect("a key");
        for key in folders {
            table = table.and_then(|table| table.get(key)).and_then(|value| value.as_table());
        }
        let value = table.and_then(|table| table.get(last));
        value
            .map_or(0, |value| value.as_table().map_or_else(|| value.array().map_or(0, |items| items.len()), |table| table.pairs().count()))
    };
    match name {
        "Cargo.toml" => ["dependencies", "dev-dependencies", "build-dependencies", "target"].iter().any(|section| at(&[section]) > 0),
        "Pipfile" => at(&["packages"]) + at(&["dev-packages"]) > 0,
        _ => {
            let standard = at(&["project", "dependencies"]) + at(&["project", "optional-dependencies"]) + at(&["dependency-groups"]);
            // Poetry lists the interpreter among them.
            standard + at(&["tool", "poetry", "group"]) > 0 || at(&["tool", "poetry", "dependencies"]) > 1
        }
    }
}
