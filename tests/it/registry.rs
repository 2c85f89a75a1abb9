//! The door of `enrich::registry`: answers as data (`fixtures/registry/<registry>/<case>`), facts as golden files; what
//! is asked for; bad answers of every kind; what is kept on a disk.

use crate::fixtures::{folders, name, root};
use proptest::prelude::*;
use sbomgate::enrich::Fact;
use sbomgate::enrich::registry::{
    Document, Downloads, Kept, Mark, Outcome, PackageFacts, Part, Publisher, Question, Registry, Release, Sourced, Standing, Unusable,
    default_registry, facts, of_versions, parse, questions, second_opinion, second_opinion_of_versions,
};
use sbomgate::model::request::Request;
use sbomgate::model::{Ecosystem, Moment, Package, PackageName, PackageSource, Version};
use std::fmt::{Debug, Write as _};
use std::fs;
use std::path::PathBuf;

const DOCUMENTS: [(Document, &str); 10] = [
    (Document::CargoIndex, "cargo-index.txt"),
    (Document::CratesIo, "crates-io.json"),
    (Document::Packument, "packument.json"),
    (Document::NpmDownloads, "npm-downloads.json"),
    (Document::PypiJson, "pypi-json.json"),
    (Document::PypiSimple, "pypi-simple.json"),
    (Document::PypiSimple, "pypi-simple.html"),
    (Document::DepsDev, "deps-dev.json"),
    (Document::PypiVersion, "pypi-version.json"),
    (Document::DepsDevDependents, "dependents.json"),
];

/// 2026-05-31T12:00:00Z: when every answer of the fixtures came.
const FETCHED: i64 = 1_780_228_800;

fn registry(ecosystem: Ecosystem) -> Registry {
    Registry { ecosystem, base: "https://registry.example/index".into(), api: Some("https://api.example".into()) }
}

fn package(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Package {
    Package {
        ecosystem,
        name: PackageName::new(ecosystem, name).unwrap(),
        version: version.map(|version| Version::new(version).unwrap()),
        source: PackageSource::default_registry(),
    }
}

/// Every document that may tell of a package.
fn all_questions(package: &Package) -> Vec<Question> {
    let names = [package.name.clone()];
    let mut all = questions(&registry(package.ecosystem), &names);
    all.extend(second_opinion("https://second.example/", package.ecosystem, &names));
    let silent = package.version.iter().map(|version| Release { version: version.to_string(), ..Release::default() }).collect();
    let part = Part { releases: Some(silent), ..Part::default() };
    let of_name: Vec<Kept> = all
        .iter()
        .filter(|question| question.document == Document::PypiJson)
        .map(|question| kept(package, question, Outcome::Said(part.clone())))
        .collect();
    let versions = package.version.iter().cloned().collect();
    all.extend(second_opinion_of_versions("https://second.example/", package.ecosystem, &package.name, &versions));
    all.extend(of_versions(&registry(package.ecosystem), &package.name, &versions, &of_name));
    all
}

fn question(package: &Package, document: Document) -> Question {
    all_questions(package).into_iter().find(|question| question.document == document).unwrap()
}

fn kept(package: &Package, question: &Question, outcome: Outcome) -> Kept {
    let digest = if outcome == Outcome::Absent { String::new() } else { "0".repeat(64) };
    Kept {
        document: question.document,
        registry: registry(package.ecosystem).base,
        name: package.name.to_string(),
        version: question.version.as_ref().map(Version::to_string),
        url: question.request.url.clone(),
        fetched: FETCHED,
        etag: None,
        digest,
        outcome,
    }
}

struct Case {
    folder: PathBuf,
    package: Package,
    /// Further times that are asked about.
    at: Vec<i64>,
}

impl Case {
    fn of(folder: PathBuf) -> Case {
        let text = fs::read_to_string(folder.join("package")).unwrap();
        let mut lines = text.lines();
        let words: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let version = Some(words[2]).filter(|version| *version != "-");
        let package = package(Ecosystem::from_purl_type(words[0]).unwrap(), words[1], version);
        let seconds = |line: &str| line.strip_prefix("at ").unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        Case { folder, package, at: lines.map(seconds).collect() }
    }

    fn label(&self) -> String {
        format!("{}/{}", name(self.folder.parent().unwrap()), name(&self.folder))
    }

    /// The answers with their questions, those that are there.
    fn answers(&self) -> Vec<(Question, Vec<u8>)> {
        let there = DOCUMENTS.iter().filter_map(|(document, file)| Some((*document, fs::read(self.folder.join(file)).ok()?)));
        there.map(|(document, bytes)| (question(&self.package, document), bytes)).collect()
    }

    fn kept(&self) -> Vec<Kept> {
        let mut all = Vec::new();
        for (question, bytes) in self.answers() {
            let parts = parse(&question, &bytes).unwrap_or_else(|error| panic!("{}: {error}", self.label()));
            all.extend(parts.into_iter().map(|(_, part)| kept(&self.package, &question, Outcome::Said(part))));
        }
        for (document, file) in DOCUMENTS {
            let absent = PathBuf::from(file).with_extension("absent");
            if self.folder.join(absent).is_file() {
                all.push(kept(&self.package, &question(&self.package, document), Outcome::Absent));
            }
        }
        all
    }
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = folders(&root().join("registry")).iter().flat_map(|of| folders(of)).map(Case::of).collect();
    assert!(cases.len() > 30, "only {} cases were found", cases.len());
    cases
}

#[test]
fn every_case_is_told_as_its_golden_file_says() {
    for case in cases() {
        let kept = case.kept();
        let kept: Vec<&Kept> = kept.iter().collect();
        let of = |at| facts(&case.package, &registry(case.package.ecosystem), &kept, at);
        let mut told = format!("{} of {}\n{}", case.package.label(), case.package.ecosystem, written(&of(None)));
        for at in &case.at {
            let time = Moment { seconds: *at, offset: 0 }.rfc3339().unwrap();
            write!(told, "\nas of {time}, other than above:\n{}", differences(&of(None), &of(Some(*at)))).unwrap();
        }
        insta::with_settings!({ snapshot_path => &case.folder, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", told);
        });
    }
}

fn differences(one: &PackageFacts, other: &PackageFacts) -> String {
    let (one, other) = (written(one), written(other));
    one.lines().zip(other.lines()).filter(|(one, other)| one != other).map(|(_, other)| format!("{other}\n")).collect()
}

/// A line a fact, with the document that it comes from.
fn written(facts: &PackageFacts) -> String {
    let day = |seconds: &i64| Moment { seconds: *seconds, offset: 0 }.rfc3339().unwrap();
    let time = |fact: &Sourced<i64>| Sourced {
        fact: match &fact.fact {
            Fact::Known(seconds) => Fact::Known(day(seconds)),
            Fact::Unknown(reason) => Fact::Unknown(reason.clone()),
        },
        from: fact.from.clone(),
    };
    [
        line("standing", &facts.standing),
        line("has version", &facts.has_version),
        line("first published", &time(&facts.first_published)),
        line("published", &time(&facts.published)),
        line("completed", &time(&facts.completed)),
        line("yanked", &facts.yanked),
        line("deprecated", &facts.deprecated),
        line("downloads", &facts.downloads),
        line("dependents", &facts.dependents),
        line("owners", &facts.owners),
        line("publisher", &facts.publisher),
        line("publisher is new", &facts.publisher_is_new),
        line("publishers", &facts.publishers),
        line("install", &facts.install),
        line("install is new", &facts.install_is_new),
        line("repository", &facts.repository),
        line("repository fits", &facts.repository_fits),
        line("attested", &facts.attested),
        line("attestation lost", &facts.attestation_lost),
        format!("{:<17} {:?}\n", "previous", facts.previous),
        line("newer", &facts.newer),
        line("licence", &facts.licence),
    ]
    .concat()
}

fn line<T: Debug>(name: &str, sourced: &Sourced<T>) -> String {
    match (&sourced.fact, &sourced.from) {
        (Fact::Known(value), Some(from)) => format!("{name:<17} {value:?}  [{}]\n", from.url.trim_start_matches("https://")),
        (Fact::Unknown(reason), None) => format!("{name:<17} ? {reason}\n"),
        other => panic!("{name}: a fact without its document, or a document without a fact: {:?}", other.1),
    }
}

#[test]
fn addresses_are_those_of_each_registry() {
    let of = |ecosystem: Ecosystem, name: &str| -> Vec<String> {
        let all = all_questions(&package(ecosystem, name, None)).into_iter();
        all.map(|question| question.request.url.trim_start_matches("https://").to_owned()).collect()
    };
    for (name, path) in [("a", "1/a"), ("Ab", "2/ab"), ("fox", "3/f/fox"), ("Fox_sys", "fo/x_/fox_sys"), ("färn", "f%C3%A4/rn/f%C3%A4rn")]
    {
        assert_eq!(of(Ecosystem::Cargo, name)[0], format!("registry.example/index/{path}"));
    }
    assert_eq!(
        of(Ecosystem::Cargo, "Fox_sys")[1..],
        ["api.example/api/v1/crates/Fox_sys", "second.example/v3/systems/cargo/packages/Fox_sys"]
    );
    let scoped = ["registry.example/index/@Zoo%2Ffox", "api.example/downloads/point/last-month/@Zoo%2Ffox"];
    assert_eq!(of(Ecosystem::Npm, "@Zoo/fox")[..2], scoped);
    let pypi = ["registry.example/index/fox-tail/", "api.example/pypi/fox-tail/json", "second.example/v3/systems/pypi/packages/fox-tail"];
    assert_eq!(of(Ecosystem::Pypi, "Fox__Tail"), pypi);
    let accepted = |ecosystem, document| question(&package(ecosystem, "fox", None), document).request.accept;
    assert_eq!(
        accepted(Ecosystem::Pypi, Document::PypiSimple),
        Some("application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01")
    );
    for ecosystem in Ecosystem::ALL {
        let registry = default_registry(ecosystem);
        assert!(!registry.base.ends_with('/') && registry.api.is_some_and(|api| !api.ends_with('/')));
        let alone = Registry { api: None, ..self::registry(ecosystem) };
        assert_eq!(questions(&alone, &[package(ecosystem, "fox", None).name]).len(), 1);
    }
}

#[test]
fn downloads_are_asked_for_in_lists() {
    let names: Vec<PackageName> = (0..300)
        .map(|at| format!("fox{at}"))
        .chain(["@zoo/fox".into(), "fox,gnu".into(), "fox0".into()])
        .map(|name| PackageName::new(Ecosystem::Npm, &name).unwrap())
        .collect();
    let all = questions(&registry(Ecosystem::Npm), &names);
    let lists: Vec<&Question> = all.iter().filter(|question| question.document == Document::NpmDownloads).collect();
    assert_eq!(lists.iter().map(|question| question.names.len()).collect::<Vec<_>>(), [128, 128, 44, 1, 1]);
    assert!(lists[4].request.url.ends_with("/fox%2Cgnu"), "{}", lists[4].request.url);
    let long: Vec<PackageName> =
        (0..100).map(|at| PackageName::new(Ecosystem::Npm, &format!("{at}{}", "x".repeat(200))).unwrap()).collect();
    assert!(questions(&registry(Ecosystem::Npm), &long).iter().all(|question| question.request.url.len() < 4200));

    let several = lists[2];
    let [first, second] = [&several.names[0], &several.names[1]];
    let answer = format!(r#"{{"{first}":{{"downloads":7,"package":"{first}","start":"2026-01-01","end":"2026-01-31"}},"{second}":null}}"#);
    let parts = parse(several, answer.as_bytes()).unwrap();
    assert_eq!(parts.len(), 44);
    assert_eq!((parts[0].1.downloads, parts[1].1.downloads), (Some(Downloads { count: 7, days: 31 }), None));
    for wrong in [
        r#"{"else":null}"#.to_owned(),
        format!(r#"{{"{first}":{{"downloads":-7}}}}"#),
        format!(r#"{{"{first}":{{"downloads":7,"package":"x"}}}}"#),
    ] {
        assert!(parse(several, wrong.as_bytes()).is_err(), "{wrong}");
    }
}

proptest! {
    /// Whatever a lockfile names, the address stays below the registry, and no name makes two of one.
    #[test]
    fn no_name_leads_elsewhere(text in "[@/a-zA-Z0-9._%?#&=+,;: \\\\~!'()*-]{1,24}|\\PC{1,12}") {
        for ecosystem in Ecosystem::ALL {
            let Ok(name) = PackageName::new(ecosystem, &text) else { continue };
            let package = Package { ecosystem, name, version: None, source: PackageSource::default_registry() };
            for question in all_questions(&package) {
                let url = &question.request.url;
                let below = ["https://registry.example/index/", "https://api.example/", "https://second.example/v3/systems/"];
                let path = below.iter().find_map(|start| url.strip_prefix(start)).expect("below the registry");
                prop_assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%@/".contains(&b)), "{}", url);
                prop_assert!(path.trim_end_matches('/').split('/').all(|part| !part.is_empty() && part != "." && part != ".."), "{}", url);
                prop_assert!(path.matches('/').count() <= 4 && !url.contains(','), "{}", url);
            }
        }
    }

    /// What a cache keeps comes back as it was, in both forms.
    #[test]
    fn what_is_kept_comes_back(kept in any_kept()) {
        let json: Kept = serde_json::from_slice(&serde_json::to_vec(&kept).unwrap()).unwrap();
        prop_assert_eq!(&json, &kept);
        let postcard: Kept = postcard::from_bytes(&postcard::to_stdvec(&kept).unwrap()).unwrap();
        prop_assert_eq!(postcard, kept);
    }

    /// No order of documents and no nonsense in them makes facts panic, nor a fact stand without its document.
    #[test]
    fn facts_of_anything(kept in proptest::collection::vec(any_kept(), 0..4), version in "[0-9.a-z+-]{1,9}", at in any::<Option<i64>>()) {
        for ecosystem in Ecosystem::ALL {
            let package = package(ecosystem, "fox", Version::new(&version).ok().map(|_| version.as_str()));
            written(&facts(&package, &registry(ecosystem), &kept.iter().collect::<Vec<_>>(), at).without_times());
        }
    }
}

/// The golden files' lines want times that have a date.
trait WithoutTimes {
    fn without_times(self) -> Self;
}

impl WithoutTimes for PackageFacts {
    fn without_times(mut self) -> Self {
        for time in [&mut self.published, &mut self.completed, &mut self.first_published] {
            if let Fact::Known(seconds) = &mut time.fact {
                *seconds = 0;
            }
        }
        self
    }
}

fn any_mark() -> impl Strategy<Value = Option<Mark>> {
    prop_oneof![Just(None), Just(Some(Mark::No)), "\\PC{0,5}".prop_map(|text| Some(Mark::Yes(text)))]
}

fn any_release() -> impl Strategy<Value = Release> {
    let publisher = proptest::option::of(("\\PC{1,4}", any::<bool>()).prop_map(|(name, is_workflow)| Publisher { name, is_workflow }));
    let install = proptest::option::of(proptest::collection::vec("\\PC{0,4}", 0..3));
    (
        ("[0-9]{1,2}(\\.[0-9]){0,3}|\\PC{1,5}", any::<Option<i64>>(), any_mark(), any_mark()),
        (publisher, install, proptest::option::of("\\PC{0,5}"), any::<Option<bool>>()),
    )
        .prop_map(|((version, published, yanked, deprecated), (publisher, install, licence, attested))| Release {
            version,
            published,
            completed: published,
            yanked,
            deprecated,
            publisher,
            install,
            licence,
            attested,
        })
}

fn any_standing() -> impl Strategy<Value = Option<Standing>> {
    prop_oneof![
        Just(None),
        Just(Some(Standing::SecurityHolder)),
        "\\PC{0,5}".prop_map(|text| Some(Standing::Quarantined(text))),
        any::<Option<i64>>().prop_map(|time| Some(Standing::Unpublished(time))),
    ]
}

fn any_part() -> impl Strategy<Value = Part> {
    let names = proptest::option::of(proptest::collection::vec("\\PC{0,4}", 0..3));
    let downloads = proptest::option::of((any::<u64>(), any::<u32>()).prop_map(|(count, days)| Downloads { count, days }));
    let releases = proptest::option::of(proptest::collection::vec(any_release(), 0..5));
    (
        (any::<Option<i64>>(), any_standing(), downloads, any::<Option<u64>>()),
        (names, proptest::option::of("\\PC{0,9}"), releases, proptest::option::of("\\PC{0,9}")),
    )
        .prop_map(|((created, standing, downloads, dependents), (owners, repository, releases, unusable_times))| Part {
            created,
            standing,
            downloads,
            dependents,
            owners,
            repository,
            releases,
            unusable_times,
        })
}

fn any_kept() -> impl Strategy<Value = Kept> {
    let documents = proptest::sample::select(DOCUMENTS.map(|(document, _)| document).to_vec());
    let outcome = prop_oneof![1 => Just(Outcome::Absent), 5 => any_part().prop_map(Outcome::Said)];
    (documents, proptest::option::of("\\PC{0,9}"), any::<i64>(), outcome).prop_map(|(document, etag, fetched, outcome)| Kept {
        document,
        registry: "https://registry.example/index".into(),
        name: "fox".into(),
        version: matches!(document, Document::PypiVersion | Document::DepsDevDependents).then(|| "1.0".into()),
        url: "https://registry.example/index/fox".into(),
        fetched,
        etag,
        digest: "0".repeat(64),
        outcome,
    })
}

/// A question of each kind about the package `fox`.
fn every_question() -> Vec<Question> {
    Ecosystem::ALL.into_iter().flat_map(|ecosystem| all_questions(&package(ecosystem, "fox", Some("1.0.0")))).collect()
}

#[test]
fn bad_answers_say_nothing() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let many = |item: &str| vec![item; 100_001].join(",");
    let versions: String = (0..100_001).map(|at| format!("\"1.0.{at}\":{{}},")).collect();
    let answers: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![]),
        ("white space", b" \n".to_vec()),
        ("NUL", vec![0; 100]),
        ("no UTF-8", b"{\"name\":\"\xff\"}".to_vec()),
        ("a login page", b"<!doctype html><html><body>fox</body></html>".to_vec()),
        ("XML", b"<?xml version=\"1.0\"?><Error><Code>fox</Code></Error>".to_vec()),
        ("text", b"Not Found".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"7".to_vec()),
        ("a list", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an error", br#"{"error":"not found"}"#.to_vec()),
        ("lists in lists", deep("[", "]").into()),
        ("objects in objects", deep("{\"name\":", "}").into()),
        ("deep versions", format!("{{\"name\":\"fox\",\"versions\":{}}}", deep("{\"a\":", "}")).into()),
        ("many versions", format!("{{\"name\":\"fox\",\"versions\":{{{versions}\"2.0.0\":{{}}}}}}").into()),
        ("many files", format!("{{\"name\":\"fox\",\"files\":[{}]}}", many(r#"{"filename":"x"}"#)).into()),
        ("many releases", format!("{{\"info\":{{\"name\":\"fox\"}},\"releases\":{{{versions}\"2\":[]}}}}").into()),
        (
            "versions of another form",
            br#"{"name":"fox","versions":["1.0.0"],"info":{"name":"fox"},"releases":7,"files":7,"crate":{"name":"fox"}}"#.to_vec(),
        ),
        ("versions twice", br#"{"name":"fox","versions":{"1.0.0":{},"1.0.0":{"deprecated":"x"}},"files":7}"#.to_vec()),
        ("a proto", br#"{"__proto__":{"name":"fox"},"constructor":"fox"}"#.to_vec()),
    ];
    let page = question(&package(Ecosystem::Pypi, "fox", None), Document::PypiSimple);
    for (wrong, expected) in [
        ("<html><a href=\"/login\">fox</a><a href=\"fox.html\">fox-1.0.tar.gz</a></html>", "a page for people"),
        ("<html><a href=\"gnu-1.0.tar.gz\">fox-1.0.tar.gz</a></html>", "about `gnu-1.0.tar.gz`"),
        ("<html><a href=\"fox-1.0.tar.gz\">fox</a>", "has no end"),
        ("<html><meta name=\"pypi:repository-version\" content=\"2.0\"><a href=\"fox-1.0.tar.gz\">fox</a></html>", "of version `2.0`"),
    ] {
        let told = parse(&page, wrong.as_bytes()).unwrap_err().to_string();
        assert!(told.contains(expected), "{wrong}: {told}");
    }
    let started = std::time::Instant::now();
    for open in ["<", "<a ", "<!--", "<a href=\"", "<script>", "<script></", "<a =", "&", "<a\tx=y "] {
        let _ = parse(&page, format!("<{}", open.repeat((8 << 20) / open.len())).as_bytes());
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    for (label, bytes) in &answers {
        for question in every_question() {
            if *label == "an empty object" && question.document == Document::NpmDownloads {
                continue;
            }
            let error = parse(&question, bytes).map(|_| label).expect_err(&format!("{label}: {:?}", question.document));
            let told = error.to_string();
            assert!(told.len() < 800 && !told.chars().any(char::is_control), "{label}: {told}");
        }
    }
}

#[test]
fn an_answer_about_another_name_says_nothing() {
    for case in cases() {
        let other = match case.package.ecosystem {
            Ecosystem::Npm => "@zoo/Fox",
            Ecosystem::Cargo | Ecosystem::Pypi => "gnu",
        };
        let asked = Package { version: case.package.version.clone(), ..package(case.package.ecosystem, other, None) };
        // deps.dev does not say whose dependents it counts.
        for (question, bytes) in case.answers().into_iter().filter(|(question, _)| question.document != Document::DepsDevDependents) {
            let instead = self::question(&asked, question.document);
            let error = parse(&instead, &bytes).expect_err(&case.label());
            // A page without files does not say whose it is.
            assert!(matches!(error, Unusable::OtherName { .. } | Unusable::Page), "{}: {error}", case.label());
        }
    }
    let deps_dev = question(&package(Ecosystem::Cargo, "fox", None), Document::DepsDev);
    assert!(parse(&deps_dev, br#"{"packageKey":{"system":"NPM","name":"fox"},"versions":[]}"#).is_err());
    // pypiserver's, which does not say what it is about.
    let pypi_json = question(&package(Ecosystem::Pypi, "fox-tail", None), Document::PypiJson);
    let nameless = br#"{"info": {"version": "1.0"}, "releases": {"1.0": [{"url": "http://pypi.example/packages/fox_tail-1.0.tar.gz"}]}}"#;
    assert_eq!(parse(&pypi_json, nameless), Err(Unusable::NoName));
    let nobody = Question { names: Vec::new(), ..deps_dev };
    assert!(parse(&nobody, b"{}").is_err());
}

/// Every prefix of a JSON answer is unusable; of the index, whose lines stand alone, all that end inside of a line.
#[test]
fn truncated_answers_say_nothing() {
    for case in cases() {
        for (question, bytes) in case.answers() {
            let whole = bytes.trim_ascii_end().len();
            for at in (0..whole).step_by(1 + whole / 400) {
                let ends_a_line = question.document == Document::CargoIndex
                    && matches!(bytes.get(at), Some(b'\n')) | matches!(bytes[..at].last(), Some(b'\n'));
                assert!(parse(&question, &bytes[..at]).is_err() || ends_a_line, "{} {:?} cut at {at}", case.label(), question.document);
            }
        }
    }
}

#[test]
fn answers_with_a_flipped_bit_do_not_panic() {
    for case in cases() {
        for (question, bytes) in case.answers() {
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 150) {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << (at % 8);
                for (_, part) in parse(&question, &flipped).unwrap_or_default() {
                    let kept = kept(&case.package, &question, Outcome::Said(part));
                    facts(&case.package, &registry(case.package.ecosystem), &[&kept], Some(FETCHED - 10_000_000));
                }
            }
        }
    }
}

/// About as many versions as are read at all, of which the one in question is none: the work is linear in them.
#[test]
fn a_name_with_very_many_versions_takes_its_time_and_no_more() {
    let package = package(Ecosystem::Npm, "fox", Some("2.0.0"));
    let question = question(&package, Document::Packument);
    let manifest = |at: usize| format!(r#""1.0.{at}":{{"_npmUser":{{"name":"u{at}"}},"scripts":{{"install":"x"}}}}"#);
    let time = |at: usize| format!(r#""1.0.{at}":"2024-01-{:02}T00:00:00Z""#, at % 28 + 1);
    let versions: Vec<String> = (0..99_990).map(manifest).chain([r#""2.0.0":{"_npmUser":{"name":"eve"}}"#.to_owned()]).collect();
    let times: Vec<String> = (0..99_990).map(time).chain([r#""2.0.0":"2025-01-01T00:00:00Z""#.to_owned()]).collect();
    let answer = format!(
        r#"{{"name":"fox","_rev":"1","versions":{{{}}},"time":{{"created":"2024-01-01T00:00:00Z","modified":"2025-01-01T00:00:00Z",{}}}}}"#,
        versions.join(","),
        times.join(",")
    );
    let started = std::time::Instant::now();
    let (_, mut part) = parse(&question, answer.as_bytes()).unwrap().remove(0);
    part.unusable_times = None;
    let kept = kept(&package, &question, Outcome::Said(part));
    let told = facts(&package, &registry(Ecosystem::Npm), &[&kept], Some(FETCHED));
    assert_eq!((told.publisher_is_new.fact, told.previous.unwrap().as_str()), (Fact::Known(true), "1.0.99989"));
    let absent = self::package(Ecosystem::Npm, "fox", Some("3.0.0"));
    assert_eq!(facts(&absent, &registry(Ecosystem::Npm), &[&kept], None).has_version.fact, Fact::Known(false));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

/// Times that no registry can have seen are none, and nothing else goes wrong with them.
#[test]
fn odd_times_are_none() {
    let question = question(&package(Ecosystem::Npm, "fox", None), Document::Packument);
    for time in [
        "\"-2024-01-01T00:00:00Z\"",
        "\"99999-01-01T00:00:00Z\"",
        "\"1969-12-31T23:59:59Z\"",
        "-5",
        "1e400",
        "7",
        "null",
        "{}",
        "\"soon\"",
        "\"\"",
    ] {
        let times = format!(r#"{{"created":{time},"modified":{time},"1.0.0":{time},"__proto__":{time}}}"#);
        let answer = format!(r#"{{"name":"fox","versions":{{"1.0.0":{{}},"__proto__":{{}}}},"time":{times}}}"#);
        match parse(&question, answer.as_bytes()) {
            Ok(parts) => {
                assert!(parts[0].1.created.is_none() && parts[0].1.releases.iter().flatten().all(|release| release.published.is_none()))
            }
            Err(error) => panic!("{time}: {error}"),
        }
    }
}

/// A document of another registry, of another name or of another ecosystem is passed over.
#[test]
fn documents_of_others_are_passed_over() {
    let package = package(Ecosystem::Npm, "fox", Some("1.0.0"));
    let question = question(&package, Document::Packument);
    let own = kept(&package, &question, Outcome::Absent);
    let standing = |kept: &Kept| facts(&package, &registry(Ecosystem::Npm), &[kept], None).standing.fact;
    assert_eq!(standing(&own), Fact::Known(Standing::Absent));
    for other in [
        Kept { registry: "https://elsewhere.example".into(), ..own.clone() },
        Kept { name: "Fox".into(), ..own.clone() },
        Kept { document: Document::PypiSimple, ..own.clone() },
        Kept { document: Document::DepsDev, ..own.clone() },
        Kept { document: Document::NpmDownloads, ..own.clone() },
    ] {
        assert_ne!(standing(&other), Fact::Known(Standing::Absent), "{other:?}");
    }
    let newer =
        Kept { outcome: Outcome::Said(Part { releases: Some(Vec::new()), ..Part::default() }), fetched: FETCHED + 1, ..own.clone() };
    for order in [[&own, &newer], [&newer, &own]] {
        assert_eq!(facts(&package, &registry(Ecosystem::Npm), &order, None).standing.fact, Fact::Known(Standing::Present));
    }
    let largest = |request: &Request| request.largest;
    assert!(every_question().iter().all(|question| (1 << 20..=104 << 20).contains(&largest(&question.request))));
}
