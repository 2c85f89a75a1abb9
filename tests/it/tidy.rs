//! The house in order: what design and reviewers would otherwise have to watch over.

use crate::fixtures::{folders, name, root, walk};
use sbomgate::judge::RULES;
use sbomgate::read::FORMATS;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The modules with their numbers: one imports lower numbers only, and siblings of one number do
/// not import each other.
const ORDER: [(&str, u32); 11] = [
    ("model", 0),
    ("read", 1),
    ("graph", 2),
    ("diff", 3),
    ("enrich", 4),
    ("judge", 5),
    ("report", 6),
    ("sbom", 6),
    ("evidence", 6),
    ("edge", 7),
    ("run", 8),
];

const LONGEST_FUNCTION: usize = 60;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Text files below a folder, with their path as seen from the repository.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let top = repository();
    let mut texts = Vec::new();
    walk(&top.join(folder), &mut |path| {
        let relative = path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/");
        if relative.ends_with(ending) {
            texts.push((relative, String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()));
        }
    });
    texts
}

fn number(module: &str) -> Option<u32> {
    ORDER.iter().find(|(known, _)| *known == module).map(|(_, number)| *number)
}

#[test]
fn a_module_imports_only_those_above_it() {
    let mut wrong = Vec::new();
    for (path, text) in texts("src", ".rs") {
        let module = path["src/".len()..].split(['/', '.']).next().unwrap();
        let imported: BTreeSet<&str> = imports(&text, "crate::").into_iter().chain(imports(&text, "sbomgate::")).collect();
        let allowed = |other: &str| match (module, number(module), number(other)) {
            // The program itself asks `run` for everything of the world.
            ("cli" | "main", ..) => other != "edge",
            ("lib", ..) => true,
            ("edge", ..) => matches!(other, "model" | "edge"),
            (_, Some(own), Some(of)) => of < own || other == module,
            _ => false,
        };
        wrong.extend(imported.into_iter().filter(|other| !allowed(other)).map(|other| format!("{path} imports {other}")));
        if path.matches('/').count() == 2 && path.ends_with("/mod.rs") && text.contains("use super::") && module != "cli" {
            wrong.push(format!("{path} imports a sibling by `super`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The modules after each `crate::`, in a list in braces too.
fn imports<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    let mut modules = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices(start) {
            let rest = &line[at + start.len()..];
            let listed = rest.strip_prefix('{').map(|list| list.split(',').collect()).unwrap_or_else(|| vec![rest]);
            modules.extend(listed.into_iter().filter_map(first_word));
        }
    }
    modules
}

fn first_word(text: &str) -> Option<&str> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    Some(&text[..end]).filter(|word| !word.is_empty())
}

#[test]
fn every_format_has_fixtures() {
    let found: BTreeSet<String> = folders(&root().join("read")).iter().map(|folder| name(folder)).collect();
    let listed: BTreeSet<String> = FORMATS.iter().map(|format| format.id().to_owned()).collect();
    assert_eq!(found, listed, "fixtures/read and the FORMATS table");
    for folder in found.iter().flat_map(|format| folders(&root().join("read").join(format))) {
        for file in ["about.md", "expected.snap"] {
            assert!(folder.join(file).is_file(), "{} has no {file}", folder.display());
        }
    }
}

/// The sixty traps of lockfile reading that the project set out with. A case is called `trap-NN-…`, or
/// says `(trap NN)` of itself.
#[test]
fn every_trap_has_its_case() {
    let mut told = String::new();
    for (path, text) in ["about.md", ".txt"].iter().flat_map(|ending| texts("fixtures", ending)).chain(texts("tests/it", ".rs")) {
        told.extend([path.replace("/trap-", "/trap "), text.replace("traps ", "trap "), "\n".into()]);
    }
    let numbers = |mention: &str| -> Vec<usize> {
        let list = mention.split(|c: char| !c.is_ascii_digit() && c != ',' && c != ' ').next().unwrap_or_default();
        list.split([',', ' ']).filter_map(|number| number.parse().ok()).collect()
    };
    let named: BTreeSet<usize> = told.split("trap ").skip(1).flat_map(numbers).collect();
    let missing: Vec<usize> = (1..=60).filter(|trap| !named.contains(trap)).collect();
    assert!(missing.is_empty(), "no case names the traps {missing:?}");
}

#[test]
fn every_format_is_fuzzed() {
    let manifest = fs::read_to_string(repository().join("fuzz/Cargo.toml")).unwrap();
    for format in FORMATS {
        let target = format!("fuzz_targets/{}.rs", format.id().replace('-', "_"));
        assert!(repository().join("fuzz").join(&target).is_file(), "there is no fuzz/{target}");
        assert!(manifest.contains(&format!("path = \"{target}\"")), "fuzz/Cargo.toml does not list {target}");
    }
}

#[test]
fn every_rule_has_its_page() {
    let pages = texts("docs/rules", ".md");
    let named: BTreeSet<&str> = pages.iter().map(|(path, _)| &path["docs/rules/".len()..path.len() - ".md".len()]).collect();
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(named, codes, "docs/rules and the RULES table");
    for rule in RULES {
        assert!(rule.page.starts_with(&format!("# {}\n\n{}\n", rule.code, rule.summary)), "the page of {} begins otherwise", rule.code);
    }
}

/// Public registries stand in one file. Their names are put together here so as not to stand in a second.
#[test]
fn public_registries_are_named_in_one_place() {
    let hosts = [
        ["registry.npm", "js.org"],
        ["registry.yarn", "pkg.com"],
        ["npm.pkg.git", "hub.com"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["py", "pi.org"],
        ["pythonhos", "ted.org"],
        ["osv-vulner", "abilities.storage"],
        ["api.os", "v.dev"],
        ["api.npm", "js.org"],
        ["api.deps", ".dev"],
    ]
    .map(|parts| parts.concat());
    let everywhere = ["src", "tests", "benches", "docs", "fixtures"].into_iter().filter(|folder| repository().join(folder).is_dir());
    let mut wrong = Vec::new();
    for (path, text) in everywhere.flat_map(|folder| texts(folder, "")).filter(|(path, _)| path != "src/model/registry.rs") {
        wrong.extend(hosts.iter().filter(|host| text.contains(*host)).map(|host| format!("{path} names {host}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Addresses of fixtures lead nowhere, but for fixed names: Cargo's of crates.io, and those by which
/// SBOM and VEX documents name their own formats.
#[test]
fn addresses_of_fixtures_are_made_up() {
    let names = [
        ["https://github.com/rust-lang/", "crates.io-index"].concat(),
        "http://cyclonedx.org/schema/".into(),
        "https://spdx.org/rdf/3.".into(),
        "https://openvex.dev/ns".into(),
    ];
    let is_input = |path: &str| ["/input/", "/base/", "/head/"].iter().any(|part| path.contains(part));
    let mut wrong = Vec::new();
    for (path, text) in texts("fixtures", "").into_iter().filter(|(path, _)| is_input(path)) {
        let text = names.iter().fold(text, |text, name| text.replace(name, ""));
        let authorities = text.split("://").skip(1).filter_map(|rest| rest.split(['/', '"', '#', '?', ' ', ')', '\'', '\n']).next());
        let hosts = authorities.filter_map(|authority| authority.rsplit('@').next()?.split(':').next());
        wrong.extend(hosts.filter(|host| !host.is_empty() && !host.ends_with(".example")).map(|host| format!("{path}: {host}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn functions_are_short() {
    let mut wrong = Vec::new();
    for (path, text) in ["src", "tests", "benches", "fuzz"].iter().flat_map(|folder| texts(folder, ".rs")) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let closes = |line: &&str| {
                line.starts_with(&format!("{}}}", " ".repeat(indent)))
                    || line.ends_with(';') && line.len() - line.trim_start().len() == indent
            };
            let length = lines[at..].iter().position(closes).unwrap_or(0) + 1;
            if length > LONGEST_FUNCTION {
                wrong.push(format!("{path}:{}: {length} lines", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_function(line: &str) -> bool {
    let mut line = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "] {
        line = line.strip_prefix(word).unwrap_or(line);
    }
    line.starts_with("fn ")
}

/// What each file under the test's feet is for is said at its head.
#[test]
fn every_source_file_says_what_it_is() {
    let silent: Vec<String> = texts("src", ".rs").into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
