//! BOMs against the official schema, and what they say of small lockfiles.

mod hostile;
pub mod laws;
mod repository;
mod vulnerabilities;
pub mod xml;

pub use laws::is_valid;
pub use vulnerabilities::exposed;

use laws::{bom, checked, claim, depends_on, inventory, list, named, property};
use proptest::prelude::*;
use repository::Repository;
use sbomgate::enrich::licence::Claims;
use sbomgate::enrich::registry::{self, Document, Dossier, Dossiers, Kept, Registry};
use sbomgate::graph::{self, DepGraph};
use sbomgate::judge::policy::{Makers, Organisation};
use sbomgate::model::digest::Algorithm;
use sbomgate::model::{
    Artifact, CommitId, Digest, Ecosystem, Gap, GapKind, Identity, Location, Package, PackageName, PackageSource, RelPath, Version,
};
use sbomgate::read::{Capabilities, Entry, Parsed, Told};
use sbomgate::sbom::{Format, Inventory, Lifecycle, properties};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const SHA512: &str = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

const CARGO: [(&str, &str); 2] = [
    (
        "Cargo.lock",
        r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["cc", "forked", "serde"]

[[package]]
name = "cc"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

[[package]]
name = "forked"
version = "2.0.0"
source = "git+https://git.example/a b?branch=dev#0123456789abcdef0123456789abcdef01234567"

[[package]]
name = "serde"
version = "1.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
dependencies = ["cc"]
"#,
    ),
    (
        "Cargo.toml",
        r#"[package]
name = "app"
version = "0.1.0"

[dependencies]
forked = { git = "https://git.example/a b", branch = "dev" }

[build-dependencies]
cc = "1"

[dev-dependencies]
serde = "1"
"#,
    ),
];

/// A package-lock.json of version 3 with the given entries below the project's.
fn npm(project: &Value, packages: &Value) -> String {
    let mut all = packages.clone();
    all[""] = project.clone();
    serde_json::to_string_pretty(&json!({"name": "app", "lockfileVersion": 3, "packages": all})).unwrap()
}

/// References are unique, lead somewhere and are valid, whatever the lockfile says (trap 55).
#[test]
fn every_fixture_makes_a_valid_bom() {
    let formats = Path::new("fixtures/read");
    let folders = |at: &Path| fs::read_dir(at).into_iter().flatten().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    for case in folders(formats).iter().flat_map(|format| folders(format)).filter(|case| case.join("input").is_dir()) {
        println!("{}", case.display());
        let graphs = Repository::of_folder(&case.join("input")).graphs();
        checked(&inventory(&graphs, &[]));
        for graph in graphs.chunks(1) {
            checked(&inventory(graph, &[]));
        }
    }
}

#[test]
fn a_single_project_is_the_subject() {
    let bom = bom(&CARGO);
    let root = &bom["metadata"]["component"];
    assert_eq!((&root["type"], &root["name"], &root["purl"]), (&json!("application"), &json!("app"), &json!("pkg:cargo/app@0.1.0")));
    assert_eq!(list(&bom["components"]).len(), 3);
    assert_eq!(bom["metadata"]["timestamp"], "2026-11-20T18:00:00Z");
    assert_eq!(depends_on(&bom, "pkg:cargo/app@0.1.0").len(), 3);
    assert_eq!(depends_on(&bom, "pkg:cargo/serde@1.0.1"), ["pkg:cargo/cc@1.0.0"]);
    assert_eq!(claim(&bom, "assemblies", "pkg:cargo/app@0.1.0"), Some("complete"));
    assert_eq!(claim(&bom, "dependencies", "pkg:cargo/cc@1.0.0"), Some("complete"));
}

#[test]
fn scopes_have_cyclonedx_words() {
    let bom = bom(&CARGO);
    assert_eq!(named(&bom, "serde")["scope"], "excluded");
    assert_eq!((&named(&bom, "cc")["scope"], property(named(&bom, "cc"), properties::SCOPE)), (&json!("required"), vec!["build"]));
    let without_manifest = laws::bom(&CARGO[..1]);
    assert_eq!(named(&without_manifest, "serde")["scope"], Value::Null);
}

#[test]
fn a_git_package_has_a_valid_address_and_its_commit() {
    let bom = bom(&CARGO);
    let forked = named(&bom, "forked");
    assert_eq!(
        forked["externalReferences"],
        json!([{"type": "vcs", "url": "https://git.example/a%20b", "comment": format!("commit {COMMIT}")}])
    );
    assert_eq!(property(forked, properties::GIT_COMMIT), [COMMIT]);
    assert_eq!(property(forked, properties::GIT_REFERENCE), ["dev"]);
    assert_eq!(property(forked, properties::SOURCE), ["git"]);
}

#[test]
fn an_npm_package_is_told_in_full() {
    let packages = json!({
        "node_modules/@s/kite": {
            "version": "1.2.0", "resolved": "https://registry.npm.example/@s/kite/-/kite-1.2.0.tgz", "integrity": SHA512,
            "license": "MIT OR Apache-2.0", "hasInstallScript": true, "deprecated": "no\u{9b}longer\u{202e} kept"
        },
        "node_modules/hawk": {"name": "@s/kite", "version": "2.0.0", "license": "MIT"},
        "node_modules/inner": {"version": "3.0.0", "inBundle": true, "license": "Custom licence"}
    });
    let project = json!({"name": "app", "version": "1.0.0",
        "dependencies": {"@s/kite": "^1", "hawk": "npm:@s/kite@^2"}, "devDependencies": {"inner": "*"}});
    let bom = bom(&[("package-lock.json", &npm(&project, &packages))]);
    let kite = list(&bom["components"]).iter().find(|component| component["version"] == "1.2.0").unwrap();
    let purl = json!("pkg:npm/%40s/kite@1.2.0?repository_url=https:%2F%2Fregistry.npm.example");
    assert_eq!((&kite["group"], &kite["name"], &kite["purl"]), (&json!("@s"), &json!("kite"), &purl));
    assert_eq!(kite["licenses"], json!([{"expression": "MIT OR Apache-2.0", "acknowledgement": "declared"}]));
    assert_eq!(kite["hashes"][0]["alg"], "SHA-512");
    assert_eq!(kite["externalReferences"][0]["url"], "https://registry.npm.example/@s/kite/-/kite-1.2.0.tgz");
    assert_eq!(property(kite, properties::DEPRECATED), ["no\u{9b}longer\u{202e} kept"]);
    assert_eq!((property(kite, properties::INSTALL_SCRIPT), property(kite, properties::DIRECT)), (vec!["true"], vec!["true"]));
    assert_eq!(kite["evidence"]["identity"][0]["methods"][0]["value"], "package-lock.json");
    let hawk = list(&bom["components"]).iter().find(|component| component["version"] == "2.0.0").unwrap();
    assert_eq!(property(hawk, properties::ALIAS), ["hawk"]);
    assert_eq!(hawk["licenses"], json!([{"license": {"id": "MIT", "acknowledgement": "declared"}}]));
    let inner = named(&bom, "inner");
    assert_eq!(inner["licenses"], json!([{"license": {"name": "Custom licence", "acknowledgement": "declared"}}]));
    assert_eq!((property(inner, properties::NPM_BUNDLED), property(inner, properties::NPM_DEVELOPMENT)), (vec!["true"], vec!["true"]));
}

/// What is stated stays, what it means stands where tools look, and who states otherwise is told.
#[test]
fn licences_are_told_by_their_claims() {
    let packages = json!({
        "node_modules/ant": {"version": "1.0.0", "license": "Apache 2.0"},
        "node_modules/bee": {"version": "1.0.0", "license": "BSD"},
        "node_modules/cat": {"version": "1.0.0", "license": "mit/apache-2.0"},
        "node_modules/dog": {"version": "1.0.0", "license": "UNLICENSED"},
        "node_modules/elk": {"version": "1.0.0"},
        "node_modules/fox": {"version": "1.0.0", "license": "MIT"},
        "node_modules/gnu": {"version": "1.0.0", "license": "MIT+"}
    });
    let graphs = Repository::of(&[("package-lock.json", &npm(&json!({"name": "app"}), &packages))]).graphs();
    let mut claims = Claims::default();
    for (_, node) in graphs[0].packages() {
        let stated = if node.package.name.as_str() == "ant" { "Apache-2.0" } else { "GPL-3.0-only" };
        claims.add_registry(&node.package, stated, "https://registry.npm.example/");
    }
    let bom = checked(&Inventory { licences: Some(&claims), ..inventory(&graphs, &[]) });
    let declared = |licence: Value| json!([{"license": licence}]);
    for (name, expected, stated, others) in [
        ("ant", declared(json!({"id": "Apache-2.0", "acknowledgement": "declared"})), vec!["Apache 2.0"], 0),
        ("bee", declared(json!({"name": "BSD", "acknowledgement": "declared"})), vec![], 1),
        ("cat", json!([{"expression": "MIT OR Apache-2.0", "acknowledgement": "declared"}]), vec!["mit/apache-2.0"], 1),
        ("dog", declared(json!({"name": "UNLICENSED", "acknowledgement": "declared"})), vec![], 1),
        ("elk", declared(json!({"id": "GPL-3.0-only", "acknowledgement": "declared"})), vec![], 0),
        ("fox", declared(json!({"id": "MIT", "acknowledgement": "declared"})), vec![], 1),
        ("gnu", json!([{"expression": "MIT+", "acknowledgement": "declared"}]), vec![], 1),
    ] {
        let component = named(&bom, name);
        assert_eq!(component["licenses"], expected, "{name}");
        assert_eq!(property(component, properties::LICENCE_STATED), stated, "{name}");
        let told = property(component, properties::LICENCE_CLAIM);
        assert_eq!(told, vec!["https://registry.npm.example/: GPL-3.0-only"; others], "{name}");
    }
    assert_ne!(bom["serialNumber"], checked(&inventory(&graphs, &[]))["serialNumber"]);
}

/// What a registry says goes in, whatever it says, and changes the serial number.
#[test]
fn what_registries_tell_stands_at_the_package() {
    let graphs = Repository::of(&CARGO).graphs();
    let base = "https://cargo.example";
    let registry = Registry { ecosystem: Ecosystem::Cargo, base: base.into(), api: Some(base.into()) };
    for (publisher, repository) in [("bob", "https://git.example/zoo/serde"), ("<b>\u{202e}\0", "javascript:alert(1) \u{200b}")] {
        let part = json!({"releases": [{"version": "1.0.1", "published": 86_400, "yanked": {"yes": ""}, "licence": "MIT",
            "publisher": {"name": publisher, "is_workflow": false}}], "repository": repository, "standing": "present"});
        let kept: Kept = serde_json::from_value(json!({"document": "cargo-index", "registry": base, "name": "serde", "url": base,
            "fetched": 172_800, "etag": null, "digest": "00", "outcome": {"said": part}}))
        .unwrap();
        let api = Kept { document: Document::CratesIo, ..kept.clone() };
        let (_, node) = graphs[0].packages().find(|(_, node)| node.package.name.as_str() == "serde").unwrap();
        let today = registry::facts(&node.package, &registry, &[&kept, &api], None);
        let dossier = Dossier { registry: registry.clone(), introduced: None, now: 172_800, today, outdated: None };
        let facts = Dossiers { packages: [(node.package.clone(), dossier)].into(), otherwise: String::new() };
        let bom = checked(&Inventory { facts: Some(&facts), ..inventory(&graphs, &[]) });
        let serde = named(&bom, "serde");
        assert_eq!(serde["publisher"], publisher);
        assert_eq!(list(&serde["externalReferences"]).iter().filter(|reference| reference["type"] == "vcs").count(), 1);
        assert_eq!(property(serde, properties::PUBLISHED), ["1970-01-02T00:00:00Z"]);
        assert_eq!(property(serde, properties::YANKED), ["true"]);
        assert_eq!(property(serde, properties::FETCHED), ["1970-01-03T00:00:00Z"]);
        assert_ne!(bom["serialNumber"], checked(&inventory(&graphs, &[]))["serialNumber"]);
    }
}

/// Who stands behind a product, in the places that each version has for it.
#[test]
fn the_policy_names_the_makers() {
    let graphs = Repository::of(&CARGO).graphs();
    let who = |name: &str, email: &str| Identity { name: name.into(), email: email.into() };
    let zoo = |name: &str| Organisation {
        name: name.into(),
        url: vec!["https://zoo.example/a b".into()],
        contact: Some(who("Security", "security@zoo.example")),
    };
    let makers = Makers {
        authors: vec![who("Ada \u{202e}<Keeper>", "ada@zoo.example"), who("Bob", "")],
        supplier: Some(zoo("Zoo Ltd")),
        manufacturer: Some(zoo("Cages & Sons")),
    };
    let bom = checked(&Inventory { makers: Some(&makers), ..inventory(&graphs, &[]) });
    let metadata = &bom["metadata"];
    assert_eq!(metadata["authors"][1], json!({"name": "Bob"}));
    assert_eq!(metadata["supplier"]["contact"], json!([{"name": "Security", "email": "security@zoo.example"}]));
    assert_eq!((&metadata["component"]["manufacturer"]["name"], &metadata["manufacture"]), (&json!("Cages & Sons"), &Value::Null));
    assert_ne!(bom["serialNumber"], checked(&inventory(&graphs, &[]))["serialNumber"]);
}

#[test]
fn lockfiles_share_their_packages() {
    let project = |section: &str| json!({"name": "app", section: {"kite": "1.0.0"}});
    let entry = |host: &str| json!({"node_modules/kite": {"version": "1.0.0", "resolved": format!("https://{host}/kite.tgz"), "integrity": SHA512}});
    let kite = |host: &str| json!({"node_modules/kite": entry(host)["node_modules/kite"]});
    let bom = bom(&[
        ("a/package-lock.json", &npm(&project("devDependencies"), &kite("registry.example"))),
        ("b/package-lock.json", &npm(&project("dependencies"), &kite("registry.example"))),
    ]);
    let root = &bom["metadata"]["component"];
    assert_eq!((&root["name"], &root["bom-ref"], &root["purl"]), (&json!("the-repository"), &json!("root:the-repository"), &Value::Null));
    // Two projects of one name: their folders tell them apart, and none claims a purl without a version.
    assert_eq!(depends_on(&bom, "root:the-repository"), ["pkg:npm/app", "pkg:npm/app#b"]);
    assert_eq!(list(&root["components"]).iter().map(|project| &project["type"]).collect::<Vec<_>>(), ["application", "application"]);
    let kite = named(&bom, "kite");
    assert_eq!((&kite["scope"], list(&kite["hashes"]).len()), (&json!("required"), 1));
    let places: Vec<&Value> = list(&kite["evidence"]["occurrences"]).iter().map(|place| &place["location"]).collect();
    assert_eq!(places, ["a/package-lock.json", "b/package-lock.json"]);
}

#[test]
fn a_virtual_workspace_is_named_by_its_folder() {
    let member = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n");
    let bom = bom(&[("Cargo.lock", &format!("version = 4\n\n{}{}", member("one"), member("two")))]);
    assert_eq!(depends_on(&bom, "root:the-repository"), ["pkg:cargo/one@1.0.0", "pkg:cargo/two@1.0.0"]);
    assert_eq!(named(&bom, "one")["type"], "library");
}

#[test]
fn no_lockfile_makes_a_valid_bom_too() {
    let unread = Gap::of_file(GapKind::UnreadLockfile, &RelPath::new("yarn.lock").unwrap(), "it is \u{1b}[31mbroken");
    assert_eq!(claim(&checked(&inventory(&[], &[])), "assemblies", "root:the-repository"), Some("complete"));
    let bom = checked(&inventory(&[], &[unread]));
    assert_eq!(claim(&bom, "assemblies", "root:the-repository"), Some("incomplete"));
    assert_eq!(claim(&bom, "dependencies", "root:the-repository"), Some("incomplete"));
    assert_eq!(property(&bom["metadata"], properties::GAP), ["unread-lockfile: yarn.lock: it is \u{1b}[31mbroken"]);
}

#[test]
fn an_unresolved_dependency_is_its_dependants_alone() {
    let packages = json!({
        "node_modules/kite": {"version": "1.0.0", "dependencies": {"lost": "^1"}},
        "node_modules/wind": {"version": "1.0.0"}
    });
    let project = json!({"name": "app", "version": "1.0.0", "dependencies": {"kite": "^1", "wind": "^1"}});
    let bom = bom(&[("package-lock.json", &npm(&project, &packages))]);
    assert_eq!(claim(&bom, "dependencies", "pkg:npm/kite@1.0.0"), Some("incomplete"));
    assert_eq!(claim(&bom, "dependencies", "pkg:npm/wind@1.0.0"), Some("complete"));
    assert_eq!(claim(&bom, "dependencies", "pkg:npm/app@1.0.0"), Some("complete"));
    assert_eq!(claim(&bom, "assemblies", "pkg:npm/app@1.0.0"), Some("complete"));
}

/// A graph of PyPI packages as requirement files make them: no edges told, entries below one root.
fn pypi(entries: Vec<Entry<'static>>, gaps: Vec<Gap>) -> DepGraph {
    let lockfile = RelPath::new("requirements.txt").unwrap();
    let source = PackageSource::FirstParty { folder: Some(RelPath::root()) };
    let mut root = pypi_entry("project", None, source);
    root.root = true;
    let knows = Capabilities {
        edges: Told::No("it lists packages"),
        directness: Told::Yes,
        scopes: Told::Yes,
        digests: Told::Yes,
        installed: Told::Yes,
    };
    graph::build(Parsed {
        lockfile,
        format: "requirements-txt",
        ecosystem: Some(Ecosystem::Pypi),
        dialect: "",
        knows,
        scopes: Vec::new(),
        entries: std::iter::once(root).chain(entries).collect(),
        gaps,
        disagreements: Vec::new(),
        flaws: None,
    })
}

fn pypi_entry(name: &str, version: Option<&str>, source: PackageSource) -> Entry<'static> {
    let name = PackageName::new(Ecosystem::Pypi, name).unwrap();
    let version = version.map(|version| Version::new(version).unwrap());
    let place = Location { file: RelPath::new("requirements.txt").unwrap(), line: 1 };
    Entry::new(Package { ecosystem: Ecosystem::Pypi, name, version, source }, place)
}

fn digest(algorithm: Algorithm, byte: u8) -> Digest {
    Digest::new(algorithm, &vec![byte; algorithm.bytes()]).unwrap()
}

#[test]
fn digests_of_several_files_are_no_hashes_of_the_component() {
    let artifact = |url: Option<&str>, digest| Artifact { url: url.map(sbomgate::model::Address::new), digests: vec![digest] };
    let mut listed = pypi_entry("listed", Some("1.0"), PackageSource::default_registry());
    listed.artifacts = vec![artifact(None, digest(Algorithm::Sha256, 1)), artifact(None, digest(Algorithm::Sha224, 2))];
    let mut addressed = pypi_entry("addressed", Some("1.0"), PackageSource::default_registry());
    let url = |ending: &str| format!("https://files.example/{ending}");
    addressed.artifacts =
        vec![artifact(Some(&url("a.whl")), digest(Algorithm::Sha256, 3)), artifact(Some(&url("b c.whl")), digest(Algorithm::Sha256, 4))];
    let graphs = [pypi(vec![listed, addressed], vec![])];
    let bom = checked(&inventory(&graphs, &[]));
    let references = |name: &str| named(&bom, name)["externalReferences"].clone();
    assert_eq!((&named(&bom, "listed")["hashes"], &named(&bom, "addressed")["hashes"]), (&Value::Null, &Value::Null));
    assert_eq!(references("listed")[1]["url"], format!("pkg:pypi/listed@1.0?checksum=sha256:{}", "01".repeat(32)));
    assert_eq!(references("listed")[1]["hashes"], json!([{"alg": "SHA-256", "content": "01".repeat(32)}]));
    // SHA-224 has no name in CycloneDX; the file is still named.
    assert_eq!(
        references("listed")[0],
        json!({"type": "distribution", "url": format!("pkg:pypi/listed@1.0?checksum=sha224:{}", "02".repeat(28))})
    );
    assert_eq!(references("addressed")[1]["url"], url("b%20c.whl"));
    assert_eq!(references("addressed")[1]["hashes"], json!([{"alg": "SHA-256", "content": "04".repeat(32)}]));
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let place = Location { file: RelPath::new("requirements.txt").unwrap(), line: 1 };
    let graphs = [pypi(
        vec![pypi_entry("open", None, PackageSource::default_registry())],
        vec![Gap::at(GapKind::UnpinnedRequirement, &place, "`open` has no exact version")],
    )];
    let bom = checked(&inventory(&graphs, &[]));
    let open = named(&bom, "open");
    assert_eq!((&open["version"], &open["evidence"]["identity"][0]["field"]), (&Value::Null, &json!("name")));
    assert_eq!(claim(&bom, "dependencies", "pkg:pypi/open"), Some("unknown"));
    let entry = list(&bom["dependencies"]).iter().find(|entry| entry["ref"] == "pkg:pypi/open").unwrap();
    assert_eq!(entry["dependsOn"], Value::Null, "an empty list would say that there are none");
    assert_eq!(claim(&bom, "assemblies", "pkg:pypi/project"), Some("incomplete"));
    assert_eq!(claim(&bom, "dependencies", "pkg:pypi/project"), Some("incomplete"));
}

#[test]
fn the_serial_number_is_the_contents() {
    let graphs = Repository::of(&CARGO).graphs();
    let commit: CommitId = COMMIT.parse().unwrap();
    let of = |inventory: &Inventory<'_>| checked(inventory)["serialNumber"].as_str().unwrap().to_owned();
    let serial = of(&inventory(&graphs, &[]));
    assert_eq!(serial, of(&Inventory { timestamp: 0, ..inventory(&graphs, &[]) }));
    assert_ne!(serial, of(&Inventory { revision: Some(&commit), ..inventory(&graphs, &[]) }));
    assert_ne!(serial, of(&Inventory { lifecycle: Lifecycle::Build, ..inventory(&graphs, &[]) }));
    assert_ne!(serial, of(&inventory(&Repository::of(&CARGO[..1]).graphs(), &[])));
    // Version 8, variant 10 (RFC 9562).
    let uuid = serial.strip_prefix("urn:uuid:").unwrap();
    assert_eq!(&uuid[14..15], "8");
    assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
}

#[test]
fn a_time_that_no_calendar_has_is_an_error() {
    let far = Inventory { timestamp: i64::MAX, ..inventory(&[], &[]) };
    let error = sbomgate::sbom::write(&far, Format::ALL[0], &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn every_spdx_identifier_is_valid_as_written() {
    let listed = spdx::identifiers::LICENSES.iter().enumerate();
    let packages: serde_json::Map<String, Value> =
        listed.map(|(at, id)| (format!("node_modules/p{at}"), json!({"version": "1.0.0", "license": id.name}))).collect();
    let bom = bom(&[("package-lock.json", &npm(&json!({"name": "app"}), &Value::Object(packages)))]);
    let as_expression = list(&bom["components"]).iter().filter(|component| component["licenses"][0]["expression"].is_string()).count();
    // Only those that the CycloneDX schema does not list; when it grows, shorten `NOT_LISTED`.
    assert_eq!(as_expression, 19);
}

#[test]
fn every_property_is_documented() {
    let page = include_str!("../../docs/properties.md");
    let documented: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(documented, properties::ALL);
}

proptest! {
    /// Whatever a lockfile calls a repository, its reference is a valid IRI.
    #[test]
    fn any_address_makes_a_valid_reference(
        address in prop_oneof!["\\PC{0,40}", "[a-z+]{0,4}(://|:|//)[a-z@:/?#\\[\\]%{}|^ \\\\é0-9.-]{0,30}", "(ssh|https)://[a-z@:\\[\\]%0-9.]{0,20}/x"]
    ) {
        let source = toml_text(&format!("git+{address}#{COMMIT}"));
        let lock = format!("version = 4\n[[package]]\nname = \"kite\"\nversion = \"1.0.0\"\nsource = {source}\n");
        bom(&[("Cargo.lock", &lock)]);
    }
}

/// A TOML basic string; JSON's escapes are all TOML's too.
fn toml_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
