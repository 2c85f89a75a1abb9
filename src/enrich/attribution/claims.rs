//! Lines that a record outside of the commit (a git-ai note, an Agent Trace) says a tool wrote. Records
//! get stale: after a squash or a rebase they point to other lines or come to lie on the wrong commit. So
//! a claim counts only for lines that the commit's own diff adds.

use super::catalogue::{Catalogue, Role, Strength};
use super::evidence::{Evidence, Extent, How, Place, Record};
use super::lines::AddedLines;
use crate::model::RelPath;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one file that a record gives to a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub file: RelPath,
    /// First and last line, from 1.
    pub ranges: Vec<(u32, u32)>,
    /// How the record calls the tool.
    pub agent: String,
    pub model: Option<String>,
    /// Who answers for the session, as the record says.
    pub person: Option<String>,
    pub record: Record,
}

/// Claims of one record at most, and files that they may name.
pub const MOST_CLAIMS: usize = 20_000;

/// What is known of the files that the claims name.
#[derive(Debug, Default)]
pub struct Joined {
    /// The lines that the commit adds, for each file that was looked at.
    pub added: BTreeMap<RelPath, AddedLines>,
    /// The manifests and lockfiles among the files that the commit changes; all of them where none is such.
    pub subject: BTreeSet<RelPath>,
}

/// The claims on lines that the commit adds. One on a manifest or lockfile is a declaration for that line;
/// one on another file indicates that a tool was at work on this commit.
pub fn evidence(claims: &[Claim], joined: &Joined, catalogue: &Catalogue) -> Vec<Evidence> {
    let mut kept: BTreeMap<(Extent, Option<String>, Option<String>, RelPath), Evidence> = BTreeMap::new();
    for claim in claims {
        let Some(added) = joined.added.get(&claim.file) else { continue };
        let Some(line) = claim.ranges.iter().filter_map(|(first, last)| added.first_in(*first, *last)).min() else { continue };
        let found = of_claim(claim, line, joined.subject.contains(&claim.file), catalogue);
        let key = (found.extent, found.tool.clone(), found.model.clone(), claim.file.clone());
        kept.entry(key).and_modify(|known| *known = known.clone().min(found.clone())).or_insert(found);
    }
    kept.into_values().take(MOST_EVIDENCE).collect()
}

/// Pieces of evidence of one commit's claims that are kept; those on its manifests and lockfiles come first.
const MOST_EVIDENCE: usize = 200;

fn of_claim(claim: &Claim, line: u32, on_subject: bool, catalogue: &Catalogue) -> Evidence {
    let (how, marker) = match &claim.record {
        Record::Note { .. } => (How::Note, "git-ai-note"),
        Record::Trace { .. } => (How::AgentTrace, "agent-trace"),
    };
    let tool = catalogue.named(&claim.agent).and_then(|named| named.tool).or_else(|| token(&claim.agent));
    let person = claim.person.as_deref().map(|person| format!(", for {person}")).unwrap_or_default();
    Evidence {
        strength: if on_subject { Strength::Conclusive } else { Strength::Weak },
        extent: if on_subject { Extent::Line } else { Extent::Commit },
        how,
        place: Place::Added { file: claim.file.clone(), line, record: claim.record.clone() },
        marker: marker.into(),
        role: Role::Author,
        tool,
        model: claim.model.clone().filter(|model| !matches!(model.as_str(), "" | "unknown" | "default")),
        commit: None,
        text: Evidence::text(&format!("{}:{line} by {}{person}", claim.file, claim.agent)),
    }
}

/// An agent that no row knows keeps its own name, when that is a plain word.
fn token(agent: &str) -> Option<String> {
    let plain = (1..=40).contains(&agent.len()) && agent.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    plain.then(|| agent.to_ascii_lowercase())
}
