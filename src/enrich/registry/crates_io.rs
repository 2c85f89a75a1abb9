//! A crate's lines in a sparse index (doc.rust-lang.org/cargo/reference/registry-index.html, "JSON schema") and the
//! API of crates.io (crates.io/data-access).
//!
//! Neither says whether a crate has a build script; one with `links` must have one. crates.io has no build
//! attestations: that a workflow published a version is a fact about its publisher.

use super::answer::{self, Items, Loose, Text, Unusable};
use super::{Downloads, Mark, Part, Publisher, Release, repository, times, versions};
use crate::model::{Ecosystem, PackageName};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line<'t> {
    #[serde(borrow)]
    name: Text<'t>,
    #[serde(borrow)]
    vers: Text<'t>,
    yanked: Option<bool>,
    #[serde(default, borrow)]
    links: Loose<Text<'t>>,
    #[serde(default, borrow)]
    pubtime: Loose<Text<'t>>,
}

/// One line a version, yanked ones too; nothing is ever taken out of it.
pub fn index(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let mut releases = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wire: Line<'_> = serde_json::from_str(line).map_err(|error| in_line(at, error.into()))?;
        answer::is_about(Ecosystem::Cargo, asked, &wire.name.0)?;
        releases.extend(of_line(&wire));
        if releases.len() > answer::MOST_ENTRIES {
            return Err(Unusable::Broken(format!("there are more than {} lines", answer::MOST_ENTRIES)));
        }
    }
    versions::part(Ecosystem::Cargo, releases)
}

fn in_line(at: usize, error: Unusable) -> Unusable {
    match error {
        Unusable::Broken(reason) => Unusable::Broken(format!("line {}: {reason}", at + 1)),
        other => other,
    }
}

fn of_line(wire: &Line<'_>) -> Option<Release> {
    let links = wire.links.0.as_ref().and_then(|links| answer::word(&links.0));
    Some(Release {
        published: wire.pubtime.0.as_ref().and_then(|time| answer::time(&time.0)),
        yanked: wire.yanked.map(|yanked| if yanked { Mark::Yes(String::new()) } else { Mark::No }),
        install: links.map(|links| vec![format!("build script (links {links})")]),
        ..versions::release(&wire.vers.0)?
    })
}

/// What the API counts as recent: 90 days.
const RECENT_DAYS: u32 = 90;

#[derive(Deserialize)]
struct Answer<'t> {
    #[serde(borrow, rename = "crate")]
    of_name: Crate<'t>,
    #[serde(borrow)]
    versions: Option<Items<Version<'t>>>,
}

#[derive(Deserialize)]
struct Crate<'t> {
    #[serde(borrow)]
    name: Text<'t>,
    #[serde(default, borrow)]
    created_at: Loose<Text<'t>>,
    recent_downloads: Option<u64>,
    #[serde(default, borrow)]
    repository: Loose<Option<Text<'t>>>,
}

#[derive(Deserialize)]
struct Version<'t> {
    #[serde(borrow)]
    num: Text<'t>,
    #[serde(default, borrow)]
    created_at: Loose<Text<'t>>,
    yanked: Option<bool>,
    #[serde(default, borrow)]
    yank_message: Loose<Text<'t>>,
    #[serde(default, borrow)]
    published_by: Loose<User<'t>>,
    #[serde(default, borrow)]
    trustpub_data: Loose<Workflow<'t>>,
    #[serde(default, borrow)]
    license: Loose<Option<Text<'t>>>,
}

#[derive(Deserialize)]
struct User<'t> {
    #[serde(borrow)]
    login: Text<'t>,
}

/// GitHub has a repository, GitLab a project.
#[derive(Deserialize)]
struct Workflow<'t> {
    #[serde(borrow)]
    repository: Option<Text<'t>>,
    #[serde(borrow)]
    project_path: Option<Text<'t>>,
}

pub fn api(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let wire: Answer<'_> = serde_json::from_str(text)?;
    answer::is_about(Ecosystem::Cargo, asked, &wire.of_name.name.0)?;
    let releases = wire.versions.map(|Items(versions)| versions.iter().filter_map(of_version).collect::<Vec<_>>());
    versions::once(releases.as_deref().unwrap_or_default())?;
    let repository = wire.of_name.repository.0.map(|url| url.map_or_else(String::new, |url| repository::address(&url.0)));
    Ok(Part {
        created: wire.of_name.created_at.0.and_then(|time| answer::time(&time.0)),
        downloads: wire.of_name.recent_downloads.map(|count| Downloads { count, days: RECENT_DAYS }),
        repository,
        unusable_times: times::doubt(Ecosystem::Cargo, releases.as_deref().unwrap_or_default()),
        releases,
        ..Part::default()
    })
}

fn of_version(wire: &Version<'_>) -> Option<Release> {
    let message = wire.yank_message.0.as_ref().map(|message| answer::note(&message.0)).unwrap_or_default();
    let licence = wire.license.0.as_ref();
    Some(Release {
        published: wire.created_at.0.as_ref().and_then(|time| answer::time(&time.0)),
        yanked: wire.yanked.map(|yanked| if yanked { Mark::Yes(message) } else { Mark::No }),
        publisher: publisher(wire),
        licence: licence.and_then(|licence| licence.as_ref().map_or(Some(String::new()), |licence| answer::licence(&licence.0))),
        ..versions::release(&wire.num.0)?
    })
}

/// A workflow has no user.
fn publisher(wire: &Version<'_>) -> Option<Publisher> {
    let workflow = wire.trustpub_data.0.as_ref().and_then(|workflow| workflow.repository.as_ref().or(workflow.project_path.as_ref()));
    let user = wire.published_by.0.as_ref().map(|user| (&user.login, false));
    let (name, is_workflow) = workflow.map(|name| (name, true)).or(user)?;
    Some(Publisher { name: answer::word(&name.0)?, is_workflow })
}
