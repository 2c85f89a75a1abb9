//! `sbom --sign` and `verify`: what is signed verifies, and nothing else does.

use crate::cli::{code, run, stderr, stdout};
use crate::fixtures::root;
use sbomgate::enrich::signature::{PrivateKey, PrivateKeyError};
use sbomgate::evidence::{self, Envelope, PAYLOAD_TYPE, pae};
use sbomgate::model::{Algorithm, Digest};
use sbomgate::run::Project;
use sbomgate::run::verify::{Finding, Keys, Outcome, verify};
use sha2::Digest as _;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A key of the fixtures as a user has it.
fn key(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    fs::copy(root().join("signing").join(name), &file).unwrap();
    mode(&file, 0o600);
    file
}

#[cfg(unix)]
fn mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

fn public() -> PathBuf {
    root().join("signing/release.pub")
}

/// A work tree with one Cargo.lock, and its document signed in a folder of its own.
fn signed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.lock"), "version = 4\n\n[[package]]\nname = \"zoo\"\nversion = \"1.0.0\"\n").unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    key(folder.path(), "release");
    let output = run(folder.path(), &["sbom", "-o", "out/bom.json", "-o", "spdx-json=out/bom.spdx.json", "--sign", "release"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
    folder
}

fn keys() -> Keys {
    Keys::read(&[public()], &[], &Project::open(Path::new("/")).unwrap()).unwrap()
}

fn worst(findings: &[Finding]) -> Outcome {
    findings.iter().map(|finding| finding.outcome).max().unwrap()
}

#[test]
fn what_is_signed_verifies() {
    let folder = signed();
    let public = public();
    let public = public.to_str().unwrap();
    for file in ["out/bom.json", "out/bom.spdx.json", "out/bom.json.intoto.jsonl"] {
        let output = run(folder.path(), &["verify", file, "--key", public]);
        assert_eq!(code(&output), 0, "{}", stdout(&output));
        assert!(stdout(&output).lines().all(|line| line.starts_with("good: ")), "{}", stdout(&output));
    }
    let output = run(folder.path(), &["verify", "out/bom.json.sha256"]);
    assert_eq!((code(&output), stdout(&output).contains("nobody signed")), (0, true), "{}", stdout(&output));
    // The same key signs the same bytes in the same way.
    let before = fs::read(folder.path().join("out/bom.spdx.json.intoto.jsonl")).unwrap();
    assert!(!before.windows(4).any(|bytes| bytes == b"BEGIN") && before.ends_with(b"\n"));
}

/// A list decides who may sign files, and until when.
#[test]
fn only_a_key_that_is_allowed_counts() {
    let folder = signed();
    let key = fs::read_to_string(public()).unwrap();
    let key = key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (list, expected) in [
        (format!("ada@shop.example {key}"), 0),
        (format!("ada@shop.example namespaces=\"file\" {key}"), 0),
        (format!("ada@shop.example namespaces=\"git\" {key}"), 2),
        (format!("ada@shop.example valid-before=\"20200101Z\" {key}"), 1),
        (format!("ada@shop.example {other}"), 1),
        (String::new(), 2),
    ] {
        fs::write(folder.path().join("signers"), &list).unwrap();
        let output = run(folder.path(), &["verify", "out/bom.json.intoto.jsonl", "--allowed-signers", "signers"]);
        // Without any key the signature is not checked, and where a list is named that is not good enough.
        let expected = if expected == 2 { 1 } else { expected };
        assert_eq!(code(&output), expected, "{list}: {}", stdout(&output));
    }
}

/// Every single byte of the document, of its checksum and of its envelope counts, but for the name of the key.
#[test]
fn whatever_is_changed_does_not_verify() {
    let folder = signed();
    let out = folder.path().join("out");
    let (bom, keys) = (out.join("bom.json"), keys());
    assert_eq!(worst(&verify(&bom, &keys)), Outcome::Good);
    let id = "\"keyid\":\"";
    for name in ["bom.json", "bom.json.sha256", "bom.json.intoto.jsonl"] {
        let file = out.join(name);
        let whole = fs::read(&file).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let hint = text.find(id).map_or(0..0, |at| at + 1..at + id.len() + text[at + id.len()..].find('"').unwrap());
        for at in (0..whole.len()).filter(|at| !hint.contains(at)) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).unwrap();
            // The name under which a payload's type stands cannot be changed without the type being missing; white space
            // at the end is nothing.
            let is_end = at + 1 == whole.len() && name != "bom.json";
            assert!(is_end || worst(&verify(&bom, &keys)) != Outcome::Good, "byte {at} of {name}");
        }
        for length in [0, 1, whole.len() / 2, whole.len() - 2] {
            fs::write(&file, &whole[..length]).unwrap();
            assert_ne!(worst(&verify(&bom, &keys)), Outcome::Good, "{length} bytes of {name}");
        }
        fs::write(&file, &whole).unwrap();
    }
    assert_eq!(worst(&verify(&bom, &keys)), Outcome::Good);
}

/// Who takes the signature away is not believed where a key is named.
#[test]
fn a_checksum_alone_is_no_signature() {
    let folder = signed();
    let public = public();
    let public = public.to_str().unwrap();
    fs::remove_file(folder.path().join("out/bom.json.intoto.jsonl")).unwrap();
    assert_eq!(code(&run(folder.path(), &["verify", "out/bom.json"])), 0);
    for file in ["out/bom.json", "out/bom.json.sha256"] {
        assert_eq!(code(&run(folder.path(), &["verify", file, "--key", public])), 1);
    }
    fs::remove_file(folder.path().join("out/bom.json.sha256")).unwrap();
    assert_eq!(code(&run(folder.path(), &["verify", "out/bom.json"])), 2);
    assert_eq!(code(&run(folder.path(), &["verify", "no-such-file"])), 2);
    // An envelope of another document, under this one's name.
    fs::copy(folder.path().join("out/bom.spdx.json.intoto.jsonl"), folder.path().join("out/bom.json.intoto.jsonl")).unwrap();
    assert_eq!(code(&run(folder.path(), &["verify", "out/bom.json", "--key", public])), 1);
}

fn envelope(statement: &[u8]) -> Vec<u8> {
    let key = PrivateKey::parse(&fs::read(root().join("signing/release")).unwrap()).unwrap();
    Envelope::written(statement, "a hint", &key.sign(&pae(PAYLOAD_TYPE, statement))).unwrap()
}

/// Signed by the right key, and still not to be followed.
#[test]
fn a_signed_statement_leads_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("x.intoto.jsonl"), br#"{"bomFormat":"CycloneDX"}"#);
    fs::write(folder.path().join("x.json"), other).unwrap();
    let digest = Digest::new(Algorithm::Sha256, &sha2::Sha256::digest(other)).unwrap();
    let checked = |statement: &[u8]| {
        fs::write(&file, envelope(statement)).unwrap();
        worst(&verify(&file, &keys()))
    };
    let of = |name: &str, predicate: &[u8]| evidence::statement(name, &digest, "https://cyclonedx.org/bom", predicate).unwrap();
    assert_eq!(checked(&of("x.json", other)), Outcome::Good);
    // Another spelling is the same document; another document is not.
    assert_eq!(checked(&of("x.json", b"{ \"bomFormat\": \"CycloneDX\" }")), Outcome::Good);
    assert_eq!(checked(&of("x.json", b"{\"bomFormat\":\"CycloneDX\",\"version\":2}")), Outcome::Wrong);
    for name in ["../x.json", "/etc/hostname", "", ".", "./x.json", "no-such-file", "a//b"] {
        assert_ne!(checked(&of(name, other)), Outcome::Good, "{name}");
    }
    let good = String::from_utf8(of("x.json", other)).unwrap();
    for (from, to) in [
        ("Statement/v1", "Statement/v0.1"),
        ("sha256", "sha512"),
        ("\"subject\":[", "\"subject\":[],\"other\":["),
        ("\"subject\":", "\"subject\":[],\"subject\":"),
        ("\"predicateType\"", "\"type\""),
        ("{\"_type\"", "[\"_type\""),
    ] {
        assert!(good.contains(from), "{from}");
        assert_ne!(checked(good.replacen(from, to, 1).as_bytes()), Outcome::Good, "{to}");
    }
    // Of two envelopes in one file each has to verify.
    let two = [envelope(&of("x.json", other)), Envelope::written(&of("x.json", other), "", &[7; 64]).unwrap()].concat();
    fs::write(&file, two).unwrap();
    assert_eq!(worst(&verify(&file, &keys())), Outcome::Wrong);
}

#[test]
fn keys_that_cannot_sign_write_nothing() {
    let folder = signed();
    for (name, said) in
        [("locked", "passphrase"), ("pkcs8-locked.pem", "passphrase"), ("rsa", "another kind"), ("release.pub", "no private key")]
    {
        key(folder.path(), name);
        let output = run(folder.path(), &["sbom", "-o", "out/b.json", "--sign", name]);
        assert_eq!((code(&output), folder.path().join("out/b.json").exists()), (2, false), "{name}");
        assert!(stderr(&output).contains(said) && stderr(&output).contains("hint: "), "{name}: {}", stderr(&output));
    }
    key(folder.path(), "pkcs8.pem");
    assert_eq!(code(&run(folder.path(), &["sbom", "-o", "out/c.json", "--sign", "pkcs8.pem"])), 0);
    // By another key.
    assert_eq!(code(&run(folder.path(), &["verify", "out/c.json", "--key", public().to_str().unwrap()])), 1);
    mode(&folder.path().join("release"), 0o644);
    if cfg!(unix) {
        assert_eq!(code(&run(folder.path(), &["sbom", "-o", "out/d.json", "--sign", "release"])), 2);
    }
    for arguments in [&["--sign", "pkcs8.pem"][..], &["-o", "cyclonedx-xml=out/d.xml", "--sign", "pkcs8.pem"]] {
        let output = run(folder.path(), &[&["sbom"], arguments].concat());
        assert_eq!((code(&output), folder.path().join("out/d.xml").exists()), (2, false), "{arguments:?}");
    }
}

#[test]
fn a_statement_is_left_to_another_tool() {
    let folder = signed();
    let output = run(folder.path(), &["sbom", "-o", "out/e.json", "--statement", "out/e.statement.json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let statement = evidence::Statement::read(&fs::read(folder.path().join("out/e.statement.json")).unwrap()).unwrap();
    assert_eq!((statement.predicate_type.as_str(), statement.subjects[0].name.as_str()), ("https://cyclonedx.org/bom", "e.json"));
    assert!(!folder.path().join("out/e.json.intoto.jsonl").exists());
    let two = ["sbom", "-o", "out/e.json", "-o", "spdx-json=out/f.json", "--statement", "out/e.statement.json"];
    assert_eq!(code(&run(folder.path(), &two)), 2);
}

#[test]
fn a_private_key_is_read_whole_or_not_at_all() {
    let text = fs::read(root().join("signing/release")).unwrap();
    let key = PrivateKey::parse(&text).unwrap();
    assert!(format!("{key:?}").starts_with("PrivateKey(SHA256:"));
    for length in 0..text.len() - 1 {
        assert!(PrivateKey::parse(&text[..length]).is_err(), "{length}");
    }
    assert_eq!(PrivateKey::parse(b"").unwrap_err(), PrivateKeyError::Form);
    assert_eq!(
        PrivateKey::parse(b"-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----").unwrap_err(),
        PrivateKeyError::Form
    );
}

/// Whatever becomes of a document's text, it is the document that its checksum and its envelope are of; and a link that leads
/// nowhere is no reason to do without.
#[test]
fn what_lies_beside_a_document_is_never_passed_over() {
    let nobody = Keys::read(&[], &[], &Project::open(Path::new("/")).unwrap()).unwrap();
    let folder = signed();
    let (document, other) = (folder.path().join("out/bom.json"), folder.path().join("out/x"));
    fs::write(&other, "x").unwrap();
    let digest: String = sha2::Sha256::digest("x").iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&document, format!("{digest}  x\n")).unwrap();
    assert_ne!(worst(&verify(&document, &nobody)), Outcome::Good);
    #[cfg(unix)]
    {
        let folder = signed();
        let document = folder.path().join("out/bom.json");
        let envelope = folder.path().join("out/bom.json.intoto.jsonl");
        fs::remove_file(&envelope).unwrap();
        std::os::unix::fs::symlink("/no/such/envelope", &envelope).unwrap();
        for keys in [&nobody, &keys()] {
            assert_ne!(worst(&verify(&document, keys)), Outcome::Good);
        }
    }
}
