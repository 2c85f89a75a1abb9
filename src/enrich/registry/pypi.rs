//! PyPI's JSON (its documentation, "JSON API") and a project of a simple index (PEP 691, 700, 740, 792).

use super::answer::{self, Items, Loose, Pairs, Text, Unusable};
use super::joined::find;
use super::pypi_files::{File, Files, Kind};
use super::{Mark, Part, Release, Standing, repository, versions};
use crate::model::version::Parsed;
use crate::model::{Ecosystem, PackageName, Version};
use crate::read::python_file_name;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Deserialize)]
struct Project<'t> {
    #[serde(borrow)]
    info: Info<'t>,
    #[serde(borrow)]
    releases: Option<Pairs<'t, Folded>>,
    #[serde(default, borrow)]
    ownership: Loose<Ownership<'t>>,
}

#[derive(Deserialize)]
struct Info<'t> {
    /// pypiserver leaves it out: then nothing shows what the document is about.
    #[serde(default, borrow)]
    name: Loose<Text<'t>>,
    #[serde(default, borrow)]
    version: Loose<Text<'t>>,
    #[serde(default, borrow)]
    license_expression: Loose<Text<'t>>,
    #[serde(default, borrow)]
    license: Loose<Text<'t>>,
    #[serde(default, borrow)]
    classifiers: Option<Loose<Items<Text<'t>>>>,
    #[serde(default, borrow)]
    project_urls: Option<Loose<Option<Pairs<'t, Loose<Text<'t>>>>>>,
    #[serde(default, borrow)]
    home_page: Loose<Text<'t>>,
}

#[derive(Deserialize)]
struct Ownership<'t> {
    #[serde(default, borrow)]
    organization: Loose<Text<'t>>,
    #[serde(borrow)]
    roles: Items<Role<'t>>,
}

#[derive(Deserialize)]
struct Role<'t> {
    #[serde(borrow)]
    user: Text<'t>,
}

#[derive(Deserialize)]
struct Upload<'t> {
    #[serde(default, borrow)]
    filename: Loose<Text<'t>>,
    /// Where a server names no file, its address ends in the name.
    #[serde(default, borrow)]
    url: Loose<Text<'t>>,
    #[serde(default, borrow)]
    packagetype: Loose<Text<'t>>,
    #[serde(default, borrow)]
    upload_time_iso_8601: Loose<Text<'t>>,
    #[serde(default, borrow)]
    upload_time: Loose<Text<'t>>,
    #[serde(default)]
    yanked: Loose<bool>,
    #[serde(default, borrow)]
    yanked_reason: Loose<Text<'t>>,
}

/// The files of a version, never all of them in memory.
struct Folded(Files);

impl<'de> Deserialize<'de> for Folded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Uploads;

        impl<'de> Visitor<'de> for Uploads {
            type Value = Folded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of files")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Folded, S::Error> {
                let mut files = Files::default();
                while let Some(upload) = seq.next_element::<Upload<'de>>()? {
                    files.add(of_upload(&upload));
                }
                Ok(Folded(files))
            }
        }

        deserializer.deserialize_seq(Uploads)
    }
}

fn of_upload(wire: &Upload<'_>) -> File {
    let said = |text: &Loose<Text<'_>>| text.0.as_ref().map(|text| text.0.clone().into_owned());
    let time = wire.upload_time_iso_8601.0.as_ref().or(wire.upload_time.0.as_ref());
    let reason = said(&wire.yanked_reason).unwrap_or_default();
    File {
        kind: Kind::of(
            &said(&wire.filename).or_else(|| said(&wire.url)).unwrap_or_default(),
            wire.packagetype.0.as_ref().map(|kind| kind.0.as_ref()),
        ),
        uploaded: time.and_then(|time| answer::time(&time.0)),
        yanked: wire.yanked.0.map(|yanked| if yanked { Mark::Yes(reason) } else { Mark::No }),
        attested: None,
    }
}

/// What `info` tells is told of the version that it is of, the latest.
pub fn json(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let wire: Project<'_> = serde_json::from_str(text)?;
    let name = wire.info.name.0.as_ref().ok_or(Unusable::NoName)?;
    answer::is_about(Ecosystem::Pypi, asked, &name.0)?;
    let owners = wire.ownership.0.as_ref().and_then(owners);
    let beside = Part { owners, repository: link(&wire.info), ..Part::default() };
    let Some(Pairs(releases)) = wire.releases else { return Ok(beside) };
    let mut releases: Vec<_> = releases.into_iter().filter_map(|(version, Folded(files))| files.release(&version)).collect();
    let of_info = wire.info.version.0.as_ref();
    if let Some(latest) = releases.iter_mut().find(|release| of_info.is_some_and(|version| version.0 == release.version)) {
        latest.licence = licence(&wire.info);
    }
    let part = versions::part(Ecosystem::Pypi, releases)?;
    Ok(Part { owners: beside.owners, repository: beside.repository, ..part })
}

/// `/pypi/NAME/VERSION/json`. Of what it tells, only the licence is not told of every version by the document of the name.
pub fn version(asked: &PackageName, version: Option<&Version>, text: &str) -> Result<Part, Unusable> {
    let wire: Project<'_> = serde_json::from_str(text)?;
    let name = wire.info.name.0.as_ref().ok_or(Unusable::NoName)?;
    answer::is_about(Ecosystem::Pypi, asked, &name.0)?;
    let found = wire.info.version.0.as_ref().map(|version| version.0.as_ref()).unwrap_or_default();
    let version =
        version.filter(|version| find(Ecosystem::Pypi, &versions::release(found).into_iter().collect::<Vec<_>>(), version).is_some());
    let release = version.and_then(|version| versions::release(version.as_str()));
    let release =
        release.ok_or_else(|| Unusable::OtherName { asked: asked.to_string(), found: answer::note(&format!("{} {found}", name.0)) })?;
    Ok(Part { releases: Some(vec![Release { licence: licence(&wire.info), ..release }]), ..Part::default() })
}

/// A project of an organization may have no roles of its own.
fn owners(wire: &Ownership<'_>) -> Option<Vec<String>> {
    let users = wire.roles.0.iter().map(|role| role.user.0.as_ref());
    answer::sorted_words(users.chain(wire.organization.0.as_ref().map(|name| name.0.as_ref())))
}

/// The expression (PEP 639) before the field, in which people put whole texts, before the classifiers
/// (`License :: OSI Approved :: MIT License`), which show what they are.
fn licence(info: &Info<'_>) -> Option<String> {
    let said = |text: &Loose<Text<'_>>| {
        let text = text.0.as_ref().and_then(|text| answer::licence(&text.0));
        text.filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("unknown"))
    };
    let listed = info.classifiers.as_ref().map(|listed| listed.0.as_ref().map(|Items(items)| items.as_slice()));
    let of_licence = |items: &[Text<'_>]| -> Vec<String> {
        items.iter().map(|item| item.0.trim().to_owned()).filter(|item| item.starts_with("License :: ")).collect()
    };
    let classified = listed.flatten().map(of_licence).and_then(|classifiers| answer::licence(&classifiers.join("; ")));
    // A text that is no licence's name is a statement all the same: nothing is not what it says.
    let is_silent = info.license.0.as_ref().is_none_or(|text| text.0.trim().is_empty()) && listed.is_some_and(|items| items.is_some());
    said(&info.license_expression)
        .or_else(|| said(&info.license))
        .or_else(|| classified.filter(|text| !text.is_empty()))
        .or_else(|| is_silent.then(String::new))
}

/// Labels of links to sources (PEP 753, "Well-known labels").
const OF_SOURCES: [&str; 7] = ["source", "repository", "sourcecode", "github", "gitlab", "code", "sources"];

fn link(info: &Info<'_>) -> Option<String> {
    let listed = match &info.project_urls {
        None => None,
        Some(Loose(listed)) => Some(listed.as_ref()?.as_ref()),
    };
    let home = info.home_page.0.as_ref().map(|url| url.0.as_ref());
    let pairs = listed.flatten().map(|Pairs(pairs)| pairs.as_slice()).unwrap_or_default();
    let links: Vec<(String, &str)> = pairs.iter().filter_map(|(label, url)| Some((plain(label), url.0.as_ref()?.0.as_ref()))).collect();
    let labelled = OF_SOURCES.iter().find_map(|wanted| links.iter().find(|(label, _)| label == wanted));
    let labelled = labelled.map(|(_, url)| repository::address(url)).filter(|url| !url.is_empty());
    let elsewhere = || links.iter().map(|(_, url)| *url).chain(home).find_map(repository::of_forge);
    labelled.or_else(elsewhere).or_else(|| (listed.is_some() || home.is_some()).then(String::new))
}

/// PEP 753: punctuation and white space do not count, nor do capitals.
fn plain(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric()).take(40).flat_map(char::to_lowercase).collect()
}

#[derive(Deserialize)]
struct Simple<'t> {
    #[serde(borrow)]
    name: Text<'t>,
    #[serde(borrow)]
    files: Items<Listed<'t>>,
    #[serde(default, borrow, rename = "project-status")]
    status: Loose<Status<'t>>,
    #[serde(default, borrow)]
    meta: Loose<Meta<'t>>,
}

#[derive(Deserialize)]
struct Meta<'t> {
    #[serde(default, borrow, rename = "project-status")]
    status: Loose<Status<'t>>,
}

#[derive(Deserialize)]
struct Status<'t> {
    #[serde(borrow)]
    status: Text<'t>,
    #[serde(default, borrow)]
    reason: Loose<Text<'t>>,
}

#[derive(Deserialize)]
struct Listed<'t> {
    #[serde(borrow)]
    filename: Text<'t>,
    #[serde(default, borrow, rename = "upload-time")]
    upload_time: Loose<Text<'t>>,
    #[serde(default, borrow)]
    yanked: Option<Loose<Yanked<'t>>>,
    /// `null` says that there is none; nothing says nothing.
    #[serde(default, borrow)]
    provenance: Loose<Option<Text<'t>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked<'t> {
    Is(bool),
    Because(#[serde(borrow)] Text<'t>),
}

/// The versions are those of the files: pip knows no others.
pub fn simple(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let wire: Simple<'_> = serde_json::from_str(text)?;
    answer::is_about(Ecosystem::Pypi, asked, &wire.name.0)?;
    let releases = by_version(asked, wire.files.0.iter().map(|listed| (&*listed.filename.0, of_listed(listed))));
    let status = wire.status.0.or_else(|| wire.meta.0.and_then(|meta| meta.status.0));
    let reason = |status: &Status<'_>| status.reason.0.as_ref().map(|reason| reason.0.clone().into_owned()).unwrap_or_default();
    let standing = status.as_ref().and_then(|status| standing(&status.status.0, &reason(status)));
    Ok(Part { standing, ..versions::part(Ecosystem::Pypi, releases)? })
}

/// The versions of the files that are the project's.
pub fn by_version<'f>(asked: &PackageName, files: impl Iterator<Item = (&'f str, File)>) -> Vec<Release> {
    // Files of one version may spell it in two ways (`1.0` and `1.0.0`); a text that is no version stands for itself.
    let mut by_version: BTreeMap<Result<pep440_rs::Version, String>, (String, Files)> = BTreeMap::new();
    for (file_name, file) in files {
        // pip passes over files of other names, and over those whose version it cannot tell.
        let (Some(name), Some(version)) = python_file_name(file_name, Some(asked)) else { continue };
        if name != *asked {
            continue;
        }
        let key = match Parsed::of(Ecosystem::Pypi, version.as_str()) {
            Some(Parsed::Pypi(parsed)) => Ok(parsed),
            _ => Err(version.as_str().to_owned()),
        };
        by_version.entry(key).or_insert_with(|| (version.as_str().to_owned(), Files::default())).1.add(file);
    }
    by_version.into_values().filter_map(|(version, files)| files.release(&version)).collect()
}

fn of_listed(wire: &Listed<'_>) -> File {
    // As pip reads it: an empty reason is none.
    let yanked = match &wire.yanked {
        None | Some(Loose(Some(Yanked::Is(false)))) => Mark::No,
        Some(Loose(Some(Yanked::Because(Text(reason))))) if reason.is_empty() => Mark::No,
        Some(Loose(Some(Yanked::Because(Text(reason))))) => Mark::Yes(answer::note(reason)),
        Some(Loose(Some(Yanked::Is(true)) | None)) => Mark::Yes(String::new()),
    };
    File {
        kind: Kind::of(&wire.filename.0, None),
        uploaded: wire.upload_time.0.as_ref().and_then(|time| answer::time(&time.0)),
        yanked: Some(yanked),
        attested: wire.provenance.0.as_ref().map(|url| url.as_ref().is_some_and(|url| !url.0.is_empty())),
    }
}

/// The markers of PEP 792; an unknown one says nothing, as the PEP wants it.
pub fn standing(status: &str, reason: &str) -> Option<Standing> {
    let reason = answer::note(reason);
    match status {
        "quarantined" => Some(Standing::Quarantined(reason)),
        "archived" => Some(Standing::Archived(reason)),
        "deprecated" => Some(Standing::Deprecated(reason)),
        _ => None,
    }
}
