//! Registries that are asked for facts: sound ones, such that lie, and such that would like to be told more.

use crate::cli::sbomgate;
use crate::diff::git;
use crate::network::{Asked, Reply, Server, ok};
use crate::reports::{assert_valid_by, described};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// A home folder of a user, a folder of facts, and a project.
struct Place(tempfile::TempDir);

impl Place {
    fn new(npmrc: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        for part in ["home", "project"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        fs::write(folder.path().join("home/.npmrc"), npmrc).unwrap();
        Place(folder)
    }

    fn at(&self, part: &str) -> std::path::PathBuf {
        self.0.path().join(part)
    }

    fn command(&self) -> Command {
        let mut command = sbomgate(&self.at("project"));
        command.env("HOME", self.at("home")).env("XDG_CACHE_HOME", self.at("cache"));
        for (name, _) in std::env::vars() {
            if ["PIP_", "UV_", "CARGO", "NPM", "npm_", "YARN", "NETRC", "XDG_CONFIG"].iter().any(|start| name.starts_with(start)) {
                command.env_remove(name);
            }
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// The answer on packages, with the exit code.
    fn facts(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[&["facts", "-f", "json"], arguments].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_valid_by(&schema(), &text, "facts");
        let answer = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{errors}"));
        (output.status.code().unwrap(), answer)
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/facts.schema.json")).unwrap()
}

fn fact<'f>(answer: &'f Value, name: &str) -> &'f Value {
    &answer["packages"][0]["facts"][name]
}

fn reason(answer: &Value) -> String {
    fact(answer, "standing")["reason"].as_str().unwrap_or_default().to_owned()
}

fn packument(name: &str) -> Vec<u8> {
    let version = |number: &str| json!({ "name": name, "version": number, "dist": {}, "license": "MIT" });
    json!({ "name": name, "dist-tags": { "latest": "1.1.0" },
        "time": { "created": "2020-01-01T00:00:00Z", "modified": "2021-01-01T00:00:00Z", "1.0.0": "2020-01-01T00:00:00Z", "1.1.0": "2021-01-01T00:00:00Z" },
        "versions": { "1.0.0": version("1.0.0"), "1.1.0": version("1.1.0") } })
    .to_string()
    .into_bytes()
}

/// It has `ant` and `bee`.
fn sound(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        _ if asked.headers.get("if-none-match").is_some_and(|etag| etag == "\"one\"") => Reply::Plain("304 Not Modified", Vec::new()),
        "/ant" | "/bee" => Reply::Plain("200 OK\r\nETag: \"one\"", packument(&asked.path[1..])),
        _ => Reply::Plain("404 Not Found", b"{}".to_vec()),
    }
}

fn registry(server: &Server) -> String {
    format!("registry={}/\n", server.base)
}

#[test]
fn the_schema_describes_every_fact() {
    assert!(jsonschema::meta::is_valid(&schema()));
    described(&schema(), "facts");
}

/// Asked once a day, then by the state that is known; offline whatever is there.
#[test]
fn facts_are_asked_for_and_kept() {
    let server = Server::new(sound);
    let place = Place::new(&registry(&server));
    assert_eq!(place.facts(&["pkg:npm/ant", "--offline"]).0, 2, "nothing is there yet");
    let (code, answer) = place.facts(&["pkg:npm/ant"]);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(answer["packages"][0]["package"], "pkg:npm/ant@1.1.0", "the newest");
    assert_eq!(fact(&answer, "published")["value"], "2021-01-01T00:00:00Z");
    assert_eq!(fact(&answer, "standing")["source"]["url"], format!("{}/ant", server.base));
    assert_eq!(server.paths(), ["/ant"]);
    place.facts(&["pkg:npm/ant@1.0.0"]);
    place.facts(&["pkg:npm/ant@1.0.0", "--offline"]);
    assert_eq!(server.paths(), ["/ant"], "young enough");
    let kept: Vec<std::path::PathBuf> = files(&place.at("cache/sbomgate/facts"));
    assert_eq!(kept.len(), 3, "the document, the mark that there is some, and the lock: {kept:?}");

    // A minute is the shortest age, so that the file is made older.
    let snapshot = exported(&place);
    age(&snapshot, 400 * 86_400);
    fs::remove_dir_all(place.at("cache")).unwrap();
    assert!(place.run(&["facts", "import", snapshot.to_str().unwrap()]).status.success());
    let (code, answer) = place.facts(&["pkg:npm/ant@1.0.0", "--offline"]);
    assert_eq!((code, fact(&answer, "standing")["known"].as_bool()), (0, Some(true)), "old, and told");
    let text = String::from_utf8(place.run(&["facts", "pkg:npm/ant@1.0.0", "--offline"]).stdout).unwrap();
    assert!(text.contains("400 days old"), "{text}");
    place.facts(&["pkg:npm/ant@1.0.0"]);
    assert_eq!(server.asked()[1].headers["if-none-match"], "\"one\"");
    let (_, answer) = place.facts(&["pkg:npm/ant@1.0.0", "--offline"]);
    assert!(fact(&answer, "standing")["source"]["fetched"].as_str() >= answer["now"].as_str().map(|now| &now[..4]), "seen again today");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    crate::fixtures::walk(folder, &mut |path| files.push(path.to_owned()));
    files
}

fn exported(place: &Place) -> std::path::PathBuf {
    let file = place.at("facts.json");
    let output = place.run(&["facts", "export", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

/// A snapshot with other facts in it, sound by its digest.
fn rewritten(file: &Path, change: impl Fn(&mut Value)) {
    let mut snapshot: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
    snapshot["facts"].as_array_mut().unwrap().iter_mut().for_each(&change);
    for fact in snapshot["facts"].as_array().unwrap() {
        sha2::Digest::update(&mut hasher, format!("{fact}\n"));
    }
    snapshot["digest"] = sha2::Digest::finalize(hasher).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    fs::write(file, snapshot.to_string()).unwrap();
}

fn age(file: &Path, seconds: i64) {
    rewritten(file, |fact| fact["fetched"] = (fact["fetched"].as_i64().unwrap() - seconds).into());
}

#[test]
fn a_snapshot_is_taken_whole_or_not_at_all() {
    let server = Server::new(sound);
    let place = Place::new(&registry(&server));
    place.facts(&["pkg:npm/ant", "pkg:npm/bee", "pkg:npm/cat"]);
    let file = exported(&place);
    let text = fs::read_to_string(&file).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    let names: Vec<&str> = snapshot["facts"].as_array().unwrap().iter().filter_map(|fact| fact["name"].as_str()).collect();
    assert_eq!(names, ["ant", "bee", "cat"]);
    assert_eq!(snapshot["facts"][2]["outcome"], "absent");
    let import = |text: &str| {
        fs::write(place.at("other.json"), text).unwrap();
        let output =
            place.run(&["facts", "import", place.at("other.json").to_str().unwrap(), "--facts", place.at("other").to_str().unwrap()]);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout))
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let copy = place.at("copy.json");
        fs::write(&copy, &text).unwrap();
        rewritten(&copy, change);
        fs::read_to_string(copy).unwrap()
    };
    for (wrong, expected) in [
        (text[..text.len() / 2].to_owned(), "EOF"),
        (text.replace("\"version\": 1", "\"version\": 2"), "of version 2"),
        (text.replace("1.1.0", "1.2.0"), "its digest is another"),
        (text.replace("\"facts\"", "\"more\": 1, \"facts\""), "unknown field"),
        ("[".repeat(100_000), "no facts are taken"),
        (changed(&|fact| fact["fetched"] = 99_999_999_999_i64.into()), "of the future"),
        (changed(&|fact| fact["name"] = "../../ant".into()), "its name is none"),
        (changed(&|fact| fact["url"] = "https://ada:secret@npm.example/".into()), "holds credentials"),
        (changed(&|fact| fact["digest"] = "zz".into()), "its digest is none"),
        (changed(&|fact| fact["etag"] = "a\r\nHost: evil.example".into()), "the name of its state is none"),
        (changed(&|fact| fact["surprise"] = 1.into()), "unknown field"),
    ] {
        let (code, told) = import(&wrong);
        assert!(code == 2 && told.contains(expected) && told.contains("hint: "), "{expected}: {code} {told}");
        assert!(!place.at("other").exists(), "{expected}");
    }
    assert_eq!(import(&text), (0, "3 facts are kept; of 0 there are younger ones\n".into()));
    let older = changed(&|fact| fact["fetched"] = 1.into());
    assert_eq!(import(&older), (0, "0 facts are kept; of 3 there are younger ones\n".into()));
    let one = place.run(&["facts", "export", place.at("one.json").to_str().unwrap(), "pkg:npm/bee"]);
    assert_eq!(String::from_utf8_lossy(&one.stdout).rsplit_once(": ").unwrap().1, "1 facts\n");
    assert_eq!(place.run(&["facts", "export", place.at("none.json").to_str().unwrap(), "pkg:npm/none"]).status.code(), Some(2));
}

/// Whatever a server does: not known, with the reason, and nothing is kept of it.
#[test]
fn a_registry_that_lies_leaves_nothing_known() {
    let bomb = || {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let piece = vec![b' '; 1 << 20];
        (0..120).for_each(|_| encoder.write_all(&piece).unwrap());
        encoder.finish().unwrap()
    };
    type Script = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;
    let cases: Vec<(&str, usize, Script)> = vec![
        ("says of every name that it is not there", 1, Box::new(|_| Reply::Plain("404 Not Found", Vec::new()))),
        ("says of every name that it is not there", 1, Box::new(|_| Reply::Plain("451 Unavailable For Legal Reasons", Vec::new()))),
        ("(HTML)", 1, Box::new(|_| Reply::Plain("200 OK\r\nContent-Type: text/html", b"<html>log in</html>".to_vec()))),
        ("a page for people", 1, Box::new(|_| ok(&b"<html>log in</html>"[..]))),
        ("does not say which package", 1, Box::new(|_| ok(&b"{\"hello\":1}"[..]))),
        ("about `Ant` and not about `ant`", 1, Box::new(|_| ok(packument("Ant")))),
        ("cut off", 1, Box::new(|_| ok(packument("ant")[..100].to_vec()))),
        ("on and on", 6, Box::new(|_| Reply::Plain("302 Found\r\nLocation: /ant", Vec::new()))),
        ("more than", 1, Box::new(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()))),
        ("more than", 1, Box::new(move |_| Reply::Plain("200 OK\r\nContent-Encoding: gzip", bomb()))),
        ("breaks off", 3, Box::new(|_| Reply::Plain("200 OK\r\nContent-Encoding: gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03half".to_vec()))),
        ("encoded as `br`", 1, Box::new(|_| Reply::Plain("200 OK\r\nContent-Encoding: br", b"x".to_vec()))),
        ("does not let us in", 1, Box::new(|_| Reply::Plain("401 Unauthorized", Vec::new()))),
        ("out of order", 3, Box::new(|_| Reply::Plain("503 Service Unavailable", Vec::new()))),
        ("asked again in 3600 s", 1, Box::new(|_| Reply::Plain("429 Too Many Requests\r\nRetry-After: 3600", Vec::new()))),
        ("though nothing was known", 1, Box::new(|_| Reply::Plain("304 Not Modified", Vec::new()))),
        ("where it ends", 1, Box::new(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec()))),
        ("in time (1 s)", 1, Box::new(|_| Reply::Silence)),
    ];
    for (expected, times, script) in cases {
        let server = Server::new(script);
        let place = Place::new(&registry(&server));
        let deadline = if expected.contains("in time") { "1" } else { "20" };
        let (code, answer) = place.facts(&["pkg:npm/ant@1.0.0", "--facts-deadline", deadline]);
        assert!(reason(&answer).contains(expected), "{expected}: {}", reason(&answer));
        assert_eq!(server.asked().len(), times, "{expected}");
        assert_eq!(code, 2, "{expected}");
        assert!(!place.at("cache/sbomgate/facts/.lock").exists(), "{expected}: nothing is kept");
    }
}

/// Many at once: whatever one registry does, the others' answers are there.
#[test]
fn one_registry_holds_nobody_up() {
    let good = Server::new(sound);
    let bad = Server::new(|_| Reply::Plain("500 Internal Server Error", Vec::new()));
    let place = Place::new(&format!("{}@bad:registry={}/\n@gone:registry=http://127.0.0.1:1/\n", registry(&good), bad.base));
    let names: Vec<String> = (0..40).map(|number| format!("pkg:npm/%40bad/p{number}@1.0.0")).collect();
    let mut asked: Vec<&str> = names.iter().map(String::as_str).collect();
    asked.extend(["pkg:npm/%40gone/ant@1.0.0", "pkg:npm/ant@1.0.0", "pkg:npm/cat@1.0.0"]);
    let (code, answer) = place.facts(&asked);
    assert_eq!(code, 2);
    let standing = |at: usize| &answer["packages"][at]["facts"]["standing"];
    assert_eq!((standing(41)["value"]["state"].as_str(), standing(42)["value"]["state"].as_str()), (Some("present"), Some("absent")));
    assert!(standing(40)["reason"].as_str().unwrap().contains("cannot be reached"));
    let told: Vec<&str> = (0..40).map(|at| standing(at)["reason"].as_str().unwrap()).collect();
    assert!(told.iter().any(|reason| reason.contains("was given up")), "{told:?}");
    assert!(bad.asked().len() < 60, "{} questions to a registry that is out of order", bad.asked().len());
}

/// A registry of the user's that leads to another host takes no secret there, and none is shown or kept.
#[test]
fn secrets_go_to_their_own_place_and_nowhere_else() {
    let other = Server::new(sound);
    let away = other.base.clone();
    let own = Server::new(move |asked| match asked.path.as_str() {
        "/team/ant" => Reply::Plain(Box::leak(format!("302 Found\r\nLocation: {away}/ant").into_boxed_str()), Vec::new()),
        "/team/bee" => Reply::Plain("302 Found\r\nLocation: /bee", Vec::new()),
        "/team/cat" => Reply::Plain("302 Found\r\nLocation: /team/bee-of-team", Vec::new()),
        "/bee" => ok(packument("bee")),
        "/team/bee-of-team" => ok(packument("cat")),
        _ => Reply::Plain("404 Not Found", Vec::new()),
    });
    let host = own.base.trim_start_matches("http:").to_owned();
    for npmrc in [
        format!("registry={}/team/\n{host}/team/:_authToken=${{SECRET}}\n", own.base),
        format!("registry={}/team\n", own.base.replace("http://", "http://ada:s3cret@")),
    ] {
        let place = Place::new(&npmrc);
        let output = place
            .command()
            .env("SECRET", "s3cret")
            .args(["facts", "pkg:npm/ant", "pkg:npm/bee", "pkg:npm/cat", "pkg:npm/none", "-f", "json"])
            .output()
            .unwrap();
        let shown = [output.stdout, output.stderr].concat();
        for asked in own.asked() {
            let is_own = asked.path.starts_with("/team/");
            assert_eq!(asked.headers.contains_key("authorization"), is_own, "{}", asked.path);
        }
        assert_eq!(other.paths(), ["/ant"]);
        assert!(!other.asked()[0].headers.contains_key("authorization"));
        let kept: Vec<u8> = files(&place.at("cache")).iter().flat_map(|file| fs::read(file).unwrap()).collect();
        for secret in [&b"s3cret"[..], b"YWRhOnMzY3JldA"] {
            assert!(!shown.windows(secret.len()).any(|part| part == secret), "{}", String::from_utf8_lossy(&shown));
            assert!(!kept.windows(secret.len()).any(|part| part == secret), "in the cache");
        }
        assert!(String::from_utf8_lossy(&shown).contains("\"present\""));
        own.forget();
        other.forget();
    }
}

/// What a purl can hold: names are encoded, and what is no name is asked of nobody.
#[test]
fn names_stay_names() {
    let server = Server::new(|asked| if asked.path == "/a%2Cb" { ok(packument("a,b")) } else { sound(asked) });
    let place = Place::new(&registry(&server));
    assert_eq!(place.facts(&["pkg:npm/a%2Cb", "pkg:npm/ant"]).0, 0);
    for wrong in
        ["pkg:npm/..%2F..%2Fetc", "pkg:npm/ant%3Fx", "pkg:npm/ant%23x", "pkg:npm/%2E%2E", "pkg:cargo/a%2Fb", "pkg:pypi/a%0Db", "ant"]
    {
        assert_eq!(place.run(&["facts", wrong]).status.code(), Some(2), "{wrong}");
    }
    let (code, answer) = place.facts(&["pkg:npm/ant?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fant"]);
    assert!(code == 2 && reason(&answer).contains("it is from no registry"), "{answer:#}");
    let (code, answer) = place.facts(&["pkg:npm/%40corp/ant", "--internal", "@corp/*"]);
    assert!(code == 2 && reason(&answer).contains("internal"), "{answer:#}");
    let mut paths = server.paths();
    paths.sort();
    assert_eq!(paths, ["/a%2Cb", "/ant"]);
}

/// A lockfile with packages that are from different registries, as its `resolved` says.
fn lockfile(packages: &[(&str, &str)]) -> String {
    let own = packages.iter().map(|(name, base)| {
        let integrity = format!("sha512-{}==", "A".repeat(86));
        (
            format!("node_modules/{name}"),
            json!({ "version": "1.0.0", "resolved": format!("{base}/{name}/-/{name}-1.0.0.tgz"), "integrity": integrity }),
        )
    });
    let dependencies: serde_json::Map<String, Value> = packages.iter().map(|(name, _)| ((*name).to_owned(), "1.0.0".into())).collect();
    let root = (String::new(), json!({ "name": "shop", "version": "1.0.0", "dependencies": dependencies }));
    let all: serde_json::Map<String, Value> = [root].into_iter().chain(own).collect();
    json!({ "name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": all }).to_string()
}

/// Only registries that the user, the base or its policy names are asked, whatever a pull request writes into its files.
#[test]
fn a_pull_request_names_no_registry() {
    let (own, evil, listed) = (Server::new(sound), Server::new(sound), Server::new(sound));
    let osv = Server::new(|_| ok(&br#"{"results":[{},{},{},{}]}"#[..]));
    let place = Place::new("");
    let project = place.at("project");
    let commit = |npmrc: &str, packages: &[(&str, &str)]| {
        fs::write(project.join(".npmrc"), npmrc).unwrap();
        fs::write(project.join("package-lock.json"), lockfile(packages)).unwrap();
        git(&project, &["add", "--all"]);
        git(&project, &["commit", "--quiet", "--message", "state"]);
    };
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    fs::create_dir(project.join(".sbomgate")).unwrap();
    let policy = format!("version = 1\n[sources]\nregistries = [\"default\", \"{}\"]\n[advisories]\ninternal = [\"elk\"]\n", listed.base);
    fs::write(project.join(".sbomgate/policy.toml"), policy).unwrap();
    commit(&format!("registry={}/\n{}/:_authToken=s3cret\n", own.base, own.base.trim_start_matches("http:")), &[]);
    let hostile = format!("registry={}/\n@x:registry={}/${{HOME}}\n", evil.base, evil.base);
    commit(
        &hostile,
        &[("ant", &own.base), ("bee", &listed.base), ("cat", &evil.base), ("dog", "http://169.254.169.254/latest"), ("elk", &own.base)],
    );
    let output = place.run(&["diff", "HEAD~1..HEAD", "--online", "--osv-url", &osv.base]);
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(own.paths(), ["/ant"], "{shown}");
    assert_eq!(listed.paths(), ["/bee"], "{shown}");
    assert!(evil.paths().is_empty(), "{:?}", evil.paths());
    assert!(!own.asked()[0].headers.contains_key("authorization"), "a repository has no credentials");
    // A check asks nobody where that is not asked for.
    own.forget();
    listed.forget();
    place.run(&["check", "--online", "--osv-url", &osv.base]);
    assert!(own.paths().is_empty() && listed.paths().is_empty());
    // The same facts again, offline, from the cache.
    let exported: Value = serde_json::from_slice(&fs::read(exported(&place)).unwrap()).unwrap();
    let names: Vec<&str> = exported["facts"].as_array().unwrap().iter().filter_map(|fact| fact["name"].as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// A server behind TLS that says what a sound one says.
fn encrypted(certificate: &'static str) -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    let file = |name: &str| fs::read(crate::fixtures::root().join("tls").join(name)).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(file("key.der")));
    let config = config.with_no_client_auth().with_single_cert(vec![CertificateDer::from(file(certificate))], key).unwrap();
    let config = std::sync::Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config.clone()).unwrap(), stream);
            let mut asked = [0; 4096];
            if std::io::Read::read(&mut tls, &mut asked).is_ok_and(|read| read > 0) {
                let content = packument("ant");
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", content.len());
                let _ = tls.write_all(&[head.as_bytes(), &content].concat());
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    base
}

#[test]
fn a_server_that_cannot_prove_itself_is_not_believed() {
    let ca = crate::fixtures::root().join("tls/ca.pem");
    for (certificate, trusts, expected) in [
        ("sound.der", true, None),
        ("sound.der", false, Some("UnknownIssuer")),
        ("expired.der", true, Some("expired")),
        ("other.der", true, Some("not valid for name")),
    ] {
        let place = Place::new(&format!("registry={}/\n", encrypted(certificate)));
        let more: &[&str] = if trusts { &["--ca", ca.to_str().unwrap()] } else { &[] };
        let (code, answer) = place.facts(&[&["pkg:npm/ant@1.0.0"], more].concat());
        let told = reason(&answer);
        match expected {
            None => assert_eq!(code, 0, "{answer:#}"),
            Some(expected) => assert!(code == 2 && told.contains("cannot be reached") && told.contains(expected), "{certificate}: {told}"),
        }
    }
}

/// What a judgement hears of it: as of when the commit came, and as of now; and why there is nothing, offline.
#[test]
fn a_judgement_hears_of_what_came_in() {
    use sbomgate::enrich::registry::Standing;
    use sbomgate::run::judged::{Sources, comparison};
    use sbomgate::run::{Project, Selection, UserKeys, diff, facts};
    let server = Server::new(sound);
    let place = Place::new("");
    let project = place.at("project");
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    for packages in [&[][..], &[("ant", server.base.as_str()), ("cat", server.base.as_str()), ("dog", "http://dog.example")]] {
        fs::write(project.join(".npmrc"), registry(&server)).unwrap();
        fs::write(project.join("package-lock.json"), lockfile(packages)).unwrap();
        git(&project, &["add", "--all"]);
        git(&project, &["commit", "--quiet", "--message", "state"]);
    }
    let osv = Server::new(|_| ok(&br#"{"results":[{},{},{}]}"#[..]));
    let folder = place.at("kept");
    place.run(&["diff", "HEAD~1..HEAD", "--online", "--osv-url", &osv.base, "--facts", folder.to_str().unwrap()]);
    let project = Project::open(&project).unwrap();
    let sides = diff::read(&project, "HEAD~1..HEAD", &Selection::new(&project.place(), &[], &[], &[]).unwrap()).unwrap();
    let told = |folder: &Path| {
        let facts = facts::Options { folder: Some(folder.to_owned()), ..facts::Options::default() };
        let sources = Sources {
            store: Some(place.at("none")),
            max_age: None,
            online: None,
            internal: Vec::new(),
            ca: None,
            registry_facts: false,
            offline: false,
            vex: Vec::new(),
            facts,
        };
        let reported = comparison(&project, &sides, None, &sources, &UserKeys::default()).unwrap();
        let mut told: Vec<(String, sbomgate::enrich::registry::Dossier)> = reported
            .judgement
            .subject
            .facts
            .packages
            .iter()
            .map(|(package, dossier)| (package.name.to_string(), dossier.clone()))
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    };
    let known = told(&folder);
    assert_eq!(known.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["ant", "cat", "dog"]);
    let (time, then) = known[0].1.introduced.as_ref().unwrap();
    assert_eq!((*time, then.published.fact.known()), (1_735_689_600, Some(&1_577_836_800)));
    assert_eq!(known[0].1.registry.base, server.base);
    assert_eq!(known[1].1.today.standing.fact.known(), Some(&Standing::Absent));
    assert!(known[2].1.today.standing.fact.reason().unwrap().contains("not one that your settings name"));
    let unknown = told(&place.at("empty"));
    assert!(unknown[0].1.today.standing.fact.reason().unwrap().contains("import a snapshot"), "{:?}", unknown[0].1.today.standing);
    assert!(!place.at("empty").exists(), "nobody makes a folder to read from it");
}

/// The time for everything, a server that wants to be left alone, and one that wants its questions slowly.
#[test]
fn many_questions_end_in_time_and_at_the_pace_of_the_server() {
    use sbomgate::edge::http::{Http, Terms};
    use sbomgate::model::request::Request;
    use std::time::{Duration, Instant};
    let http = Http::new(&crate::network::network()).unwrap();
    let ask = |server: &Server, number: usize, terms: Terms, pause: Option<Duration>| -> (Vec<String>, Duration) {
        let requests: Vec<Request> =
            (0..number).map(|at| Request { pause, ..Request::get(format!("{}/{at}", server.base), 1 << 20) }).collect();
        let began = Instant::now();
        let told = http.fetch_many(&requests, &terms, &|_, came| came.map_or_else(|error| error.fault.to_string(), |_| "ok".into()));
        (told, began.elapsed())
    };
    let slow = Server::new(|_| {
        std::thread::sleep(Duration::from_millis(100));
        ok("{}")
    });
    let (told, took) = ask(&slow, 40, Terms { per_host: 4, deadline: Duration::from_millis(350), failures: 6 }, None);
    assert!(told[..4].iter().all(|told| told == "ok") && told[39].contains("was not asked within"), "{told:?}");
    assert!(took < Duration::from_millis(700), "{took:?}");
    let busy =
        Server::new(|asked| if asked.number == 0 { Reply::Plain("429 Too Many Requests\r\nRetry-After: 0", Vec::new()) } else { ok("{}") });
    assert!(ask(&busy, 30, Terms::default(), None).0.iter().all(|told| told == "ok"));
    let closed = Server::new(|_| Reply::Plain("429 Too Many Requests\r\nRetry-After: 99999999999999999999", Vec::new()));
    let (told, _) = ask(&closed, 30, Terms { per_host: 1, ..Terms::default() }, None);
    assert!(told.iter().all(|told| told.contains("wants to be asked again")) && closed.asked().len() == 1, "{told:?}");
    let paced = Server::new(|_| ok("{}"));
    let (told, took) = ask(&paced, 4, Terms::default(), Some(Duration::from_millis(60)));
    assert!(told.iter().all(|told| told == "ok") && took >= Duration::from_millis(180), "{took:?}");
    assert!(ask(&paced, 0, Terms::default(), None).0.is_empty());
}

/// Many answers that are as large as they may be: all come, two at a time.
#[test]
fn large_answers_wait_for_room() {
    use sbomgate::edge::http::{Http, Terms};
    use sbomgate::model::request::Request;
    let server = Server::new(|_| ok(vec![b' '; 9 << 20]));
    let http = Http::new(&sbomgate::run::facts::Network { ca: None, patience: sbomgate::run::facts::patience() }).unwrap();
    let requests: Vec<Request> = (0..8).map(|at| Request::get(format!("{}/{at}", server.base), 10 << 20)).collect();
    let now = std::sync::atomic::AtomicUsize::new(0);
    let told = http.fetch_many(&requests, &Terms::default(), &|_, came| {
        let others = now.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(20));
        now.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        came.is_ok() && others < 2
    });
    assert_eq!(told, [true; 8]);
}

/// The commits of a project, the last of them dated by its author; what a comparison of the last two then finds.
fn found(place: &Place, states: &[String], date: &str, osv: &Server) -> Value {
    let project = place.at("project");
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    for (at, lockfile) in states.iter().enumerate() {
        fs::write(project.join("package-lock.json"), lockfile).unwrap();
        git(&project, &["add", "--all"]);
        let mut commit = Command::new("git");
        commit.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_COMMITTER_DATE", date);
        commit.args(["-c", "user.name=eve", "-c", "user.email=eve@zoo.example", "-C"]).arg(&project);
        assert!(commit.args(["commit", "--quiet", "--date", date, "--message", &format!("state {at}")]).status().unwrap().success());
    }
    let output = place.run(&["diff", "HEAD~1..HEAD", "--online", "--osv-url", &osv.base, "-f", "json"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn no_advisories() -> Server {
    Server::new(|_| ok(&br#"{"results":[{}]}"#[..]))
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

/// Whoever writes a commit chooses its date. One in the future makes no package of yesterday old, and one of long ago
/// makes none younger than it says.
#[test]
fn the_date_of_a_commit_makes_nothing_old() {
    let now = jiff::Timestamp::now();
    let yesterday = (now - jiff::SignedDuration::from_hours(24)).to_string();
    let server = Server::new(move |_| {
        let version = json!({ "name": "ant", "version": "1.0.0", "dist": {}, "license": "MIT" });
        let time = json!({ "created": yesterday, "modified": yesterday, "1.0.0": yesterday });
        ok(json!({ "name": "ant", "dist-tags": { "latest": "1.0.0" }, "time": time, "versions": { "1.0.0": version } }).to_string())
    });
    let osv = no_advisories();
    for date in ["@4000000000 +0000", "@100000000 +0000", &format!("@{} +0000", now.as_second())] {
        let place = Place::new(&registry(&server));
        let report = found(&place, &[lockfile(&[]), lockfile(&[("ant", &server.base)])], date, &osv);
        let rules = rules(&report);
        assert!(rules.contains(&"young-package") && rules.contains(&"young-version"), "{date}: {rules:?}");
    }
}

/// That nothing is known of a version of yesterday is no fix; the version that an advisory names is one, however young.
#[test]
fn only_the_fix_of_an_advisory_may_be_young() {
    let now = jiff::Timestamp::now();
    let hours = move |hours| (now - jiff::SignedDuration::from_hours(hours)).to_string();
    let packument = move |fixed: i64| {
        let version = |number: &str| json!({ "name": "ant", "version": number, "dist": {}, "license": "MIT" });
        let time =
            json!({ "created": hours(90_000), "modified": hours(1), "1.0.0": hours(90_000), "1.0.1": hours(fixed), "1.0.2": hours(20) });
        let versions = json!({ "1.0.0": version("1.0.0"), "1.0.1": version("1.0.1"), "1.0.2": version("1.0.2") });
        json!({ "name": "ant", "dist-tags": { "latest": "1.0.2" }, "time": time, "versions": versions }).to_string()
    };
    let server = Server::new(move |_| ok(packument(24)));
    let osv = Server::new(|asked| {
        if asked.path == "/v1/querybatch" {
            return ok(&br#"{"results":[{"vulns":[{"id":"GHSA-aaaa-bbbb-cccc","modified":"2024-01-01T00:00:00Z"}]}]}"#[..]);
        }
        let ranges = json!([{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.0.1" }] }]);
        let affected = json!([{ "package": { "ecosystem": "npm", "name": "ant" }, "ranges": ranges }]);
        ok(json!({ "id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-01-01T00:00:00Z", "affected": affected }).to_string())
    });
    for (version, is_young) in [("1.0.1", false), ("1.0.2", true)] {
        let place = Place::new(&registry(&server));
        let before = lockfile(&[("ant", &server.base)]);
        let report = found(&place, &[before.clone(), before.replace("1.0.0", version)], &format!("@{} +0000", now.as_second()), &osv);
        assert_eq!(rules(&report).contains(&"young-version"), is_young, "{version}: {:?}", rules(&report));
    }
}

/// What a registry said a month ago does not know of the version of yesterday: that is told, and neither denied nor allowed.
#[test]
fn an_old_answer_is_told_as_one() {
    let server = Server::new(sound);
    let place = Place::new(&registry(&server));
    place.facts(&["pkg:npm/ant"]);
    let snapshot = exported(&place);
    age(&snapshot, 30 * 86_400);
    fs::remove_dir_all(place.at("cache")).unwrap();
    assert!(place.run(&["facts", "import", snapshot.to_str().unwrap()]).status.success());
    let before = lockfile(&[("ant", &server.base)]);
    found(&place, &[before.clone(), before.replace("1.0.0", "1.2.0")], "@1735689600 +0000", &no_advisories());
    let asked = |online: bool| {
        let osv = no_advisories();
        let more: &[&str] = if online { &["--online", "--osv-url", &osv.base] } else { &[] };
        let output = place.run(&[&["diff", "HEAD~1..HEAD", "-f", "json"], more].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let gaps = report["gaps"].as_array().unwrap().iter().filter_map(|gap| gap["message"].as_str());
        let is_told = gaps.into_iter().any(|gap| gap.starts_with("what its registry tells today of 1 package"));
        let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "not-in-registry").cloned();
        (is_told, found.map(|found| found["level"].as_str().unwrap().to_owned()))
    };
    assert_eq!(asked(true), (false, Some("error".into())), "asked today");
    fs::remove_dir_all(place.at("cache")).unwrap();
    assert!(place.run(&["facts", "import", snapshot.to_str().unwrap()]).status.success());
    assert_eq!(asked(false), (true, Some("warning".into())), "nobody was asked");
}
