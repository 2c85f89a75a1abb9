//! The door of `enrich::advisory`, and the store on the disk: `fixtures/advisory`.
//!
//! `matching/<case>` holds records and packages (`packages.txt`, a purl a line); the golden file says
//! what applies to each. `evaluate.txt` is a table of ranges and versions. RustSec's own matching is
//! the oracle of ours.

use crate::fixtures::{folders, name, root};
use sbomgate::enrich::Fact;
use sbomgate::enrich::advisory::store::{Builder, Pages, Source, Spool, Store, StoreError};
use sbomgate::enrich::advisory::{Advisories, Answer, Parsed, evaluate, facts, osv, rustsec};
use sbomgate::judge::Subject;
use sbomgate::model::{AdvisoryId, Ecosystem, Package, PackageName, Version, purl};
use sbomgate::run::advisories::Learning;
use sbomgate::run::{RunError, advisories};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A spool in memory.
#[derive(Default)]
struct Memory(Vec<u8>);

impl Spool for Memory {
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let start = self.0.len() as u64;
        self.0.extend_from_slice(bytes);
        Ok(start)
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        Pages::read_at(&self.0, offset, length)
    }
}

fn parsed(path: &Path) -> Parsed {
    let bytes = fs::read(path).unwrap();
    let parsed = if rustsec::looks_like(&bytes) { rustsec::parse(&bytes) } else { osv::parse(&bytes) };
    parsed.unwrap_or_else(|rejection| panic!("{}: {rejection:?}", path.display()))
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn store_of(ecosystem: Ecosystem, parsed: &[Parsed]) -> Vec<u8> {
    let (mut builder, mut spool, mut bytes) = (Builder::new(ecosystem), Memory::default(), Vec::new());
    parsed.iter().for_each(|parsed| builder.add(&parsed.record, &parsed.details, &mut spool).unwrap());
    builder
        .write(&[Source { name: "test".into(), records: parsed.len() as u64, rejected: 0, taken: 0, etag: None }], 0, &spool, &mut bytes)
        .unwrap();
    bytes
}

/// What the records of a folder tell of a comparison, by a store on the disk.
pub fn learned(subject: &Subject<'_>, records: &Path) -> Advisories {
    let store = tempfile::tempdir().unwrap();
    advisories::import(&[records.to_owned()], Some(store.path()), false).unwrap();
    let mut learned = advisories::learn(subject, &Learning { store: Some(store.path()), ..Learning::default() }).unwrap();
    for note in learned.stores.values_mut() {
        if let Fact::Known(note) = note {
            (note.imported, note.as_of) = (0, 0);
        }
    }
    learned
}

#[test]
fn every_case_matches_as_its_golden_file_says() {
    let cases = folders(&root().join("advisory/matching"));
    assert!(cases.len() >= 6, "only {} cases", cases.len());
    for case in cases {
        let parsed: Vec<Parsed> = records(&case.join("records")).iter().map(|path| parsed(path)).collect();
        let stores = Ecosystem::ALL.map(|ecosystem| Store::open(store_of(ecosystem, &parsed)).unwrap());
        let mut told = String::new();
        for line in fs::read_to_string(case.join("packages.txt")).unwrap().lines() {
            let package = purl::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let store = stores.iter().find(|store| store.meta().ecosystem == package.ecosystem).unwrap();
            writeln!(told, "{line}").unwrap();
            told.push_str(&applying(store, &package));
        }
        insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", told, &name(&case));
        });
    }
}

fn applying(store: &Store<Vec<u8>>, package: &Package) -> String {
    let records = store.records(&package.name).unwrap();
    let version = package.version.as_ref().map(|version| version.as_str());
    let facts = facts::of_package(package.ecosystem, &package.name, version, &records);
    let mut told = String::new();
    for advisory in &facts.advisories {
        let severity =
            advisory.severity.as_ref().map(|(severity, by)| format!("{} {:?} by {by}", severity.rating.as_str(), severity.tenths));
        writeln!(told, "  {} {}: {}", advisory.id, advisory.kind.as_str(), severity.unwrap_or("not rated".into())).unwrap();
        writeln!(told, "    aliases {:?}, records {:?}", advisory.aliases, advisory.records).unwrap();
        writeln!(told, "    fixed {:?}, upgrade {:?}", advisory.fixed, advisory.upgrade).unwrap();
        writeln!(told, "    {:?} {:?} {:?}", advisory.cwes, advisory.functions, advisory.references).unwrap();
    }
    facts.undecided.iter().for_each(|(id, reason)| writeln!(told, "  {id} undecided: {reason}").unwrap());
    told
}

/// `ECOSYSTEM | EVENTS or =VERSIONS; … | VERSION | yes, no or ?`: each part between semicolons is a
/// range or a list.
#[test]
fn ranges_are_evaluated_as_the_table_says() {
    let table = fs::read_to_string(root().join("advisory/evaluate.txt")).unwrap();
    let mut lines = 0;
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [ecosystem, ranges, version, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{line}") };
        let record = record_of(ecosystem, ranges);
        let parsed = osv::parse(record.to_string().as_bytes()).unwrap_or_else(|rejection| panic!("{line}: {rejection:?}"));
        let ecosystem = Ecosystem::from_osv(ecosystem).unwrap();
        let name = PackageName::new(ecosystem, "ant").unwrap();
        let answer = evaluate(&parsed.record, ecosystem, &name, Version::new(version).ok().as_ref());
        let answer = match answer {
            Answer::Affected => "yes",
            Answer::NotAffected => "no",
            Answer::Undecided(_) => "?",
        };
        assert_eq!(answer, expected, "{line}");
        lines += 1;
    }
    assert!(lines >= 60, "only {lines} lines");
}

fn record_of(ecosystem: &str, ranges: &str) -> Value {
    let (mut listed, mut of_ranges) = (Vec::new(), Vec::new());
    for part in ranges.split(';').map(str::trim) {
        if let Some(list) = part.strip_prefix('=') {
            listed.extend(list.split_whitespace().map(str::to_owned));
            continue;
        }
        let (kind, events) = part.split_once(':').unwrap_or(("SEMVER", part));
        let event = |event: &str| {
            let (key, version) = event.trim().split_once(' ').unwrap();
            json!({ key: version })
        };
        of_ranges.push(json!({ "type": kind, "events": events.split(',').map(event).collect::<Vec<_>>() }));
    }
    json!({ "id": "TEST-1", "modified": "2025-01-01T00:00:00Z",
        "affected": [{ "package": { "ecosystem": ecosystem, "name": "ant" }, "ranges": of_ranges, "versions": listed }] })
}

/// Made-up advisories in RustSec's form; every version of a grid, by its own crate and by us.
#[test]
fn rustsec_itself_says_the_same() {
    let requirements = [
        (r#"[">= 1.2.3"]"#, "[]"),
        (r#"[">= 1.2.3"]"#, r#"["< 1.0.0"]"#),
        ("[]", "[]"),
        ("[]", r#"["< 1.0.0"]"#),
        (r#"["^1.2.3", ">= 2.0.1"]"#, "[]"),
        (r#"[">= 0.2.1, < 0.3.0", ">= 0.3.4"]"#, r#"["< 0.1.5"]"#),
        (r#"["> 1.0.0"]"#, "[]"),
        (r#"["= 1.1.0", ">= 1.2.0-rc.2"]"#, "[]"),
        (r#"["~1.2.3", ">= 1.3.1"]"#, r#"["<= 0.9.9"]"#),
        (r#"["< 1.0.0", ">= 2.0.0"]"#, "[]"),
    ];
    let mut compared = 0;
    for (patched, unaffected) in requirements {
        let text = format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2025-0001\"\npackage = \"ant\"\ndate = \"2025-01-01\"\n\n[versions]\npatched = {patched}\nunaffected = {unaffected}\n```\n\n# Ants\n\nText.\n"
        );
        let ours = rustsec::parse(text.as_bytes()).unwrap().record;
        let theirs: ::rustsec::Advisory = text.parse().unwrap();
        for version in grid() {
            let name = PackageName::new(Ecosystem::Cargo, "ant").unwrap();
            let answer = evaluate(&ours, Ecosystem::Cargo, &name, Some(&Version::new(&version).unwrap()));
            let expected = theirs.versions.is_vulnerable(&version.parse().unwrap());
            assert_eq!(answer == Answer::Affected, expected, "{patched} {unaffected}: {version}");
            assert!(!matches!(answer, Answer::Undecided(_)), "{version}");
            compared += 1;
        }
    }
    assert!(compared > 1000, "only {compared}");
}

fn grid() -> Vec<String> {
    let mut versions = Vec::new();
    for major in 0..3 {
        for minor in 0..4 {
            for patch in [0, 1, 3, 4, 5, 9] {
                for end in ["", "-0", "-alpha.1", "-rc.2"] {
                    versions.push(format!("{major}.{minor}.{patch}{end}"));
                }
            }
        }
    }
    versions
}

fn example(ecosystem: &str, package: &str, id: &str, modified: &str, fixed: &str) -> Value {
    json!({ "id": id, "modified": modified, "aliases": [format!("CVE-{id}")], "summary": "ants", "details": format!("all about {id}").repeat(40),
        "affected": [{ "package": { "ecosystem": ecosystem, "name": package }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": fixed }] }] }] })
}

fn many() -> Vec<Parsed> {
    let record = |number: usize| example("npm", &format!("ant-{}", number / 2), &format!("TEST-{number}"), "2025-01-01T00:00:00Z", "2.0.0");
    (0..300).map(|number| osv::parse(record(number).to_string().as_bytes()).unwrap()).collect()
}

#[test]
fn a_store_gives_back_what_it_was_given() {
    let parsed = many();
    let bytes = store_of(Ecosystem::Npm, &parsed);
    let store = Store::open(bytes.clone()).unwrap();
    store.verify().unwrap();
    assert_eq!((store.meta().records, store.meta().packages), (300, 150));
    for parsed in &parsed {
        let (_, name) = &parsed.record.packages()[0];
        assert!(store.records(name).unwrap().contains(&parsed.record));
        assert_eq!(store.details(&parsed.record.id).unwrap(), parsed.details);
    }
    assert!(store.records(&PackageName::new(Ecosystem::Npm, "bee").unwrap()).unwrap().is_empty());
    let backwards: Vec<Parsed> = many().into_iter().rev().collect();
    assert_eq!(store_of(Ecosystem::Npm, &backwards), bytes, "the order in which records come makes no difference");
    // And by way of another store.
    let (mut builder, mut spool, mut again) = (Builder::new(Ecosystem::Npm), Memory::default(), Vec::new());
    builder.add_store(&store, &mut spool).unwrap();
    builder.write(&store.meta().sources, 0, &spool, &mut again).unwrap();
    assert_eq!(again, bytes);
}

/// Whatever is cut off or altered: the right answer or an error, never another answer.
#[test]
fn a_damaged_store_is_an_error() {
    let parsed = many();
    let bytes = store_of(Ecosystem::Npm, &parsed[..40]);
    let names: Vec<PackageName> = (0..20).map(|number| PackageName::new(Ecosystem::Npm, &format!("ant-{number}")).unwrap()).collect();
    let answers = |bytes: Vec<u8>| -> Result<Vec<_>, StoreError> {
        let store = Store::open(bytes)?;
        names.iter().map(|name| store.records(name)).collect()
    };
    let right = answers(bytes.clone()).unwrap();
    assert!(right.iter().all(|records| records.len() == 2));
    for length in (0..bytes.len()).step_by(7) {
        assert!(answers(bytes[..length].to_vec()).is_err(), "cut to {length}");
    }
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << (at % 8);
        if let Ok(answer) = answers(altered) {
            assert_eq!(answer, right, "byte {at}");
        }
    }
    let mut newer = bytes.clone();
    let at = newer.len() - 16;
    newer[at] = 9;
    let error = Store::open(newer).err().unwrap();
    assert!(matches!(error, StoreError::OtherVersion { found: 9 }), "{error}");
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn the_record_that_was_changed_last_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let old = write(folder.path(), "old.json", example("npm", "ant", "TEST-1", "2024-01-01T00:00:00Z", "1.0.0").to_string().as_bytes());
    let new = write(folder.path(), "new.json", example("npm", "ant", "TEST-1", "2025-01-01T00:00:00Z", "2.0.0").to_string().as_bytes());
    let fixed =
        |record: &str| advisories::show(record, Some(&store)).unwrap()[0].record.affected[0].ranges[0].events[1].version().to_owned();
    for order in [[&old, &new], [&new, &old]] {
        for file in order {
            advisories::import(std::slice::from_ref(file), Some(&store), false).unwrap();
        }
        assert_eq!(fixed("TEST-1"), "2.0.0");
        assert_eq!(fixed("CVE-TEST-1"), "2.0.0", "by its alias");
        fs::remove_dir_all(&store).unwrap();
    }
    // What is dropped is dropped by --replace alone, and of the ecosystems in question alone.
    let other = write(folder.path(), "other.json", example("npm", "bee", "TEST-2", "2025-01-01T00:00:00Z", "1.0.0").to_string().as_bytes());
    let cargo =
        write(folder.path(), "cargo.json", example("crates.io", "bee", "TEST-3", "2025-01-01T00:00:00Z", "1.0.0").to_string().as_bytes());
    advisories::import(&[old, cargo], Some(&store), false).unwrap();
    advisories::import(std::slice::from_ref(&other), Some(&store), true).unwrap();
    assert!(matches!(advisories::show("TEST-1", Some(&store)), Err(RunError::NoSuchAdvisory(_))));
    assert!(advisories::show("TEST-2", Some(&store)).is_ok() && advisories::show("TEST-3", Some(&store)).is_ok());
}

/// What cannot be a record is counted and named; what cannot be an archive is an error, and the old
/// store stays.
#[test]
fn hostile_files_are_refused_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let good = example("npm", "ant", "TEST-1", "2025-01-01T00:00:00Z", "1.0.0").to_string();
    let elsewhere = example("Debian:11", "ant", "TEST-2", "2025-01-01T00:00:00Z", "1.0.0").to_string();
    let deep = format!("{{\"id\":\"TEST-3\",\"affected\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let bomb = vec![b' '; 64 << 20];
    let wrong_type = good.replace("\"aliases\":[\"CVE-TEST-1\"]", "\"aliases\":7");
    let two_events =
        good.replace("{\"introduced\":\"0\"}", "{\"introduced\":\"0\",\"fixed\":\"1\"}").replace("TEST-1\",\"mod", "TEST-5\",\"mod");
    let name = example("npm", "../ant", "TEST-4", "2025-01-01T00:00:00Z", "1.0.0").to_string();
    let withdrawn = good.replace("\"summary\"", "\"withdrawn\":\"yesterday\",\"summary\"");
    let id = good.replace("TEST-1\",\"mod", "TEST\\u001b1\",\"mod");
    let files: Vec<(&str, &[u8])> = vec![
        ("good.json", good.as_bytes()),
        ("elsewhere.json", elsewhere.as_bytes()),
        ("deep.json", deep.as_bytes()),
        ("bomb.json", &bomb),
        ("type.json", wrong_type.as_bytes()),
        ("events.json", two_events.as_bytes()),
        ("name.json", name.as_bytes()),
        ("withdrawn.json", withdrawn.as_bytes()),
        ("html.json", b"<html>503</html>"),
        ("half.json", &good.as_bytes()[..60]),
        ("bytes.json", b"\xff\xfe\x00"),
        ("README.md", b"no record"),
    ];
    let archive = write(folder.path(), "all.zip", &zipped(&files));
    let imported = advisories::import(std::slice::from_ref(&archive), Some(&store), false).unwrap();
    assert_eq!((imported.taken[&Ecosystem::Npm], imported.elsewhere, imported.rejected), (2, 1, 9), "{:#?}", imported.list);
    assert!(imported.list.iter().all(|rejected| !rejected.reason.is_empty() && rejected.file.contains("all.zip: ")));
    let digest = advisories::status(Some(&store)).unwrap()[1].store.clone().unwrap();
    let whole = fs::read(&archive).unwrap();
    for (name, bytes) in [
        ("cut.zip", &whole[..whole.len() / 2]),
        ("empty.zip", &zipped(&[])),
        ("html.zip", b"<html>404</html>"),
        ("nothing.json", b""),
        ("id.json", id.as_bytes()),
        ("cut.tar.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
        ("cut.advisories", b"sbomgate-adv"),
    ] {
        let path = write(folder.path(), name, bytes);
        let error = advisories::import(&[path], Some(&store), true).err().unwrap_or_else(|| panic!("{name} is taken"));
        assert!(!error.to_string().is_empty() && !error.hint().is_empty(), "{name}");
        assert_eq!(advisories::status(Some(&store)).unwrap()[1].store.clone().unwrap(), digest, "{name}: the old store stays");
    }
    let left: Vec<String> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| [".lock", "npm.advisories"].contains(&name.as_str())), "{left:?}");
}

/// What may hold records and is not looked into is told, in a folder and in an archive.
#[cfg(unix)]
#[test]
fn what_an_import_passes_over_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("given");
    let record = |id: &str| example("npm", "ant", id, "2025-01-01T00:00:00Z", "1.0.0").to_string();
    fs::create_dir_all(given.join("npm")).unwrap();
    write(&given, "one.json", record("TEST-1").as_bytes());
    write(&given, "TWO.JSON", record("TEST-2").as_bytes());
    write(&given, "readme.txt", b"no record");
    write(&given, "npm/all.ZIP", &zipped(&[("a.json", record("TEST-3").as_bytes())]));
    write(folder.path(), "other.json", record("TEST-4").as_bytes());
    std::os::unix::fs::symlink(folder.path().join("other.json"), given.join("link.json")).unwrap();
    std::os::unix::fs::symlink(folder.path(), given.join("further")).unwrap();
    let store = folder.path().join("store");
    let imported = advisories::import(&[given], Some(&store), false).unwrap();
    let told: Vec<String> = imported.list.iter().map(|one| one.file.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!((imported.taken[&Ecosystem::Npm], &told[..]), (2, &["further", "link.json", "npm/all.ZIP"].map(str::to_owned)[..]));
    let nested = zipped(&[("one.json", record("TEST-1").as_bytes()), ("npm/all.zip", b"PK"), ("X.JSON", b"broken")]);
    let archive = write(folder.path(), "all.zip", &nested);
    let imported = advisories::import(&[archive], Some(&store), true).unwrap();
    assert_eq!((imported.taken[&Ecosystem::Npm], imported.rejected), (1, 2), "{:?}", imported.list);
}

/// RustSec's tree as a tar.gz and as a folder: the same store; the toolchain's own are passed over.
#[test]
fn rustsecs_tree_is_read_from_folder_and_archive() {
    let folder = tempfile::tempdir().unwrap();
    let text = |id: &str, package: &str| {
        format!(
            "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2025-01-01\"\n\n[versions]\npatched = [\">= 1.0.0\"]\n```\n\n# Title\n\nText.\n"
        )
    };
    let long = format!("db/crates/{}/RUSTSEC-2025-0002.md", "a-very-long-name-".repeat(8));
    let files = [
        ("db/crates/ant/RUSTSEC-2025-0001.md", text("RUSTSEC-2025-0001", "ant")),
        (long.as_str(), text("RUSTSEC-2025-0002", "bee")),
        ("db/rust/std/CVE-2025-0003.md", text("CVE-2025-0003", "std")),
        ("db/README.md", "no record".into()),
        ("db/crates/ant/RUSTSEC-2025-0009.md", text("RUSTSEC-2025-0009", "ant").replace(">= 1.0.0", ">= 1.0.99999999999999999999")),
    ];
    let tree = folder.path().join("tree");
    for (path, text) in &files {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let tar = std::process::Command::new("tar").args(["-czf", "../db.tar.gz", "db"]).current_dir(&tree).status().unwrap();
    assert!(tar.success());
    let digest = |input: PathBuf, store: &str| {
        let store = folder.path().join(store);
        let imported = advisories::import(&[input], Some(&store), false).unwrap();
        assert_eq!((imported.taken[&Ecosystem::Cargo], imported.rejected), (2, 1), "{:?}", imported.list);
        advisories::status(Some(&store)).unwrap()[0].store.clone().unwrap().1
    };
    assert_eq!(digest(tree.clone(), "a"), digest(folder.path().join("db.tar.gz"), "b"));
}

#[test]
fn an_export_is_imported_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let files: Vec<PathBuf> = [("npm", "TEST-1"), ("PyPI", "TEST-2")]
        .map(|(ecosystem, id)| {
            write(
                folder.path(),
                &format!("{id}.json"),
                example(ecosystem, "ant", id, "2025-01-01T00:00:00Z", "1.0.0").to_string().as_bytes(),
            )
        })
        .into();
    assert!(matches!(advisories::export(&folder.path().join("none.zip"), Some(&here)), Err(RunError::NoStore(_))));
    advisories::import(&files, Some(&here), false).unwrap();
    let carried = folder.path().join("carried.zip");
    assert_eq!(advisories::export(&carried, Some(&here)).unwrap(), [Ecosystem::Npm, Ecosystem::Pypi]);
    advisories::import(&[carried], Some(&there), false).unwrap();
    let digests = |store: &Path| -> Vec<Option<String>> {
        advisories::status(Some(store)).unwrap().into_iter().map(|status| status.store.map(|(_, digest)| digest)).collect()
    };
    assert_eq!(digests(&here), digests(&there));
    assert!(digests(&here)[0].is_none() && digests(&here)[1].is_some());
}

/// Records that are cut off or altered at a bit: an answer or a rejection, never a panic, and quickly.
#[test]
fn altered_records_never_panic() {
    let paths = folders(&root().join("advisory/matching")).into_iter().flat_map(|case| records(&case.join("records")));
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let try_out = |bytes: &[u8]| {
            let parsed = if rustsec::looks_like(bytes) { rustsec::parse(bytes) } else { osv::parse(bytes) };
            for (ecosystem, name) in parsed.iter().flat_map(|parsed| parsed.record.packages()) {
                let records = [parsed.as_ref().unwrap().record.clone()];
                facts::of_package(ecosystem, &name, Some("1.0.0"), &records);
                facts::of_package(ecosystem, &name, None, &records);
            }
        };
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 7);
            try_out(&altered);
            if at % 5 == 0 {
                try_out(&bytes[..at]);
            }
        }
    }
}

/// A part of a record that cannot be read decides nothing for its package, and is counted where the store is used.
#[test]
fn what_is_rejected_in_part_is_never_not_affected() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let good = example("npm", "ant", "TEST-1", "2025-01-01T00:00:00Z", "1.0.0");
    let broken = [
        ("/affected/0/ranges/0/events/1", json!({ "fixed": "1.0.0", "limit": "2.0.0" })),
        ("/affected/0/ranges/0/events/1", json!({ "dissolved": "1.0.0" })),
        ("/affected/0/ranges/0/events/1", json!({ "fixed": 1 })),
        ("/affected/0/ranges/0/events", json!([])),
        ("/affected/0/ranges/0/events", json!("all")),
        ("/affected/0/ranges/0", json!(7)),
        ("/affected/0/ranges/0/type", json!(null)),
        ("/affected/0/ranges", json!({})),
    ];
    for (number, (pointer, value)) in broken.iter().enumerate() {
        let mut record = good.clone();
        *record.pointer_mut(pointer).unwrap() = value.clone();
        let file = write(folder.path(), &format!("{number}.json"), record.to_string().as_bytes());
        let imported = advisories::import(std::slice::from_ref(&file), Some(&store), true).unwrap();
        assert_eq!((imported.taken[&Ecosystem::Npm], imported.rejected), (1, 1), "{pointer} {value}");
        for record in [file.to_str().unwrap(), "TEST-1"] {
            let told = advisories::affects(record, "pkg:npm/ant@9.0.0", Some(&store)).unwrap();
            assert_eq!(told.affected, None, "{pointer} {value}: {}", told.reason);
            assert!(told.reason.contains("cannot be read"), "{}", told.reason);
        }
        let status = &advisories::status(Some(&store)).unwrap()[1];
        assert_eq!(status.held().unwrap().0.rejected(), 1);
    }
    // A list that cannot be read beside a range that can: the range still speaks where it applies.
    let mut record = good.clone();
    record["affected"][0]["versions"] = json!([1, 2]);
    let file = write(folder.path(), "versions.json", record.to_string().as_bytes());
    for (version, affected) in [("0.5.0", Some(true)), ("9.0.0", None)] {
        assert_eq!(
            advisories::affects(file.to_str().unwrap(), &format!("pkg:npm/ant@{version}"), Some(&store)).unwrap().affected,
            affected
        );
    }
    // What another import adds does not make it forgotten; the same file read anew does.
    let (broken, other) = (folder.path().join("0.json"), write(folder.path(), "other.json", good.to_string().as_bytes()));
    let rejected = || advisories::status(Some(&store)).unwrap()[1].held().unwrap().0.rejected();
    advisories::import(std::slice::from_ref(&broken), Some(&store), true).unwrap();
    advisories::import(&[other], Some(&store), false).unwrap();
    assert_eq!(rejected(), 1);
    fs::write(&broken, good.to_string()).unwrap();
    advisories::import(&[broken], Some(&store), false).unwrap();
    assert_eq!(rejected(), 0);
}

#[test]
fn an_id_begins_and_ends_plainly() {
    for id in ["GHSA-35jh-r3h4-6jhm", "RUSTSEC-2020-0071", "CVE-2021-1", "RHSA-2024:1234", "A.b_c-1"] {
        assert!(AdvisoryId::new(id).is_ok(), "{id}");
    }
    for id in ["", ":", "::warning", ":GHSA-1", "GHSA-1:", "-rf", ".", "..", "a..b", "a/b", "a b", "a\u{1b}", "ä"] {
        assert!(AdvisoryId::new(id).is_err(), "{id}");
    }
}
