//! What changed settings mean, and that no spelling hides it.

use super::*;
use crate::model::registry::{NPM, PYPI};

const LOCKED: Around = Around { alone: true, locked: true };

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile::new(RelPath::new(path).unwrap(), text.as_bytes().to_vec()).unwrap()
}

/// The keys of sources, each with its scope; then the first that is not read.
fn told_of(path: &str, before: &str, after: &str, around: Around) -> (Vec<String>, Option<String>) {
    let (before, after) = (file(path, before), file(path, after));
    let (sources, unread) = changed(before.path(), Some(&before), Some(&after), around);
    let shown = |source: ChangedSource| format!("{}:{}{}", source.line, source.what, source.scope.unwrap_or_default());
    (sources.into_iter().map(shown).collect(), unread.map(|unread| format!("{} +{}", unread.what, unread.more)))
}

fn sources(path: &str, before: &str, after: &str) -> Vec<String> {
    told_of(path, before, after, LOCKED).0
}

#[test]
fn settings_are_known_by_their_place() {
    for (path, folder) in
        [(".npmrc", Some("")), ("web/.npmrc", Some("web")), ("a/.cargo/config.toml", Some("a")), ("config.toml", None), ("x.npmrc", None)]
    {
        let found = of(&RelPath::new(path).unwrap()).map(|(_, folder)| folder);
        assert_eq!(found, folder.map(|folder| RelPath::new(folder).unwrap()), "{path}");
    }
}

#[test]
fn only_values_of_sources_count() {
    assert_eq!(told_of(".npmrc", "save-exact=true\n", "save-exact=false\n", LOCKED), (vec![], Some("save-exact +0".to_owned())));
    let after = "save-exact=true\n//npm.example/:_authToken=x\n@zoo:registry=https://npm.example\n";
    assert_eq!(sources(".npmrc", "save-exact=true\n", after), ["3:@zoo:registry@zoo"]);
    let (before, after) = ("registry=https://npm.example\n", "# registry=https://npm.example\n");
    assert_eq!(sources(".npmrc", before, after), ["1:no longer registry"]);
}

/// Keys that a package manager reads otherwise than they look.
#[test]
fn no_spelling_hides_a_key() {
    for (path, text, told) in [
        (".npmrc", "\"regi\\u0073try\"=https://evil.example\n", "1:registry"),
        (".npmrc", "${NONE?}registry=https://evil.example\n", "1:${NONE?}registry"),
        (".npmrc", "; x\rregistry=https://evil.example\n", "1:registry"),
        (".npmrc", "//registry.example/:cafile=evil.pem\n", "1://registry.example/:cafile"),
        (".yarnrc", "\"regi\\u0073try\" \"https://evil.example\"\n", "1:registry"),
        (".yarnrc", "\"@zoo:registry\" , registry \"https://evil.example\"\n", "1:@zoo:registry"),
        (".cargo/config.toml", "source.crates-io.\"replac\\u0065-with\" = \"evil\"\n", "1:source.crates-io.replace-with"),
        (".cargo/config.toml", "paths = [\"evil\"]\n", "1:paths"),
        (".cargo/config.toml", "include = \"evil.toml\"\n", "1:include"),
        ("bunfig.toml", "[install.scopes]\ntoken = \"https://evil.example\"\n", "2:install.scopes.token@token"),
        ("pnpm-workspace.yaml", "\"regi\\x73try\": https://evil.example\n", "1:registry"),
        ("poetry.toml", "[certificates.corp]\ncert = false\n", "2:certificates.corp.cert"),
        (".yarnrc.yml", "unsafeHttpWhitelist: ['*']\n", "1:unsafeHttpWhitelist"),
    ] {
        assert_eq!(sources(path, "", text), [told], "{path}: {text}");
    }
}

/// A password can stand in a key, and in a value that goes over several lines.
#[test]
fn no_secret_is_told() {
    for (path, text) in [
        (".npmrc", "//user:hunter2@npm.example/:registry=x\n"),
        ("uv.toml", "find-links = [\n  \"https://user:hunter2@evil.example/\",\n]\n"),
        (".cargo/config.toml", "[source.\"https://user:hunter2@evil.example/\"]\nregistry = \"x\"\n"),
    ] {
        let told = sources(path, "", text);
        assert!(!told.is_empty() && !told.concat().contains("hunter2"), "{told:?}");
    }
}

#[test]
fn the_public_registry_is_the_default() {
    let public = format!("registry={NPM}/\n");
    assert_eq!(sources(".npmrc", "", &public), [""; 0]);
    assert_eq!(sources(".npmrc", &public, ""), [""; 0]);
    assert_eq!(sources(".npmrc", &public.replace("https:", "http:"), ""), ["1:no longer registry"]);
    assert_eq!(sources(".npmrc", "registry=https://npm.example\n", &public), ["1:no longer registry"]);
    assert_eq!(sources("uv.toml", "", &format!("index-url = \"{PYPI}\"\n")), [""; 0]);
    // Beside another registry it takes a scope from there.
    let private = "registry=https://npm.example\n";
    assert_eq!(sources(".npmrc", private, &format!("{private}@zoo:registry={NPM}\n")), ["2:@zoo:registry@zoo"]);
    let beside = Around { alone: false, locked: false };
    assert_eq!(told_of(".npmrc", "", &public, beside).0, ["1:registry"]);
    assert!(names_another_place(&file(".npmrc", private)) && !names_another_place(&file(".npmrc", &public)));
}

#[test]
fn what_is_read_with_a_lockfile_is_told_there() {
    let registry = "npmRegistryServer: https://npm.example\n";
    assert_eq!(told_of(".yarnrc.yml", "", registry, LOCKED), (vec![], None));
    let elsewhere = Around { alone: true, locked: false };
    assert_eq!(told_of(".yarnrc.yml", "", registry, elsewhere).0, ["1:npmRegistryServer"]);
    assert_eq!(told_of("pnpm-workspace.yaml", "", "overrides: {ant: 1.0.0}\n", LOCKED), (vec![], None));
    assert_eq!(told_of("pnpm-workspace.yaml", "", "overrides: {ant: 1.0.0}\n", elsewhere).1.as_deref(), Some("overrides.ant +0"));
}

/// What is too large, too deep or of another syntax may say anything.
#[test]
fn what_cannot_be_read_is_a_source() {
    let long = format!("[{}]\nx = 1\n", vec!["a"; 400].join("."));
    for (path, text) in [("uv.toml", "= 1\n"), (".yarnrc.yml", "a: &b c\n"), ("uv.toml", &*long), (".npmrc", &*"a=b\n".repeat(1 << 19))] {
        let (before, after) = (file(path, ""), file(path, text));
        let (sources, _) = changed(before.path(), Some(&before), Some(&after), LOCKED);
        assert!(sources.len() == 1 && sources[0].scope.is_none(), "{path}");
    }
}
