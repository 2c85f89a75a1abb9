//! The door of signatures: commits of `fixtures/signature`, signed by OpenSSH and GnuPG, with the keys that are
//! known there, through `enrich::signature`.

use crate::fixtures::{folders, name, root};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sbomgate::enrich::Fact;
use sbomgate::enrich::signature::{AllowedSigners, Keyring, Keys, check};
use sbomgate::model::signature::parts;
use sbomgate::model::{Commit, CommitId, Moment, Signature, SignatureState, Signed, SignedBytes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn id() -> CommitId {
    "0".repeat(40).parse().unwrap()
}

fn known<T>(file: &Path, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Fact<T> {
    let bytes = fs::read(file).map_err(|_| "there is no list".to_owned());
    bytes.and_then(|bytes| read(&bytes)).map_or_else(Fact::Unknown, Fact::Known)
}

fn keys(case: &Path) -> Keys {
    Keys {
        ssh: known(&case.join("allowed_signers"), |bytes| Ok(AllowedSigners::parse(std::str::from_utf8(bytes).unwrap()))),
        openpgp: known(&case.join("openpgp-keys.asc"), Keyring::parse),
    }
}

fn checked(object: &[u8], keys: &Keys) -> Signature {
    let commit = Commit::parse(id(), object);
    let signed = parts(&id(), object).unwrap().expect("a signature");
    check(commit.signed, &signed, commit.committer.time.unwrap(), keys)
}

fn told(signature: &Signature) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let addresses: Vec<&str> = signature.addresses.iter().map(String::as_str).collect();
    let (signer, key, reason) = (or_none(&signature.signer), or_none(&signature.key), or_none(&signature.reason));
    format!("{}\nsigner: {signer}\nof: {}\nkey: {key}\nreason: {reason}\n", signature.state.as_str(), addresses.join(" "))
}

#[test]
fn every_signature_is_worth_what_its_golden_file_says() {
    let mut states = BTreeSet::new();
    for case in folders(&root().join("signature")) {
        let signature = checked(&fs::read(case.join("commit")).unwrap(), &keys(&case));
        states.insert(signature.state);
        insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", told(&signature), &name(&case));
        });
    }
    for state in [SignatureState::Good, SignatureState::Bad, SignatureState::UnknownKey, SignatureState::Expired] {
        assert!(states.contains(&state), "no case is {}", state.as_str());
    }
}

/// Any one byte of a good commit that is another makes it no longer good, but for those that say nothing.
#[test]
fn a_damaged_commit_is_not_good() {
    for case in folders(&root().join("signature")) {
        let (object, keys) = (fs::read(case.join("commit")).unwrap(), keys(&case));
        if checked(&object, &keys).state != SignatureState::Good {
            continue;
        }
        let end = object.windows(10).position(|window| window == b"-----BEGIN").unwrap();
        for at in (0..end).chain(object.len() - 10..object.len()) {
            let mut damaged = object.clone();
            damaged[at] ^= 1;
            let commit = Commit::parse(id(), &damaged);
            let Ok(Some(signed)) = parts(&id(), &damaged) else { continue };
            let state = check(commit.signed, &signed, Moment { seconds: 1_795_176_000, offset: 0 }, &keys).state;
            assert_ne!(state, SignatureState::Good, "byte {at} of {}", name(&case));
        }
    }
}

/// Whatever stands where a signature stands is read in little time, and is not good.
#[test]
fn what_is_no_signature_is_read_in_no_time() {
    let keys = Keys { ssh: Fact::Known(AllowedSigners::default()), openpgp: Fact::Known(Keyring::default()) };
    let labels = ["SSH SIGNATURE", "PGP SIGNATURE", "PGP MESSAGE", "SIGNED MESSAGE"];
    for (label, kind) in labels.iter().zip([Signed::Ssh, Signed::OpenPgp, Signed::OpenPgp, Signed::X509]) {
        for body in
            ["", "\n", "\n\n", "====", "\n\n====", "A", &format!("\n\n{}\n", "QUFB\n".repeat(1 << 18)), "\n\nU1NIU0lH\n", "\n\nxP//////\n"]
        {
            for end in ["", &format!("-----END {label}-----"), &format!("-----END {label}-----\nmore")] {
                let signature = format!("-----BEGIN {label}-----{body}{end}").into_bytes();
                let signed = SignedBytes { payload: b"tree 1\n\n".into(), signature };
                let state = check(kind, &signed, Moment { seconds: 0, offset: 0 }, &keys).state;
                assert!(matches!(state, SignatureState::Bad | SignatureState::NotChecked), "{label} {end}: {}", state.as_str());
            }
        }
    }
}

/// The ring of a case as bytes, and what its commit is worth by another ring.
fn by_ring(case: &str, alter: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Signature {
    let folder = root().join("signature").join(case);
    let armored = fs::read_to_string(folder.join("openpgp-keys.asc")).unwrap();
    let base64: String = armored.lines().filter(|line| !line.is_empty() && !line.starts_with(['-', '='])).collect();
    let ring = Keyring::parse(&alter(STANDARD.decode(base64).unwrap()));
    let keys = Keys { ssh: Fact::Unknown(String::new()), openpgp: ring.map_or_else(Fact::Unknown, Fact::Known) };
    checked(&fs::read(folder.join("commit")).unwrap(), &keys)
}

/// No byte of a certificate can be another so that the key is somebody else's, lives longer, or is bound. (A revocation
/// is another matter: who can alter it can leave it out.)
#[test]
fn a_damaged_certificate_makes_nothing_good() {
    let mut ring = Vec::new();
    for case in ["openpgp-subkey", "openpgp-rsa", "openpgp-expired", "openpgp-subkey-one-way", "openpgp-nameless"] {
        let whole = by_ring(case, |bytes| {
            ring = bytes;
            ring.clone()
        });
        let is_as_good = |bytes: Vec<u8>| {
            let found = by_ring(case, |_| bytes);
            found.state != SignatureState::Good || whole.state == SignatureState::Good && found.addresses == whole.addresses
        };
        for at in 0..ring.len() {
            assert!(is_as_good(ring[..at].to_vec()), "{case} cut at {at}");
            for bit in [1, 0x80] {
                let mut damaged = ring.clone();
                damaged[at] ^= bit;
                assert!(is_as_good(damaged), "byte {at} of {case}");
            }
        }
    }
}

/// A ring is bounded in what it costs: more parts than are read are an error, and as many as are read take no minute.
#[test]
fn a_huge_ring_is_bounded() {
    let times = |times: usize| {
        by_ring("openpgp-rsa", |ring| {
            let name = ring.windows(2).position(|two| two == [0xb4, 28]).unwrap();
            [&ring[..name], &ring[name..].repeat(times)].concat()
        })
    };
    assert_eq!(times(4_000).state, SignatureState::Good);
    let refused = times(6_000);
    assert_eq!((refused.state, refused.reason.unwrap().contains("more than")), (SignatureState::UnknownKey, true));
    assert!(Keyring::parse(&[0xff; 4 << 20]).is_err() && Keyring::parse(&"-----BEGIN ".repeat(1 << 18).into_bytes()).is_err());
    assert!(Keyring::parse(b"").is_err() && Keyring::parse(&[0xc6, 0]).is_err());
}

/// A repository whose HEAD has the keys of a case, and none of the user's; the commit of another lies there as well.
fn repository(keys: &str, commit: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        let output =
            command.arg("-C").arg(folder.path()).args(["-c", "user.name=Ada", "-c", "user.email=a@zoo.example"]).args(arguments).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    fs::create_dir(folder.path().join(".sbomgate")).unwrap();
    for file in ["allowed_signers", "openpgp-keys.asc"] {
        let from = root().join("signature").join(keys).join(file);
        if from.exists() {
            fs::copy(from, folder.path().join(".sbomgate").join(file)).unwrap();
        }
    }
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "keys"]);
    let object = root().join("signature").join(commit).join("commit");
    let id = git(&["hash-object", "-t", "commit", "-w", object.to_str().unwrap()]);
    (folder, id)
}

/// What `attribution` says of the signatures, with the exit code's error where there is one.
fn attribution(folder: &Path, arguments: &[&str]) -> Result<Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
    command.current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    let output = command.args(["attribution", "-f", "json"]).args(arguments).output().unwrap();
    let json: Result<Value, _> = serde_json::from_slice(&output.stdout);
    json.map(|json| json[0]["signature"].clone()).map_err(|_| String::from_utf8(output.stderr).unwrap())
}

/// A range is checked by the keys of its base, a commit that is named alone by those of the user: what HEAD has says nothing.
#[test]
fn keys_are_those_of_the_user_and_of_the_base() {
    for (kind, signer) in [("openpgp", "Ada Keeper <ada@zoo.example>"), ("ssh", "ada@zoo.example")] {
        let (folder, id) = repository(&format!("{kind}-ed25519"), &format!("{kind}-ed25519"));
        let of = |arguments: &[&str]| attribution(folder.path(), arguments).unwrap();
        assert_eq!(of(&[&id])["state"], "unknown-key");
        let of_range = of(&[&format!("HEAD..{id}")]);
        assert_eq!((&of_range["state"], &of_range["signer"]), (&"good".into(), &signer.into()), "{of_range}");
    }
    let ring = |case: &str| root().join("signature").join(case).join("openpgp-keys.asc").to_str().unwrap().to_owned();
    let (folder, id) = repository("openpgp-rsa", "openpgp-revoked");
    let of = |arguments: &[&str]| attribution(folder.path(), arguments);
    let range = format!("HEAD..{id}");
    assert_eq!(of(&[&range]).unwrap()["state"], "unknown-key");
    assert_eq!(of(&[&range, "--openpgp-keys", &ring("openpgp-revoked")]).unwrap()["state"], "revoked");
    let both = ["--openpgp-keys", &ring("openpgp-rsa"), "--openpgp-keys", &ring("openpgp-binary")];
    assert_eq!(of(&[&[&id[..]], &both[..]].concat()).unwrap()["state"], "unknown-key");
    let refused = of(&[&id, "--openpgp-keys", &ring("openpgp-ring-truncated")]).unwrap_err();
    assert!(refused.contains("the OpenPGP keys are not read") && refused.contains("gpg --export"), "{refused}");
    assert!(of(&[&id, "--openpgp-keys", "absent"]).unwrap_err().contains("cannot be read"));
    let (folder, id) = repository("openpgp-revoked", "openpgp-revoked");
    assert_eq!(attribution(folder.path(), &[&format!("HEAD..{id}")]).unwrap()["state"], "revoked");
}
