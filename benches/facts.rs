//! Facts of registries: 500 packages from a warm cache (promised: 60 ms), and 1,000 documents of a server that takes 50 ms
//! for each (promised: 3 s).
//!
//! `cargo bench --bench facts`

#![allow(clippy::disallowed_methods, reason = "a bench measures time and plays a server")]

use divan::Bencher;
use sbomgate::edge::http::{Http, Terms};
use sbomgate::enrich::registry::{Document, Kept, Outcome, Question, default_registry, parse, questions};
use sbomgate::model::{Ecosystem, PackageName};
use sbomgate::run::Project;
use sbomgate::run::facts::{self, Cache, Network, Options};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PACKAGES: usize = 500;
/// Releases of a package: the packages of the lockfiles that people have are old.
const RELEASES: usize = 60;
const DELAY: Duration = Duration::from_millis(50);

fn main() {
    let server = serve();
    let (asked, seconds) = fetched(&server);
    println!("{asked} documents of a server that takes {} ms for each: {seconds:.2} s\n", DELAY.as_millis());
    divan::main();
}

fn name(number: usize) -> PackageName {
    PackageName::new(Ecosystem::Npm, &format!("package-{number}")).expect("a name")
}

/// About what npm sends, without the parts that nobody reads.
fn packument(name: &str) -> String {
    let number = |release: usize| format!("1.{release}.0");
    let time = |release: usize| format!("20{:02}-0{}-01T00:00:00.000Z", 10 + release / 9, 1 + release % 9);
    let mut times = json!({ "created": time(0), "modified": time(RELEASES) });
    let mut versions = json!({});
    for release in 0..RELEASES {
        times[number(release)] = time(release).into();
        versions[number(release)] = json!({ "name": name, "version": number(release), "license": "MIT", "scripts": { "test": "node test" },
            "_npmUser": { "name": "ada", "email": "ada@zoo.example" }, "dist": { "integrity": format!("sha512-{}==", "A".repeat(86)), "fileCount": 7 } });
    }
    json!({ "name": name, "time": times, "versions": versions, "maintainers": [{ "name": "ada" }] }).to_string()
}

fn kept(question: &Question, bytes: &[u8]) -> Vec<Kept> {
    let parts = parse(question, bytes).expect("a sound answer");
    let now =
        i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs()).expect("a time");
    let one = |(name, part): (PackageName, _)| Kept {
        document: question.document,
        registry: default_registry(Ecosystem::Npm).base,
        name: name.to_string(),
        version: None,
        url: question.request.url.clone(),
        fetched: now,
        etag: Some("\"0123456789abcdef\"".into()),
        digest: "00".repeat(32),
        outcome: Outcome::Said(part),
    };
    parts.into_iter().map(one).collect()
}

fn fill(folder: &Path) {
    let names: Vec<PackageName> = (0..PACKAGES).map(name).collect();
    let all = questions(&default_registry(Ecosystem::Npm), &names).into_iter().flat_map(|question| {
        let answer = match question.document {
            Document::Packument => packument(question.names[0].as_str()),
            _ => question
                .names
                .iter()
                .map(|name| {
                    (name.to_string(), json!({ "downloads": 7, "package": name.as_str(), "start": "2025-01-01", "end": "2025-01-30" }))
                })
                .collect::<serde_json::Map<_, _>>()
                .into_iter()
                .collect::<serde_json::Value>()
                .to_string(),
        };
        kept(&question, answer.as_bytes())
    });
    let all: Vec<Kept> = all.collect();
    Cache::at(folder.to_owned()).put(&all).expect("a cache");
}

#[divan::bench(sample_count = 20)]
fn warm_cache_of_500(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fill(folder.path());
    let purls: Vec<String> = (0..PACKAGES).map(|number| format!("pkg:npm/{}@1.30.0", name(number))).collect();
    let project = Project::open(folder.path()).expect("a folder");
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    bencher.bench_local(|| {
        let question = facts::Question { purls: &purls, internal: &[], options: &options, online: None };
        let answer = facts::show(&project, &question).expect("an answer");
        assert!(answer.answers.iter().all(facts::Answer::is_known));
        answer
    });
}

/// A server that keeps its connections.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || answer(&stream)))));
    base
}

fn answer(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    let mut first = String::new();
    while reader.read_line(&mut first).is_ok_and(|read| read > 0) {
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            line.clear();
        }
        std::thread::sleep(DELAY);
        let name = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').trim_end_matches("?again").to_owned();
        let content = packument(&name);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len());
        if out.write_all((head + &content).as_bytes()).is_err() {
            return;
        }
        first.clear();
    }
}

/// Two documents of each package.
fn fetched(base: &str) -> (usize, f64) {
    let http = Http::new(&Network::default()).expect("a client");
    let registry = sbomgate::enrich::registry::Registry { base: base.to_owned(), ..default_registry(Ecosystem::Npm) };
    let names: Vec<PackageName> = (0..PACKAGES).map(name).collect();
    let own = questions(&registry, &names).into_iter().filter(|question| question.document == Document::Packument);
    let mut all: Vec<Question> = own.collect();
    let mut again = all.clone();
    again.iter_mut().for_each(|question| question.request.url.push_str("?again"));
    all.extend(again);
    let requests: Vec<_> = all.iter().map(|question| question.request.clone()).collect();
    let start = Instant::now();
    let parts = http.fetch_many(&requests, &Terms::default(), &|at, came| match came {
        Ok(sbomgate::model::request::Answer::Changed { content, .. }) => parse(&all[at], &content).is_ok(),
        _ => false,
    });
    (parts.iter().filter(|read| **read).count(), start.elapsed().as_secs_f64())
}
