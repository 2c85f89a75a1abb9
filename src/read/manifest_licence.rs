//! What a manifest says of its own project's licence: a text, or the file in which it stands.
//!
//! A manifest that cannot be read says nothing here: whoever needs it for the graph tells of that.

use super::json::{Lenient, Text};
use super::toml_file::{Table, TomlFile};
use super::{npm, package_lock, pyproject};
use crate::model::{Lines, RelPath, SourceFile};
use serde::Deserialize;

/// Where a project's licence stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// As stated, with its line in the manifest.
    Text(String, u32),
    /// In a file of the project.
    File(RelPath),
}

/// The licence that a manifest states. `workspace` is the Cargo.toml from which a member may inherit its own.
pub fn stated(manifest: &SourceFile, workspace: Option<&SourceFile>) -> Option<Stated> {
    match manifest.path().file_name() {
        "Cargo.toml" => of_cargo(manifest, workspace),
        package_lock::MANIFEST => of_npm(manifest),
        pyproject::FILE_NAME => of_python(manifest),
        _ => None,
    }
}

/// The Cargo book, "The license and license-file fields".
fn of_cargo(manifest: &SourceFile, workspace: Option<&SourceFile>) -> Option<Stated> {
    let file = TomlFile::parse(manifest).ok()?;
    let package = file.root().table("package").ok()??;
    let inherits = |key| package.get(key).and_then(|value| value.as_table()?.get("workspace")?.as_bool()) == Some(true);
    if inherits("license") || inherits("license-file") {
        let workspace = workspace?;
        let file = TomlFile::parse(workspace).ok()?;
        let shared = file.root().table("workspace").ok()??.table("package").ok()??;
        return of_table(&shared, workspace, ["license", "license-file"]);
    }
    of_table(&package, manifest, ["license", "license-file"])
}

fn of_table(table: &Table<'_, '_>, manifest: &SourceFile, [text, file]: [&'static str; 2]) -> Option<Stated> {
    match (table.get(text), table.get(file)) {
        (Some(value), _) => Some(Stated::Text(value.as_str()?.to_owned(), value.line())),
        (None, Some(value)) => beside(manifest, value.as_str()?),
        (None, None) => None,
    }
}

fn beside(manifest: &SourceFile, file: &str) -> Option<Stated> {
    manifest.path().parent().join(file).ok().map(Stated::File)
}

#[derive(Deserialize)]
struct PackageJson<'t> {
    #[serde(borrow, default)]
    license: Lenient<'t>,
    #[serde(borrow, default)]
    licenses: Lenient<'t>,
}

/// npm's documentation of package.json, "license".
fn of_npm(manifest: &SourceFile) -> Option<Stated> {
    let raw: PackageJson<'_> = super::json::parse(manifest).ok()?;
    let value = if matches!(raw.license, Lenient::Other) { &raw.licenses } else { &raw.license };
    let licence = npm::licence(value)?;
    if let Some(file) = licence.text().strip_prefix("SEE LICENSE IN ") {
        return beside(manifest, file.trim());
    }
    let line = value.text().map_or(1, |text: &Text<'_>| text.line(manifest.text(), &Lines::new(manifest.text()), 1));
    Some(Stated::Text(licence.text().to_owned(), line))
}

/// The classifiers that tell a licence.
const CLASSIFIER: &str = "License :: ";

/// PEP 639, before it PEP 621 with a table, Poetry's own, and classifiers.
fn of_python(manifest: &SourceFile) -> Option<Stated> {
    let file = TomlFile::parse(manifest).ok()?;
    let root = file.root();
    let poetry = root.table("tool").ok().flatten().and_then(|tool| tool.table("poetry").ok().flatten());
    let tables: Vec<Table<'_, '_>> = root.table("project").ok().flatten().into_iter().chain(poetry).collect();
    let written = tables.iter().find_map(|table| {
        let value = table.get("license")?;
        match value.as_table() {
            Some(table) => of_table(&table, manifest, ["text", "file"]),
            None => Some(Stated::Text(value.as_str()?.to_owned(), value.line())),
        }
    });
    written.or_else(|| tables.iter().find_map(classified))
}

fn classified(table: &Table<'_, '_>) -> Option<Stated> {
    let classifiers = table.array("classifiers").ok()?;
    let of_licence = classifiers.iter().filter(|value| value.as_str().is_some_and(|text| text.starts_with(CLASSIFIER)));
    let listed: Vec<(&str, u32)> = of_licence.filter_map(|value| Some((value.as_str()?, value.line()))).collect();
    let texts: Vec<&str> = listed.iter().map(|(text, _)| *text).collect();
    listed.first().map(|(_, line)| Stated::Text(texts.join("; "), *line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Option<Stated> {
        let file = |name: &str, text: &str| SourceFile::new(RelPath::new(name).unwrap(), text.as_bytes().to_vec()).unwrap();
        let workspace = file("Cargo.toml", "[workspace.package]\nlicense = \"MPL-2.0\"\nlicense-file = \"LICENSE\"\n");
        stated(&file(name, text), Some(&workspace))
    }

    #[test]
    fn manifests_say_their_licence() {
        let text = |text: &str, line| Some(Stated::Text(text.to_owned(), line));
        let path = |path: &str| Some(Stated::File(RelPath::new(path).unwrap()));
        for (name, content, expected) in [
            ("fox/Cargo.toml", "[package]\nname = \"fox\"\nlicense = \"MIT OR Apache-2.0\"\n", text("MIT OR Apache-2.0", 3)),
            ("fox/Cargo.toml", "[package]\nlicense.workspace = true\n", text("MPL-2.0", 2)),
            ("fox/Cargo.toml", "[package]\nlicense = { workspace = true }\n", text("MPL-2.0", 2)),
            ("fox/Cargo.toml", "[package]\nlicense-file = \"../COPYING\"\n", path("COPYING")),
            ("fox/Cargo.toml", "[package]\nlicense-file = \"../../COPYING\"\n", None),
            ("fox/Cargo.toml", "[package]\nlicense = [\"MIT\"]\n", None),
            ("fox/Cargo.toml", "[package]\nname = \"fox\"\n", None),
            ("fox/Cargo.toml", "[package\n", None),
            ("fox/package.json", "{\n\"license\": \"MIT\"}", text("MIT", 2)),
            ("fox/package.json", "{\"license\": {\"type\": \"MIT\"}}", text("MIT", 1)),
            ("fox/package.json", "{\"licenses\": [{\"type\": \"MIT\"}, {\"type\": \"ISC\"}]}", text("(MIT OR ISC)", 1)),
            ("fox/package.json", "{\"license\": \"SEE LICENSE IN LICENSE.md\"}", path("fox/LICENSE.md")),
            ("fox/package.json", "{\"license\": \"SEE LICENSE IN /etc/passwd\"}", None),
            ("fox/package.json", "{\"license\": 1}", None),
            ("fox/package.json", "{}", None),
            ("fox/pyproject.toml", "[project]\nlicense = \"MIT\"\n", text("MIT", 2)),
            ("fox/pyproject.toml", "[project]\nlicense = {text = \"MIT\"}\n", text("MIT", 2)),
            ("fox/pyproject.toml", "[project]\nlicense = {file = \"LICENSE\"}\n", path("fox/LICENSE")),
            ("fox/pyproject.toml", "[tool.poetry]\nlicense = \"MIT\"\n", text("MIT", 2)),
            (
                "fox/pyproject.toml",
                "[project]\nclassifiers = [\n\"Topic :: Zoo\",\n\"License :: OSI Approved :: MIT License\"]\n",
                text("License :: OSI Approved :: MIT License", 4),
            ),
            ("fox/pyproject.toml", "[build-system]\n", None),
            ("fox/setup.cfg", "[metadata]\nlicense = MIT\n", None),
        ] {
            assert_eq!(of(name, content), expected, "{content}");
        }
    }
}
