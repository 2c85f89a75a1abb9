//! The door of licence fields: the table of `fixtures/licence`, what each text reads and what lists make of it; and the
//! laws of lists, whatever is in them.

use crate::diff;
use crate::fixtures::root;
use proptest::prelude::*;
use sbomgate::enrich::licence::{self, Effect, Entry, Expression, Lists, Outcome, Reader, Reading, Unread};
use sbomgate::judge::{self, policy};
use sbomgate::model::{Ecosystem, Package, RelPath, SourceFile};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Table {
    allow: Vec<String>,
    deny: Vec<String>,
    needs_approval: Vec<String>,
    #[serde(flatten)]
    cases: BTreeMap<String, Vec<Vec<String>>>,
}

fn entries(texts: &[String]) -> BTreeMap<Entry, u32> {
    texts.iter().map(|text| (Entry::parse(text).unwrap_or_else(|| panic!("{text}")), 1)).collect()
}

#[test]
fn every_text_reads_as_the_table_says() {
    let table: Table = toml::from_str(&fs::read_to_string(root().join("licence/expressions.toml")).unwrap()).unwrap();
    let lists = Lists {
        allow: Some(entries(&table.allow)),
        deny: entries(&table.deny),
        needs_approval: entries(&table.needs_approval),
        unknown: Effect::NeedsApproval,
    };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for row in table.cases.values().flatten() {
        let [text, expected @ ..] = &row[..] else { panic!("{row:?}") };
        let ecosystem = expected.get(3).map_or(Ecosystem::Npm, |name| Ecosystem::from_purl_type(name).unwrap());
        let reading = Reading::of(text, ecosystem).unwrap();
        assert_eq!(&*reading.stated, text.trim(), "the original is kept");
        let reads = reading.read.as_ref().map_or_else(|why| format!("? {}", why.reason()), ToString::to_string);
        let outcome = match lists.of_reading(&reading, &[]) {
            Outcome { is_unknown: true, .. } => "unknown",
            Outcome { effect: Effect::Allow, .. } => "allow",
            Outcome { effect: Effect::NeedsApproval, .. } => "needs-approval",
            Outcome { effect: Effect::Deny, .. } => "deny",
        };
        let found = [&*reads, reading.family().map_or("unknown", |family| family.as_str()), outcome];
        if found[..] != expected[..3] {
            wrong.push(format!("{text}: {found:?}, and not {:?}", &expected[..3]));
        }
        seen += 1;
    }
    assert!(wrong.is_empty() && seen > 80, "{seen} rows\n{}", wrong.join("\n"));
}

/// What is empty states nothing.
#[test]
fn an_empty_field_states_nothing() {
    assert!(["", " ", "\n\t"].iter().all(|text| Reading::of(text, Ecosystem::Cargo).is_none()));
}

/// Whoever looks a rule up is told which identifiers are known.
#[test]
fn the_version_of_the_list_is_told() {
    let explain = |rule: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_sbomgate")).args(["explain", rule]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let version = format!("SPDX License List, version {}.", licence::list_version());
    assert!(explain("licence-denied").contains(&version) && !explain("digest-changed").contains(&version));
}

/// However deep and however long, a text is read or refused at once.
#[test]
fn no_text_takes_long() {
    let deep = |open: &str, end: &str, times: usize| format!("{}MIT{}", open.repeat(times), end.repeat(times));
    let texts = [
        deep("(", ")", 500),
        deep("(", ")", 1_000_000),
        deep("(MIT OR (MIT AND ", "))", 50),
        deep("MIT AND (MIT OR ", ")", 50),
        format!("MIT{}", " OR MIT".repeat(145)),
        format!("cc0{}", "/cc0".repeat(250)),
        "(".repeat(1024),
        "/".repeat(1024),
        "WITH ".repeat(200),
        "x".repeat(10_000_000),
    ];
    for text in texts {
        let start = std::time::Instant::now();
        let reading = Reading::of(&text, Ecosystem::Npm).unwrap();
        let _ = (reading.family(), reading.told().len(), lists(&[], &["MIT"], Effect::Deny).of_reading(&reading, &[]));
        assert!(start.elapsed().as_millis() < 500, "{}", &text[..20]);
    }
}

/// What registries state stands beside what the lockfile does: the stricter counts, and both are told.
#[test]
fn a_registry_stands_beside_the_lockfile() {
    let repository = diff::repository(&root().join("diff/licences"));
    let sides = diff::sides(repository.path(), "base..head");
    let text = "version = 1\n[introduced]\ndirect = \"allow\"\n[licences]\nallow = [\"permissive\", \"GPL-3.0-or-later\"]\ndeny = [\"strong-copyleft\"]\n";
    let file = SourceFile::new(RelPath::new(policy::FILE).unwrap(), text.as_bytes().to_vec()).unwrap();
    let found = |name: &str, stated: &str| {
        let mut subject = sides.compare();
        subject.gate.policy = policy::read(&file).unwrap();
        let packages: Vec<Package> = subject.lockfiles[0].changes.iter().map(|change| change.package.clone()).collect();
        let package = packages.iter().find(|package| package.name.as_str() == name).unwrap();
        subject.licences.add_registry(package, stated, "https://registry.npm.example/x");
        let judgement = judge::evaluate(subject);
        let of_package = judgement.findings.iter().filter(|finding| finding.package.as_ref() == Some(&package.purl()));
        let told: Vec<String> =
            of_package.filter(|one| one.rule.starts_with("licence")).map(|one| format!("{}: {}", one.rule, one.message)).collect();
        told.join("\n")
    };
    assert_eq!(found("cat", "MIT"), "");
    assert_eq!(found("cat", ""), "", "an empty field states nothing");
    let told = "licence-denied: `cat 1.0.0` is under `GPL-2.0-only`, which the policy denies (strong-copyleft, .sbomgate/policy.toml:6); lockfile (`package-lock.json:40`) states `MIT`";
    assert_eq!(found("cat", "GPLv2"), told);
    assert!(found("cat", "BSD").starts_with("licence-unknown: the licence of `cat 1.0.0` is not known: it is stated as `BSD`"));
    assert_eq!(found("hen", "mit"), "", "what the lockfile does not state a registry may");
    assert!(found("hen", " ").contains("nothing that was read states one"));
    assert!(found("fox", "MIT").contains("states `MIT`"), "what is clear beside what is not");
}

/// Of more different texts than any project has, the last ones are not known.
#[test]
fn a_flood_of_texts_is_not_read() {
    let mut reader = Reader::default();
    let readings: Vec<_> = (0..10_001).map(|at| reader.read(&format!("MIT OR LicenseRef-{at}"), Ecosystem::Npm).unwrap()).collect();
    assert!(readings[9_999].read.is_ok() && readings[10_000].read == Err(Unread::TooMany));
    assert!(reader.read("MIT OR LicenseRef-7", Ecosystem::Npm).unwrap().read.is_ok());
}

fn lists(allow: &[&str], deny: &[&str], unknown: Effect) -> Lists {
    let entries = |texts: &[&str]| entries(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    Lists { allow: Some(entries(allow)), deny: entries(deny), needs_approval: BTreeMap::new(), unknown }
}

/// Without a list of what is allowed all is that is known and not denied.
#[test]
fn a_list_that_nobody_made_denies_nothing() {
    let lists = Lists { allow: None, ..lists(&[], &["GPL-3.0-only"], Effect::NeedsApproval) };
    let of = |text: &str| lists.of(&Expression::parse(text).unwrap(), &[]);
    assert_eq!(of("MIT"), Outcome::ALLOWED);
    assert_eq!(of("GPL-3.0-only"), Outcome::DENIED);
    assert_eq!(of("GPL-3.0-or-later"), Outcome::DENIED, "one version alone is denied, and no later one is known");
    assert!(of("LicenseRef-x").is_unknown);
}

const ENTRIES: [&str; 16] = [
    "permissive",
    "weak-copyleft",
    "strong-copyleft",
    "proprietary",
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "LicenseRef-x",
    "MPL-1.1",
    "MPL-2.0",
    "Apache-2.0 WITH AdditionRef-x",
];
const TERMS: [&str; 14] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "Apache-2.0 WITH AdditionRef-x",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-2.0-or-later WITH Classpath-exception-2.0",
    "GPL-3.0-or-later",
    "LicenseRef-x",
    "LicenseRef-y",
    "MPL-1.1+",
    "BUSL-1.1",
    "JSON",
    "any-OSI",
];

fn expression() -> impl Strategy<Value = String> {
    let term = proptest::sample::select(&TERMS[..]).prop_map(str::to_owned);
    term.prop_recursive(5, 24, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(a, b, is_and)| format!("({a}) {} ({b})", if is_and { "AND" } else { "OR" }))
    })
    // A licence with an addition stands in no parentheses.
    .prop_map(|text| TERMS.iter().fold(text, |text, term| text.replace(&format!("({term})"), term)))
}

fn some_entries() -> impl Strategy<Value = BTreeSet<Entry>> {
    let entry = proptest::sample::select(&ENTRIES[..]).prop_map(|text| Entry::parse(text).unwrap());
    proptest::collection::btree_set(entry, 0..6)
}

fn effect() -> impl Strategy<Value = Effect> {
    proptest::sample::select(&[Effect::Allow, Effect::NeedsApproval, Effect::Deny][..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// One more entry to deny never lets more in, one more to allow never less.
    #[test]
    fn lists_are_monotone(text in expression(), allow in some_entries(), deny in some_entries(), needs in some_entries(),
        unknown in effect(), more in proptest::sample::select(&ENTRIES[..])) {
        let read = Expression::parse(&text).unwrap();
        let with_lines = |entries: BTreeSet<Entry>| entries.into_iter().map(|entry| (entry, 1)).collect::<BTreeMap<_, _>>();
        let lists = Lists { allow: Some(with_lines(allow)), deny: with_lines(deny), needs_approval: with_lines(needs), unknown };
        let before = lists.of(&read, &[]).effect;
        let more = Entry::parse(more).unwrap();
        let mut stricter = lists.clone();
        stricter.deny.insert(more.clone(), 1);
        prop_assert!(stricter.of(&read, &[]).effect >= before, "{text}");
        let mut laxer = lists.clone();
        laxer.allow.get_or_insert_default().insert(more, 1);
        prop_assert!(laxer.of(&read, &[]).effect <= before, "{text}");
    }

    /// What is written of an expression reads as the same expression.
    #[test]
    fn an_expression_is_written_as_it_reads(text in expression()) {
        let read = Expression::parse(&text).unwrap();
        let again = Expression::parse(&read.to_string()).unwrap();
        prop_assert_eq!(read.family(), again.family());
        prop_assert_eq!(read.to_string(), again.to_string());
    }

    /// No text panics, and what is unknown is allowed only where the lists say so.
    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|[()+/ ]|MIT|AND| OR | WITH |GPL-2.0|LicenseRef-|x){0,40}") {
        if let Some(reading) = Reading::of(&text, Ecosystem::Pypi) {
            let _ = (reading.told(), reading.text());
            let nothing = lists(&["permissive"], &[], Effect::Deny);
            prop_assert!(reading.family().is_some() || nothing.of_reading(&reading, &[]).effect == Effect::Deny);
        }
    }
}
