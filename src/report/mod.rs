//! Judgement to bytes. A report is a pure function of what was judged: the same judgement and
//! style give the same bytes. Text from outside is made harmless for the medium it goes to.

mod advisories;
pub mod ai_inventory;
pub mod attribution;
mod code_quality;
mod commit_json;
mod escape;
mod excerpts;
pub mod facts;
mod github;
mod gitlab_dependencies;
mod html;
mod inert;
mod introduced_json;
mod introduced_text;
pub mod json;
mod junit;
mod known;
mod licences;
mod manifest;
mod markdown;
mod needed;
mod packages;
mod remarks;
mod roads;
mod sarif;
mod style;
mod summary;
mod text;
mod why;
pub mod wording;

pub use advisories::{
    affects, exploitation_status, imported, record, store_status, write_affects, write_exploitation_status, write_imported, write_record,
    write_store_status,
};
pub use escape::write_json;
pub use excerpts::{Excerpts, write_line};
pub use inert::Inert;
pub use packages::{write_as_it_is, write_packages};
pub use style::{Paint, Style};
pub use why::{write_json as write_why_json, write_text as write_why};

use crate::diff::{Change, LockfileDiff};
use crate::enrich::attribution::Only;
use crate::enrich::introduction::Introductions;
use crate::judge::Judgement;
use crate::model::RelPath;
use std::io;

/// What a report tells.
pub struct Reported<'g> {
    pub judgement: Judgement<'g>,
    /// `None` for a whole project, which is compared with nothing.
    pub base: Option<Side>,
    pub head: Side,
    /// Which commits brought the changes in; `None` where nobody asked (a whole project has no range).
    pub introductions: Option<Introductions>,
    /// Lockfiles that are there and were not looked at, with the reason.
    pub skipped: Vec<(RelPath, String)>,
    /// The lines that findings point to, where people read them.
    pub excerpts: Excerpts,
}

impl Reported<'_> {
    /// Whether a filter leaves the change in. Findings, gaps and the verdict are of everything, whatever is shown.
    pub fn shows(&self, lockfile: &LockfileDiff<'_>, change: &Change) -> bool {
        self.introductions.as_ref().is_none_or(|known| known.shows(&lockfile.head.lockfile, change))
    }

    /// The filter, with how many changes there are and how many of them it leaves out.
    fn filter(&self) -> Option<(&Only, usize, usize)> {
        let only = self.introductions.as_ref()?.only.as_ref()?;
        let changes =
            || self.judgement.subject.lockfiles.iter().flat_map(|lockfile| lockfile.changes.iter().map(move |one| (lockfile, one)));
        let left_out = changes().filter(|(lockfile, change)| !self.shows(lockfile, change)).count();
        Some((only, changes().count(), left_out))
    }
}

/// One side as reports name it: a full commit id, `worktree`, or a file as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side(pub String);

impl Side {
    /// Twelve digits of a commit id, for people.
    pub fn short(&self) -> &str {
        let is_id = matches!(self.0.len(), 40 | 64) && self.0.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id { &self.0[..12] } else { &self.0 }
    }
}

/// A form of report.
pub trait Report: Sync {
    /// What `--format` calls it.
    fn id(&self) -> &'static str;

    /// Its bytes, of which [`Report::write`] makes what may be printed.
    fn draw(&self, reported: &Reported<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()>;

    /// What may be printed as it is: no line of it is a command of a CI runner, but for those of the one report that
    /// is made of them.
    fn write(&self, reported: &Reported<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(Inert::new(out));
        self.draw(reported, style, &mut out)?;
        io::Write::flush(&mut out)
    }
}

/// All reports. A new one is a row.
pub static REPORTS: &[&dyn Report] = &[
    &text::TextReport,
    &json::JsonReport,
    &manifest::ApprovalManifest,
    &markdown::COMMENT,
    &markdown::SUMMARY,
    &sarif::Sarif,
    &github::Github,
    &code_quality::CodeQuality,
    &gitlab_dependencies::GitlabDependencies,
    &junit::Junit,
    &html::Html,
];

pub fn named(id: &str) -> Option<&'static dyn Report> {
    REPORTS.iter().copied().find(|report| report.id() == id)
}
