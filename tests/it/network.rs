//! What servers do to us: a scripted one on the loopback interface, and waits of milliseconds.

use crate::cli::sbomgate;
use sbomgate::model::Ecosystem;
use sbomgate::run::advisories::{self, Network, Patience, Update};
use sbomgate::run::{Progress, RunError};
use serde_json::json;
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One question as it came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
    /// How often the path was asked for before.
    pub number: usize,
}

/// What the server does with it.
pub enum Reply {
    /// Status and further headers, then the content with its length.
    Plain(&'static str, Vec<u8>),
    /// Bytes as they are, then the end.
    Raw(Vec<u8>),
    /// Nothing, for longer than anybody waits.
    Silence,
}

pub fn ok(content: impl Into<Vec<u8>>) -> Reply {
    Reply::Plain("200 OK", content.into())
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;
type Answers = Box<Script>;

pub struct Server {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (asked, over): (Arc<Mutex<Vec<Asked>>>, _) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (log, is_over, script): (_, _, Arc<Script>) = (asked.clone(), over.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (log, script) = (log.clone(), script.clone());
                std::thread::spawn(move || answer(stream.unwrap(), &log, &*script));
            }
        });
        Server { base, asked, over }
    }

    /// The paths that were asked for, in their order.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.base.trim_start_matches("http://"));
    }
}

fn answer(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, script: &Script) {
    let Some(mut asked) = read(&stream) else { return };
    {
        let mut log = log.lock().unwrap();
        asked.number = log.iter().filter(|other| other.path == asked.path).count();
        log.push(asked.clone());
    }
    let bytes = match script(&asked) {
        Reply::Plain(head, content) => {
            let mut bytes = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", content.len()).into_bytes();
            bytes.extend(content);
            bytes
        }
        Reply::Raw(bytes) => bytes,
        Reply::Silence => return std::thread::sleep(Duration::from_secs(3)),
    };
    let _ = stream.write_all(&bytes);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut asked = Asked { path: line.split(' ').nth(1)?.to_owned(), ..Asked::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        asked.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = asked.headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).ok()?;
    Some(asked)
}

/// Waits of milliseconds.
pub fn network() -> Network {
    let patience = Patience {
        connect: Duration::from_secs(2),
        silence: Duration::from_millis(250),
        whole: Duration::from_secs(20),
        small: Duration::from_secs(20),
        attempts: 3,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(50),
    };
    Network { ca: None, patience }
}

struct Unwatched;

impl Progress for Unwatched {
    fn reading(&self, _: &sbomgate::model::RelPath, _: usize, _: usize) {}

    fn read(&self) {}
}

fn update(from: &str, store: &Path) -> Result<sbomgate::enrich::advisory::Imported, RunError> {
    let update = Update { ecosystems: &[Ecosystem::Npm], from, rustsec: None, replace: false };
    advisories::update(&update, Some(store), &network(), &Unwatched)
}

fn record(id: &str, day: u32, fixed: &str) -> String {
    json!({ "id": id, "modified": format!("2025-01-{day:02}T00:00:00Z"),
        "affected": [{ "package": { "ecosystem": "npm", "name": "ant" }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": fixed }] }] }] })
    .to_string()
}

fn zipped(records: &[(&str, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (id, text) in records {
        archive.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const FIRST_LIST: &str = "2025-01-02T00:00:00Z,TEST-2\n2025-01-01T00:00:00Z,TEST-1\n";

fn first_zip() -> Vec<u8> {
    zipped(&[("TEST-1", record("TEST-1", 1, "1.0.0")), ("TEST-2", record("TEST-2", 2, "1.0.0"))])
}

/// A sound mirror with two records.
fn sound(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/npm/modified_id.csv" => Reply::Plain("200 OK\r\nETag: \"list-1\"", FIRST_LIST.into()),
        "/npm/all.zip" => Reply::Plain("200 OK\r\nETag: \"zip-1\"", first_zip()),
        _ => Reply::Plain("404 Not Found", b"no".to_vec()),
    }
}

fn digest(store: &Path) -> Option<String> {
    advisories::status(Some(store)).unwrap()[1].held().map(|(_, digest)| digest.to_owned())
}

fn fixed(store: &Path, id: &str) -> String {
    advisories::show(id, Some(store)).unwrap()[0].record.affected[0].ranges[0].events[1].version().to_owned()
}

fn left(store: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(store).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// First everything, then what changed, then nothing.
#[test]
fn an_update_fetches_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let is_later = Arc::new(AtomicBool::new(false));
    let later = is_later.clone();
    let server = Server::new(move |asked| match (asked.path.as_str(), later.load(Ordering::SeqCst)) {
        ("/npm/modified_id.csv", true) if asked.headers.get("if-none-match").is_some_and(|etag| etag == "\"list-2\"") => {
            Reply::Plain("304 Not Modified", Vec::new())
        }
        ("/npm/modified_id.csv", true) => {
            let list = format!("2025-01-05T00:00:00.5Z,TEST-3\n2025-01-04T00:00:00Z,TEST-1\n{FIRST_LIST}");
            Reply::Plain("200 OK\r\nETag: \"list-2\"", list.into())
        }
        ("/npm/TEST-1.json", true) => ok(record("TEST-1", 4, "2.0.0")),
        ("/npm/TEST-3.json", true) => ok(record("TEST-3", 5, "3.0.0")),
        _ => sound(asked),
    });
    let told = update(&server.base, &store).unwrap();
    assert_eq!((told.taken[&Ecosystem::Npm], told.rejected), (2, 0));
    assert_eq!(server.paths(), ["/npm/modified_id.csv", "/npm/all.zip"]);
    assert_eq!(left(&store), [".lock", "npm.advisories"], "nothing is left of the download");
    assert_eq!(fixed(&store, "TEST-1"), "1.0.0");

    is_later.store(true, Ordering::SeqCst);
    server.forget();
    let told = update(&server.base, &store).unwrap();
    let mut paths = server.paths();
    paths.sort();
    assert_eq!(paths, ["/npm/TEST-1.json", "/npm/TEST-3.json", "/npm/modified_id.csv"]);
    assert_eq!(told.taken[&Ecosystem::Npm], 2);
    assert_eq!(
        (fixed(&store, "TEST-1").as_str(), fixed(&store, "TEST-2").as_str(), fixed(&store, "TEST-3").as_str()),
        ("2.0.0", "1.0.0", "3.0.0")
    );

    server.forget();
    let before = digest(&store);
    update(&server.base, &store).unwrap();
    assert_eq!((server.paths(), digest(&store)), (vec!["/npm/modified_id.csv".to_owned()], before));
    let status = &advisories::status(Some(&store)).unwrap()[1];
    let sources = &status.held().unwrap().0.sources;
    assert_eq!((sources.len(), sources[0].name.as_str(), sources[0].rejected), (1, format!("{}/npm", server.base).as_str(), 0));
}

/// Whatever a server does: an error that says what and where, and the old store stays in use.
#[test]
fn a_server_that_fails_leaves_the_old_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let first = Server::new(sound);
    update(&first.base, &store).unwrap();
    let before = (digest(&store), fs::read(store.join("npm.advisories")).unwrap());
    let new_list = "2025-01-09T00:00:00Z,TEST-9\n";
    let bomb = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 32 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    let cases: Vec<(&str, Answers, usize)> = vec![
        ("in time", Box::new(|_| Reply::Silence), 3),
        ("429", Box::new(|_| Reply::Plain("429 Too Many Requests", Vec::new())), 3),
        ("again in 3600 s", Box::new(|_| Reply::Plain("429 Too Many Requests\r\nRetry-After: 3600", Vec::new())), 1),
        ("500", Box::new(|_| Reply::Plain("500 Internal Server Error", b"oops".to_vec())), 3),
        ("404", Box::new(|_| Reply::Plain("404 Not Found", Vec::new())), 1),
        ("403", Box::new(|_| Reply::Plain("403 Forbidden", Vec::new())), 1),
        ("(HTML)", Box::new(|_| Reply::Plain("200 OK\r\nContent-Type: text/html; charset=utf-8", b"<html>log in</html>".to_vec())), 1),
        ("TIME,ID", Box::new(|_| ok(&b"<html>log in</html>"[..])), 1),
        ("breaks off", Box::new(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n2025-01-09T".to_vec())), 3),
        ("more than", Box::new(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec())), 1),
        ("encoded as `gzip`", Box::new(move |_| Reply::Plain("200 OK\r\nContent-Encoding: gzip", bomb.clone())), 1),
        ("on and on", Box::new(|_| Reply::Plain("302 Found\r\nLocation: /npm/modified_id.csv", Vec::new())), 6),
        (
            "where it ends",
            Box::new(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n2025-01-09T00:00:00Z,TEST-9\n".to_vec())),
            1,
        ),
        ("no address that can be followed", Box::new(|_| Reply::Plain("302 Found\r\nLocation: file:///etc/passwd", Vec::new())), 1),
        ("credentials", Box::new(|_| Reply::Plain("302 Found\r\nLocation: http://u:p@127.0.0.1:1/", Vec::new())), 1),
        ("cannot be reached", Box::new(|_| Reply::Raw(b"\x16\x03\x01 no http\r\n\r\n".to_vec())), 3),
        ("though nothing was known", Box::new(|_| Reply::Plain("304 Not Modified", Vec::new())), 1),
        ("names no record", Box::new(|_| ok(Vec::new())), 1),
        ("no zip archive", Box::new(move |asked| if asked.path.ends_with("csv") { ok(new_list) } else { ok(&b"PK-ish"[..]) }), 2),
        ("no zip archive", Box::new(move |asked| if asked.path.ends_with("csv") { ok(new_list) } else { ok(&b"HTML"[..]) }), 2),
        ("Zip archive", Box::new(move |asked| if asked.path.ends_with("csv") { ok(new_list) } else { ok(first_zip()[..100].to_vec()) }), 2),
    ];
    for (number, (expected, script, times)) in cases.into_iter().enumerate() {
        let server = Server::new(script);
        let error = update(&format!("{}/", server.base), &store).err().unwrap_or_else(|| panic!("{number} {expected}: no error"));
        assert!(error.to_string().contains(expected), "{number} {expected}: {error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
        assert!(!error.hint().is_empty());
        assert_eq!(server.asked().len(), times, "{number} {expected}: {:?}", server.paths());
        assert_eq!((digest(&store), fs::read(store.join("npm.advisories")).unwrap()), before, "{number} {expected}");
    }
    // Nobody listens.
    let error = update("http://user:secret@127.0.0.1:1/osv", &store).unwrap_err();
    assert!(error.to_string().contains("cannot be reached") && !error.to_string().contains("secret"), "{error}");
    for wrong in ["osv", "file:///tmp", "https://", "ftp://mirror.example"] {
        assert!(update(wrong, &store).unwrap_err().to_string().contains("no address of a server"), "{wrong}");
    }
}

/// An archive that lacks most of the list would look like knowledge of today.
#[test]
fn an_archive_without_what_is_listed_leaves_the_old_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    update(&Server::new(sound).base, &store).unwrap();
    let before = fs::read(store.join("npm.advisories")).unwrap();
    let list: String = (0..501).map(|number| format!("2025-01-09T00:00:00Z,LISTED-{number}\n")).collect();
    let server = Server::new(move |asked| if asked.path.ends_with("csv") { ok(list.clone()) } else { sound(asked) });
    let error = update(&server.base, &store).unwrap_err();
    assert!(error.to_string().contains("501 records of the list"), "{error}");
    assert_eq!(fs::read(store.join("npm.advisories")).unwrap(), before);
    assert_eq!(left(&store), [".lock", "npm.advisories"]);
}

/// What passes is tried again, and after `Retry-After` where that is short.
#[test]
fn what_passes_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let server = Server::new(|asked| match (asked.path.as_str(), asked.number) {
        ("/npm/modified_id.csv", 0) => Reply::Plain("429 Too Many Requests\r\nRetry-After: 0", Vec::new()),
        ("/npm/modified_id.csv", 1) => Reply::Plain("503 Service Unavailable", Vec::new()),
        ("/npm/all.zip", 0) => Reply::Silence,
        _ => sound(asked),
    });
    assert_eq!(update(&server.base, &store).unwrap().taken[&Ecosystem::Npm], 2);
    assert_eq!(server.paths(), ["/npm/modified_id.csv"; 3].into_iter().chain(["/npm/all.zip"; 2]).collect::<Vec<_>>());
}

/// A download goes on where it broke off, in one run and in a later one, but for another state of the thing.
#[test]
fn a_download_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let half = |etag: &str| {
        let zip = first_zip();
        let mut bytes = format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {}\r\n\r\n", zip.len()).into_bytes();
        bytes.extend(&zip[..zip.len() / 2]);
        Reply::Raw(bytes)
    };
    let rest = |asked: &Asked| {
        let (zip, start) = (first_zip(), first_zip().len() / 2);
        assert_eq!(asked.headers["range"], format!("bytes={start}-"));
        let head = format!("HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Range: bytes {start}-{}/{}", zip.len() - 1, zip.len());
        let mut bytes = format!("{head}\r\nContent-Length: {}\r\n\r\n", zip.len() - start).into_bytes();
        bytes.extend(&zip[start..]);
        Reply::Raw(bytes)
    };
    let server = Server::new(move |asked| match (asked.path.as_str(), asked.number) {
        ("/npm/all.zip", 0) => half("\"one\""),
        ("/npm/all.zip", 1) => rest(asked),
        _ => sound(asked),
    });
    assert_eq!(update(&server.base, &store).unwrap().taken[&Ecosystem::Npm], 2);
    assert_eq!(server.asked()[2].headers["if-range"], "\"one\"");

    // In a later run; a server that has another state now sends all of it.
    for (etag, again) in [("\"one\"", true), ("\"one\"", false), ("W/\"weak\"", false)] {
        fs::remove_dir_all(&store).unwrap();
        let server = Server::new(move |asked| match (asked.path.as_str(), asked.number, again) {
            ("/npm/all.zip", 0, _) => half(etag),
            ("/npm/all.zip", 1 | 2, _) => Reply::Plain("503 Service Unavailable", Vec::new()),
            ("/npm/all.zip", _, true) => rest(asked),
            _ => sound(asked),
        });
        assert!(update(&server.base, &store).is_err());
        assert_eq!(update(&server.base, &store).unwrap().taken[&Ecosystem::Npm], 2, "{etag} {again}");
        let last = server.asked().pop().unwrap();
        assert_eq!(last.headers.contains_key("range"), etag.starts_with('"'), "{etag}: only a strong one says that the bytes are the same");
        assert_eq!(left(&store), [".lock", "npm.advisories"]);
    }
    // One that goes on elsewhere than asked is not believed.
    fs::remove_dir_all(&store).unwrap();
    let server = Server::new(move |asked| match (asked.path.as_str(), asked.number) {
        ("/npm/all.zip", 0) => half("\"one\""),
        ("/npm/all.zip", 1) => Reply::Plain("206 Partial Content\r\nETag: \"one\"\r\nContent-Range: bytes 0-1/9", b"PK".to_vec()),
        _ => sound(asked),
    });
    assert_eq!(update(&server.base, &store).unwrap().taken[&Ecosystem::Npm], 2);
}

/// Records that are listed and do not come, or cannot be read, are counted and asked for again.
#[test]
fn what_does_not_come_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let list = format!("2025-01-03T00:00:00Z,GONE-1\n2025-01-03T00:00:00Z,HTML-1\n2025-01-03T00:00:00Z,OTHER-1\n{FIRST_LIST}");
    let server = Server::new(move |asked| match asked.path.as_str() {
        "/npm/modified_id.csv" => Reply::Plain("200 OK\r\nETag: \"list-1\"", list.clone().into()),
        "/npm/HTML-1.json" => ok(&b"<html>"[..]),
        "/npm/OTHER-1.json" => ok(record("TEST-1", 1, "1.0.0")),
        _ => sound(asked),
    });
    for _ in 0..2 {
        let told = update(&server.base, &store).unwrap();
        assert_eq!(told.rejected, 3, "{:?}", told.list);
        assert!(told.list.iter().all(|rejected| rejected.file.starts_with("http://127.0.0.1")));
        let status = &advisories::status(Some(&store)).unwrap()[1];
        assert_eq!((status.held().unwrap().0.rejected(), status.held().unwrap().0.records), (3, 2));
    }
    assert!(server.asked().iter().all(|asked| !asked.headers.contains_key("if-none-match")));
}

#[test]
fn rustsecs_archive_comes_from_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let text = "```toml\n[advisory]\nid = \"RUSTSEC-2025-0001\"\npackage = \"ant\"\ndate = \"2025-01-01\"\n\n[versions]\npatched = [\">= 1.0.0\"]\n```\n\n# Title\n\nText.\n";
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("db/crates/ant/RUSTSEC-2025-0001.md", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let server = Server::new(move |asked| if asked.path == "/db.zip" { ok(bytes.clone()) } else { ok(&b"no archive"[..]) });
    for (path, is_taken) in [("/db.zip", true), ("/other.zip", false)] {
        let place = format!("{}{path}", server.base);
        let asked = Update { ecosystems: &[], from: "http://nowhere.example", rustsec: Some(&place), replace: false };
        let result = advisories::update(&asked, Some(&store), &network(), &Unwatched);
        assert_eq!(result.is_ok(), is_taken, "{path}: {result:?}");
        assert_eq!(advisories::status(Some(&store)).unwrap()[0].held().unwrap().0.records, 1);
    }
}

fn check(folder: &Path, server: &Server, more: &[&str]) -> (i32, String, String) {
    let mut command = sbomgate(folder);
    command.args(["check", "--online", "--osv-url", &server.base, "-f", "json"]).args(more);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Two versions of ant, one of a scope of the house, one from git, one from an address, and one of two that the
/// server says too much of.
const LOCKFILE: &str = r#"{ "name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
  "": { "name": "shop", "version": "1.0.0", "dependencies": { "ant": "1.0.0", "bee": "1.0.0", "@corp/cat": "1.0.0", "dog": "git+ssh://git@git.example/dog.git", "elk": "https://files.example/elk.tgz" } },
  "node_modules/ant": { "version": "1.0.0", "resolved": "https://registry.example/ant/-/ant-1.0.0.tgz", "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" },
  "node_modules/bee": { "version": "1.0.0", "resolved": "https://registry.example/bee/-/bee-1.0.0.tgz", "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" },
  "node_modules/@corp/cat": { "version": "1.0.0", "resolved": "https://registry.example/@corp/cat/-/cat-1.0.0.tgz", "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" },
  "node_modules/dog": { "version": "1.0.0", "resolved": "git+ssh://git@git.example/dog.git#0123456789012345678901234567890123456789" },
  "node_modules/elk": { "version": "1.0.0", "resolved": "https://files.example/elk.tgz", "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" }
} }"#;

/// The answer to each question of a batch, by the package's name.
fn batch(asked: &Asked) -> Reply {
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let results =
        body["queries"].as_array().unwrap().iter().map(|query| match (query["package"]["name"].as_str(), query.get("page_token")) {
            (Some("ant"), None) => json!({ "vulns": [{ "id": "TEST-1" }], "next_page_token": "more" }),
            (Some("ant"), Some(token)) if token == "more" => json!({ "vulns": [{ "id": "TEST-3" }, { "id": "GONE-1" }] }),
            (Some("bee"), _) => json!({ "vulns": [{ "id": "TEST-1" }] }),
            other => panic!("{other:?} was asked for"),
        });
    ok(json!({ "results": results.collect::<Vec<_>>() }).to_string())
}

/// Packages of a registry of the house are asked about nowhere, and that is told.
#[test]
fn an_internal_registry_is_nobodys_namesake() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package-lock.json"), LOCKFILE).unwrap();
    fs::create_dir(folder.path().join(".sbomgate")).unwrap();
    let policy = "version = 1\n[advisories]\ninternal-registries = [\"https://registry.example\"]\n";
    fs::write(folder.path().join(".sbomgate/policy.toml"), policy).unwrap();
    let server = Server::new(|asked| panic!("{} was asked for", asked.path));
    let (_, report, errors) = check(folder.path(), &server, &[]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{errors}"));
    let gaps: Vec<&str> = report["gaps"].as_array().unwrap().iter().filter_map(|gap| gap["message"].as_str()).collect();
    assert!(gaps.iter().any(|gap| gap.contains("3 packages of npm") && gap.contains("they are internal")), "{gaps:?}");
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "advisory"));
}

#[test]
fn a_server_is_told_names_of_registries_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package-lock.json"), LOCKFILE).unwrap();
    let server = Server::new(|asked| match asked.path.as_str() {
        "/v1/querybatch" => batch(asked),
        // It affects the version, and the other one does not, whatever the server says.
        "/v1/vulns/TEST-1" => ok(record("TEST-1", 1, "2.0.0")),
        "/v1/vulns/TEST-3" => ok(record("TEST-3", 1, "0.5.0")),
        _ => Reply::Plain("404 Not Found", Vec::new()),
    });
    let (exit, report, errors) = check(folder.path(), &server, &["--internal", "@corp/*", "--max-store-age", "1h"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{errors}"));
    let found: Vec<&serde_json::Value> =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "advisory").collect();
    assert_eq!(found.len(), 1, "{report:#}");
    assert!(found[0]["package"].as_str().unwrap().starts_with("pkg:npm/ant@1.0.0"));
    assert_eq!((found[0]["advisory"]["id"].as_str(), found[0]["advisory"]["fixed"][0].as_str()), (Some("TEST-1"), Some("2.0.0")));
    let gaps: Vec<String> = report["gaps"].as_array().unwrap().iter().map(|gap| gap["message"].as_str().unwrap().to_owned()).collect();
    assert!(gaps.iter().any(|gap| gap.contains("a package of npm") && gap.contains("internal")), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.contains("GONE-1") && gap.contains("ant")), "{gaps:?}");
    assert_eq!(report["advisories"]["stores"][0]["server"], server.base.as_str());
    assert_ne!(exit, 2, "{errors}");
    let bodies: String = server.asked().into_iter().map(|asked| asked.body + &asked.path).collect();
    for secret in ["cat", "dog", "elk", "shop", "1.0.0"] {
        assert!(!bodies.contains(secret), "{secret} was told");
    }
    let paths = server.paths();
    assert_eq!(paths.iter().filter(|path| *path == "/v1/vulns/TEST-1").count(), 1, "each record once: {paths:?}");

    // By default nobody is asked, and --offline says so.
    server.forget();
    let command = |arguments: &[&str]| sbomgate(folder.path()).args(arguments).output().unwrap();
    let store = folder.path().join("none");
    command(&["check", "--store", store.to_str().unwrap()]);
    assert_eq!(command(&["check", "--online", "--offline", "--osv-url", &server.base]).status.code(), Some(2));
    let refused = command(&["advisories", "update", "--offline", "--from", &server.base, "--store", store.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--offline forbids it"));
    assert!(server.paths().is_empty() && !store.exists());
}

/// A server that fails leaves nothing known: exit code 2, never "allowed".
#[test]
fn a_server_that_cannot_answer_keeps_the_verdict_back() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package-lock.json"), LOCKFILE).unwrap();
    let cases: Vec<(&str, Answers)> = vec![
        ("404", Box::new(|_| Reply::Plain("404 Not Found", Vec::new()))),
        ("HTML", Box::new(|_| Reply::Plain("200 OK\r\nContent-Type: text/html", b"<html>".to_vec()))),
        ("answers 1 questions", Box::new(|_| ok(&br#"{"results":[{}]}"#[..]))),
        ("same page", Box::new(|_| ok(&br#"{"results":[{"next_page_token":"x"},{},{}]}"#[..]))),
        ("no id", Box::new(|_| ok(&br#"{"results":[{"vulns":[{"id":"../../etc"}]},{},{}]}"#[..]))),
        ("of no use", Box::new(|_| ok(&b"half a bo"[..]))),
    ];
    for (expected, script) in cases {
        let server = Server::new(move |asked| {
            if asked.number > 0 && asked.body.contains("page_token") {
                ok(&br#"{"results":[{"next_page_token":"x"}]}"#[..])
            } else {
                script(asked)
            }
        });
        let (exit, report, errors) = check(folder.path(), &server, &[]);
        assert_eq!((exit, report.as_str()), (2, ""), "{expected}: {errors}");
        assert!(errors.contains(expected) && errors.contains("hint: "), "{expected}: {errors}");
    }
}
