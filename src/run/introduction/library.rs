//! The contents of the files of a history, each read once however many commits have it.

use super::super::SIZE_LIMIT;
use super::{LARGEST_MANIFEST, may_be};
use crate::edge::git::history::Touched;
use crate::edge::{ContentId, EntryKind, Found, Repository};
use crate::enrich::introduction::{Content, ContentNo, FileKind, Held, Questions, Reason};
use crate::model::{Package, SourceFile};
use crate::read::{self, FORMATS, Files};
use std::collections::{HashMap, HashSet};

/// Bytes that are read of one history at most. All lockfiles that uv ever had are 643 MB.
const MOST_BYTES: u64 = 4 << 30;
/// Contents in which a file's earlier place is looked for, of one history at most.
const MOST_COMPARED: usize = 2_000;
/// Lines of manifests that are compared with lines that are looked for, of one history at most.
const MOST_LINES: usize = 200_000_000;
/// Bytes of a line of a manifest.
const USUAL_LINE: usize = 40;
/// Bits that are kept of all contents together at most: 256 MB.
const MOST_BITS: usize = 1 << 31;

pub(super) struct Library<'r> {
    repository: &'r Repository,
    pub questions: &'r Questions,
    pub contents: Vec<Content>,
    /// By object, by what it is called (a symlink's target is a content too), and by how it is read.
    numbers: HashMap<(Option<ContentId>, EntryKind, FileKind), ContentNo>,
    bytes_left: u64,
    lines_left: usize,
    comparisons_left: usize,
}

impl<'r> Library<'r> {
    pub fn new(repository: &'r Repository, questions: &'r Questions) -> Self {
        let numbers = HashMap::new();
        Library {
            repository,
            questions,
            contents: Vec::new(),
            numbers,
            bytes_left: MOST_BYTES,
            lines_left: MOST_LINES,
            comparisons_left: MOST_COMPARED,
        }
    }

    /// The number of a content, which is read when it is asked for first.
    pub fn content(&mut self, found: &Found, kind: FileKind) -> ContentNo {
        if let Some(number) = self.numbers.get(&(found.content, found.kind, kind)) {
            return *number;
        }
        let content = match self.held(found, kind) {
            Ok(held) => Content::Held(held),
            Err(reason) => Content::Unread(reason),
        };
        self.contents.push(content);
        self.numbers.insert((found.content, found.kind, kind), self.contents.len() - 1);
        self.contents.len() - 1
    }

    fn held(&mut self, found: &Found, kind: FileKind) -> Result<Held, Reason> {
        if self.contents.len().saturating_mul(self.questions.len()) > MOST_BITS {
            return Err(Reason::unread("the history has too many states to look at them all"));
        }
        let file = self.file(found, kind)?;
        match kind {
            FileKind::Manifest(_) => self.held_by_manifest(&file, kind),
            FileKind::Lockfile(id) => parsed(file, id, |parsed| self.questions.held_by(parsed)),
        }
    }

    fn held_by_manifest(&mut self, file: &SourceFile, kind: FileKind) -> Result<Held, Reason> {
        let text = file.text();
        let asked = self.questions.files.values().find(|asked| asked.kind == kind);
        let facts = asked.map(|asked| asked.facts.clone()).unwrap_or_default();
        // One line may hold the entries of many.
        let lines = text.lines().count().max(text.len() / USUAL_LINE).saturating_mul(facts.len());
        self.lines_left =
            self.lines_left.checked_sub(lines).ok_or_else(|| Reason::unread("the manifests of the history have too many lines"))?;
        self.questions.held_by_manifest(&facts, file.path().file_name(), text)
    }

    fn file(&mut self, found: &Found, kind: FileKind) -> Result<SourceFile, Reason> {
        let limit = if matches!(kind, FileKind::Manifest(_)) { LARGEST_MANIFEST } else { SIZE_LIMIT };
        if self.bytes_left == 0 {
            return Err(Reason::unread("the history has more bytes of lockfiles than are read"));
        }
        let bytes = self.repository.read(found, limit).map_err(|error| Reason::unread(error.to_string()))?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        SourceFile::new(found.path.clone(), bytes).map_err(|error| Reason::unread(format!("{}: {error}", found.path)))
    }

    /// Where the file that a commit added was before: at the one path of those that it took away which
    /// has the same bytes, or shares at least half of the packages, the most of all.
    pub fn moved_from<'t>(&mut self, now: &Found, kind: FileKind, touched: &'t [Touched]) -> Option<&'t Found> {
        let gone = touched.iter().filter(|entry| entry.now.is_none()).filter_map(|entry| entry.before.as_ref());
        let gone: Vec<&Found> = gone.filter(|found| may_be(found, kind, now)).collect();
        if let Some(same) = gone.iter().find(|found| found.content == now.content) {
            return Some(same);
        }
        match kind {
            FileKind::Manifest(_) => gone.first().copied().filter(|_| gone.len() == 1),
            FileKind::Lockfile(id) => self.most_alike(now, id, gone),
        }
    }

    fn most_alike<'t>(&mut self, now: &Found, id: &'static str, gone: Vec<&'t Found>) -> Option<&'t Found> {
        if gone.is_empty() {
            return None;
        }
        let new = self.packages(now, id)?;
        let mut best = None;
        for found in gone {
            let Some(old) = self.packages(found, id) else { continue };
            let shared = old.intersection(&new).count();
            let all = old.len() + new.len() - shared;
            if shared > 0 && shared * 2 >= all && best.is_none_or(|(most, _)| shared * 1000 / all > most) {
                best = Some((shared * 1000 / all, found));
            }
        }
        best.map(|(_, found)| found)
    }

    fn packages(&mut self, found: &Found, id: &'static str) -> Option<HashSet<Package>> {
        self.comparisons_left = self.comparisons_left.checked_sub(1)?;
        let file = self.file(found, FileKind::Lockfile(id)).ok()?;
        let all = |parsed: &read::Parsed<'_>| {
            let third_party = parsed.entries.iter().filter(|entry| !entry.package.is_first_party());
            third_party.map(|entry| entry.package.clone()).collect()
        };
        parsed(file, id, all).ok()
    }
}

/// Reads a lockfile by itself. It says which packages it holds without the manifests beside it; where
/// it does not, the head's own lockfile does not show the package either, and nothing is claimed.
fn parsed<T>(file: SourceFile, id: &'static str, look: impl FnOnce(&read::Parsed<'_>) -> T) -> Result<T, Reason> {
    let listed = || FORMATS.iter().copied().find(|format| format.id() == id);
    let path = file.path().clone();
    let format = read::format_for(&file).or_else(listed).ok_or_else(|| Reason::unread(format!("{path}: no format reads it")))?;
    let files = Files::new(file);
    let parsed = read::parse(format, &files).map_err(|error| Reason::unread(error.to_string()))?;
    Ok(look(&parsed))
}
