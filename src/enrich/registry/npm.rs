//! npm's packument (github.com/npm/registry, docs/responses/package-metadata.md).
//!
//! Registries that only look like npm's leave members out. An absence counts as "no" in a document that carries
//! what a registry writes down at publication (`time.created`, who published); in one that a proxy made of
//! `package.json` files, which never say that a version is deprecated or built at installation, it counts as nothing
//! said, and what such a file says of its publisher is its author's invention.
//!
//! The scripts are those that its publisher sent with a version; npm does not compare them with the archive.

use super::answer::{self, Items, Loose, Pairs, Text, Unusable};
use super::{Mark, Part, Publisher, Release, Standing, repository, times, versions};
use crate::model::{Ecosystem, PackageName};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// As large as the answer itself may be.
type Whole<T> = Loose<T, { usize::MAX }>;

#[derive(Deserialize)]
struct Packument<'t> {
    #[serde(default, borrow)]
    name: Loose<Text<'t>>,
    #[serde(default, borrow, rename = "dist-tags")]
    tags: Loose<Tags<'t>>,
    #[serde(default, borrow)]
    versions: Option<Pairs<'t, Manifest<'t>>>,
    #[serde(default, borrow)]
    time: Whole<Pairs<'t, &'t RawValue>>,
    #[serde(default, borrow)]
    maintainers: Loose<Items<Person<'t>>>,
    #[serde(default, borrow)]
    repository: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Tags<'t> {
    #[serde(default, borrow)]
    latest: Loose<Text<'t>>,
}

/// One version: its `package.json`, and what the registry adds.
#[derive(Deserialize)]
struct Manifest<'t> {
    #[serde(default, borrow)]
    deprecated: Option<Loose<Deprecation<'t>>>,
    #[serde(default, borrow)]
    scripts: Option<&'t RawValue>,
    #[serde(default)]
    gypfile: Loose<bool>,
    #[serde(default, rename = "hasInstallScript")]
    has_install_script: Loose<bool>,
    #[serde(default, borrow)]
    dist: Loose<Dist<'t>>,
    #[serde(default, borrow, rename = "_npmUser")]
    user: Loose<User<'t>>,
    #[serde(default, borrow)]
    license: Option<Loose<Licence<'t>>>,
    #[serde(default, borrow)]
    licenses: Option<Loose<Licence<'t>>>,
    #[serde(default, borrow)]
    repository: Option<&'t RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Deprecation<'t> {
    Said(#[serde(borrow)] Text<'t>),
    Is(bool),
}

/// What runs when a package of a registry is installed; `prepare` is run for git dependencies alone.
#[derive(Default, Deserialize)]
struct Scripts<'t> {
    #[serde(borrow)]
    preinstall: Option<&'t RawValue>,
    #[serde(borrow)]
    install: Option<&'t RawValue>,
    #[serde(borrow)]
    postinstall: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Dist<'t> {
    #[serde(borrow)]
    attestations: Option<&'t RawValue>,
    #[serde(borrow)]
    signatures: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct User<'t> {
    #[serde(borrow)]
    name: Text<'t>,
    #[serde(borrow, rename = "trustedPublisher")]
    trusted_publisher: Option<&'t RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Person<'t> {
    Named {
        #[serde(borrow)]
        name: Text<'t>,
    },
    /// `name <address>`
    Line(#[serde(borrow)] Text<'t>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Licence<'t> {
    One(#[serde(borrow)] Named<'t>),
    Several(#[serde(borrow)] Vec<Named<'t>>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named<'t> {
    Id(#[serde(borrow)] Text<'t>),
    Typed {
        #[serde(borrow, rename = "type")]
        kind: Text<'t>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Repository<'t> {
    Line(#[serde(borrow)] Text<'t>),
    Linked {
        #[serde(borrow)]
        url: Text<'t>,
    },
}

/// Reads a full packument; of the short form (`application/vnd.npm.install-v1+json`) what it has.
pub fn packument(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let wire: Packument<'_> = serde_json::from_str(text)?;
    let name = wire.name.0.as_ref().ok_or(Unusable::NoName)?;
    answer::is_about(Ecosystem::Npm, asked, &name.0)?;
    let time = Times::read(&wire);
    if let Some(when) = time.unpublished {
        return Ok(Part {
            standing: Some(Standing::Unpublished(when)),
            created: time.created,
            releases: Some(Vec::new()),
            ..Part::default()
        });
    }
    match &wire.versions {
        Some(Pairs(manifests)) => of_versions(&wire, &time, manifests),
        None => Err(Unusable::Broken("it has no `versions`".into())),
    }
}

fn of_versions(wire: &Packument<'_>, time: &Times<'_>, manifests: &[(Cow<'_, str>, Manifest<'_>)]) -> Result<Part, Unusable> {
    let any = |said: fn(&Manifest<'_>) -> bool| manifests.iter().any(|(_, manifest)| said(manifest));
    let dated: Vec<Release> = manifests.iter().filter_map(|(version, _)| time.of(version)).collect();
    let disorder = times::doubt(Ecosystem::Npm, &dated);
    let is_first_hand = time.is_whole && (disorder.is_none() || any(|manifest| manifest.user.0.is_some()));
    let says = Says {
        all: is_first_hand,
        deprecation: is_first_hand || any(|manifest| manifest.deprecated.is_some()),
        install: is_first_hand || any(|manifest| manifest.has_install_script.0.is_some()),
    };
    let releases: Vec<Release> = manifests.iter().filter_map(|(version, manifest)| release(version, manifest, time, &says)).collect();
    versions::once(&releases)?;
    Ok(Part {
        created: time.created,
        standing: is_held(wire, &releases).then_some(Standing::SecurityHolder),
        owners: wire.maintainers.0.as_ref().and_then(|Items(people)| answer::sorted_words(people.iter().map(Person::name))),
        repository: link(wire, is_first_hand),
        unusable_times: time.doubt().or(disorder),
        releases: Some(releases),
        ..Part::default()
    })
}

/// Where an absence says "no".
struct Says {
    /// The registry's own document, whole.
    all: bool,
    /// Some version is deprecated: the others are not.
    deprecation: bool,
    /// Some version is marked to run something (the short form has such a mark): the others run nothing.
    install: bool,
}

/// The times of a packument.
struct Times<'t> {
    created: Option<i64>,
    /// It says when the name was created and when the document changed, as npm's own does.
    is_whole: bool,
    is_empty: bool,
    of_versions: HashMap<&'t str, i64>,
    /// All versions were taken away; when, where that is told.
    unpublished: Option<Option<i64>>,
}

impl<'t> Times<'t> {
    fn read(wire: &'t Packument<'t>) -> Times<'t> {
        let pairs: &[(_, &RawValue)] = wire.time.0.as_ref().map_or(&[], |Pairs(pairs)| pairs);
        let raw: HashMap<&str, &RawValue> = pairs.iter().map(|(key, raw)| (key.as_ref(), *raw)).collect();
        let time = |raw: &RawValue| serde_json::from_str::<Text<'_>>(raw.get()).ok().and_then(|text| answer::time(&text.0));
        let of_key = |key: &str| raw.get(key).and_then(|raw| time(raw));
        // `versions` stays where some versions are there again: then the name is in use.
        let is_gone = wire.versions.as_ref().is_none_or(|Pairs(versions)| versions.is_empty());
        let unpublished = raw.get("unpublished").filter(|_| is_gone).map(|raw| {
            let gone: Option<Unpublished<'_>> = serde_json::from_str(raw.get()).ok();
            gone.and_then(|gone| answer::time(&gone.time?.0))
        });
        let unpublished = unpublished.or(wire.versions.as_ref().filter(|_| is_gone).map(|_| None));
        Times {
            created: of_key("created"),
            is_whole: of_key("created").is_some() && of_key("modified").is_some(),
            is_empty: raw.is_empty(),
            of_versions: raw.iter().filter_map(|(key, raw)| Some((*key, time(raw)?))).collect(),
            unpublished,
        }
    }

    /// A version with its time alone.
    fn of(&self, version: &str) -> Option<Release> {
        Some(Release { published: self.of_versions.get(version).copied(), ..versions::release(version)? })
    }

    fn doubt(&self) -> Option<String> {
        let is_made = !self.is_empty && !self.is_whole;
        is_made.then(|| {
            "it has times without believable ones for `created` and `modified`, as where a proxy writes when it fetched a version"
                .to_owned()
        })
    }
}

#[derive(Deserialize)]
struct Unpublished<'t> {
    #[serde(borrow)]
    time: Option<Text<'t>>,
}

fn release(version: &str, manifest: &Manifest<'_>, time: &Times<'_>, says: &Says) -> Option<Release> {
    Some(Release {
        deprecated: deprecated(manifest, says.deprecation),
        publisher: manifest.user.0.as_ref().filter(|_| says.all).and_then(publisher),
        install: install(manifest, says.install),
        licence: licence(manifest, says.all),
        attested: manifest.dist.0.as_ref().and_then(attested),
        ..time.of(version)?
    })
}

/// An empty text takes a deprecation back. What has another form than npm's still says something.
fn deprecated(manifest: &Manifest<'_>, says_no: bool) -> Option<Mark> {
    match &manifest.deprecated {
        None => says_no.then_some(Mark::No),
        Some(Loose(Some(Deprecation::Is(false)))) => Some(Mark::No),
        Some(Loose(Some(Deprecation::Said(Text(text))))) if text.is_empty() => Some(Mark::No),
        Some(Loose(Some(Deprecation::Said(Text(text))))) => Some(Mark::Yes(answer::note(text))),
        Some(Loose(Some(Deprecation::Is(true)) | None)) => Some(Mark::Yes(String::new())),
    }
}

/// Workflows publish as `GitHub Actions` and `GitLab CI/CD`: no user's name has a space or a capital.
fn publisher(user: &User<'_>) -> Option<Publisher> {
    let name = answer::word(&user.name.0)?;
    let is_workflow = user.trusted_publisher.is_some() || ["GitHub Actions", "GitLab CI/CD"].contains(&name.as_str());
    Some(Publisher { name, is_workflow })
}

/// npm runs `node-gyp rebuild` where there is a `binding.gyp` and neither `install` nor `preinstall`. A
/// `package.json` alone does not say that there is one.
fn install(manifest: &Manifest<'_>, says_no: bool) -> Option<Vec<String>> {
    // What is no object is dropped by npm. One that cannot be read must not look as if nothing were in it.
    let scripts: Scripts<'_> = match manifest.scripts.map(RawValue::get) {
        None => Scripts::default(),
        Some(raw) if !raw.starts_with('{') => return None,
        Some(raw) => match serde_json::from_str(raw) {
            Ok(scripts) => scripts,
            Err(_) => return Some(vec!["scripts of another form".into()]),
        },
    };
    let runs = |script: fn(&Scripts<'_>) -> bool| script(&scripts);
    let (pre, itself) = (runs(|scripts| is_said(&scripts.preinstall)), runs(|scripts| is_said(&scripts.install)));
    let built = manifest.gypfile.0 == Some(true) && !pre && !itself;
    let all =
        [(pre, "preinstall"), (itself, "install"), (built, "binding.gyp"), (runs(|scripts| is_said(&scripts.postinstall)), "postinstall")];
    let mut install: Vec<String> = all.into_iter().filter(|(runs, _)| *runs).map(|(_, name)| name.to_owned()).collect();
    // The short form says that there is one of them, not which.
    if install.is_empty() && manifest.has_install_script.0 == Some(true) {
        install.push("install".into());
    }
    (says_no || !install.is_empty()).then_some(install)
}

/// A script that is no text is one all the same.
fn is_said(script: &Option<&RawValue>) -> bool {
    script.is_some_and(|raw| match serde_json::from_str::<Text<'_>>(raw.get()) {
        Ok(text) => !text.0.trim().is_empty(),
        Err(_) => !matches!(raw.get(), "null" | "false"),
    })
}

/// Two and more in the old `licenses` leave the choice (docs.npmjs.com/cli/configuring-npm/package-json, "license").
fn licence(manifest: &Manifest<'_>, says_no: bool) -> Option<String> {
    let stated = manifest.license.as_ref().or(manifest.licenses.as_ref());
    match stated {
        None => says_no.then(String::new),
        Some(Loose(None)) => None,
        Some(Loose(Some(Licence::One(named)))) => answer::licence(named.text()),
        Some(Loose(Some(Licence::Several(all)))) => match all.as_slice() {
            [] => Some(String::new()),
            [one] => answer::licence(one.text()),
            several => answer::licence(&format!("({})", several.iter().map(Named::text).collect::<Vec<_>>().join(" OR "))),
        },
    }
}

/// Signatures show that what the registry adds was passed on; without them nothing is said.
fn attested(dist: &Dist<'_>) -> Option<bool> {
    match (dist.attestations, dist.signatures) {
        (Some(_), _) => Some(true),
        (None, Some(_)) => Some(false),
        (None, None) => None,
    }
}

/// npm takes a malicious package's place with a version of its own.
fn is_held(wire: &Packument<'_>, releases: &[Release]) -> bool {
    let is_npms = |version: &str| version.starts_with("0.0.1-security");
    let latest = wire.tags.0.as_ref().and_then(|tags| tags.latest.0.as_ref());
    latest.is_some_and(|latest| is_npms(&latest.0)) || !releases.is_empty() && releases.iter().all(|release| is_npms(&release.version))
}

/// Of the document, or of its latest version, from which the registry takes it.
fn link(wire: &Packument<'_>, is_first_hand: bool) -> Option<String> {
    let of_latest = || {
        let latest = wire.tags.0.as_ref()?.latest.0.as_ref()?;
        wire.versions.as_ref()?.0.iter().find(|(version, _)| *version == latest.0)?.1.repository
    };
    match wire.repository.or_else(of_latest) {
        None => is_first_hand.then(String::new),
        Some(raw) => match serde_json::from_str(raw.get()) {
            Ok(Repository::Line(Text(url)) | Repository::Linked { url: Text(url) }) => Some(repository::address(&url)),
            Err(_) => None,
        },
    }
}

impl Person<'_> {
    fn name(&self) -> &str {
        match self {
            Person::Named { name } => &name.0,
            Person::Line(line) => line.0.split('<').next().unwrap_or_default(),
        }
    }
}

impl Named<'_> {
    fn text(&self) -> &str {
        match self {
            Named::Id(text) | Named::Typed { kind: text } => &text.0,
        }
    }
}
