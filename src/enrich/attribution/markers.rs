//! What a commit says of itself: marks in its author, its committer and its message.

use super::catalogue::{Catalogue, Kind, Marker, Matcher, Names, Strength};
use super::evidence::{Evidence, Extent, How, Place};
use super::naming::Named;
use super::pattern;
use crate::model::message::Line;
use crate::model::{Commit, Identity, Message};
use std::collections::BTreeSet;

/// What was found on a commit itself.
#[derive(Debug, Default)]
pub struct Found {
    pub evidence: Vec<Evidence>,
    /// Ids of the bots that are author or co-author, none of them an AI tool.
    pub automation: BTreeSet<String>,
    pub author_is: Nature,
    pub committer_is: Nature,
    /// Each once, in the order of the message.
    pub co_authors: Vec<(Identity, Nature)>,
    seen: BTreeSet<Identity>,
    /// `AI-Assisted: no` and its like: the line and its text.
    pub declared_none: Option<(u32, String)>,
    /// The message was longer than is read.
    pub cut: bool,
}

/// What an identity stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nature {
    /// Nothing shows that it is a tool or a bot; a declaration beside the name (`Jane (aider)`) leaves it a person's.
    #[default]
    Person,
    Tool,
    Bot,
    Forge,
}

/// Characters of a name or address that are looked at.
const MOST_NAME: usize = 500;

/// Pieces of evidence of one mark and one tool that are kept.
const MOST_ALIKE: usize = 5;

/// Reads a commit's own marks.
pub fn found_on(commit: &Commit, catalogue: &Catalogue) -> Found {
    let message = Message::new(&commit.message);
    let mut found = Found { cut: message.cut, ..Found::default() };
    found.author_is = found.identity(&commit.author.who, How::Author, Place::Header, catalogue);
    found.committer_is = found.identity(&commit.committer.who, How::Committer, Place::Header, catalogue);
    for line in &message.lines {
        found.line(line, catalogue);
    }
    for marker in &catalogue.markers {
        if let Matcher::Subject(starts) = &marker.matcher {
            found.subject(marker, starts, message.subject);
        }
    }
    found
}

impl Found {
    /// Keeps a piece of evidence; a squash repeats the same mark many times, which says no more.
    fn keep(&mut self, evidence: Evidence) {
        let alike = self
            .evidence
            .iter()
            .filter(|known| (&known.marker, &known.tool, known.how) == (&evidence.marker, &evidence.tool, evidence.how));
        if alike.clone().count() < MOST_ALIKE && !alike.into_iter().any(|known| known.text == evidence.text) {
            self.evidence.push(evidence);
        }
    }

    /// Takes in an identity, and says what it stands for.
    fn identity(&mut self, who: &Identity, how: How, place: Place, catalogue: &Catalogue) -> Nature {
        let (name, email) = (clipped(&who.name), clipped(&who.email));
        if let Some((marker, named)) = tool_identity(name, email, how, catalogue) {
            let suffix = matches!(&marker.matcher, Matcher::Identity { suffix: Some(_), .. });
            let text = format!("{name} <{email}>");
            self.keep(evidence(marker, how, place, &text, named));
            return if suffix || marker.strength == Strength::Weak { Nature::Person } else { Nature::Tool };
        }
        if catalogue.is_forge(name, email) {
            return Nature::Forge;
        }
        match bot(name, email, catalogue) {
            Some(id) => {
                if how != How::Committer {
                    self.automation.insert(id);
                }
                Nature::Bot
            }
            None => Nature::Person,
        }
    }

    fn line(&mut self, line: &Line<'_>, catalogue: &Catalogue) {
        let place = Place::Message { line: line.number, in_trailer_block: line.in_trailer_block };
        if let Some((key, value)) = line.trailer() {
            self.trailer(key, value, line, &place, catalogue);
        }
        let plain = without_emblem(line.text);
        let small = line.text.to_ascii_lowercase();
        for marker in &catalogue.markers {
            let rest = match &marker.matcher {
                Matcher::Line { starts, alone } => starts.iter().find_map(|start| line_mark(line.text, plain, start, *alone)),
                Matcher::Contains(parts) => parts.iter().any(|part| small.contains(part.as_str())).then_some(""),
                Matcher::Checked(boxes) => checked(line.text).filter(|text| boxes.iter().any(|start| pattern::begins(text, start))),
                _ => None,
            };
            if let Some(rest) = rest {
                let named = marker.names.and_then(|_| catalogue.named(rest)).unwrap_or_default();
                self.keep(evidence(marker, how(marker.kind), place.clone(), line.text, named));
            }
        }
    }

    fn trailer(&mut self, key: &str, value: &str, line: &Line<'_>, place: &Place, catalogue: &Catalogue) {
        let co_authors = line.co_authors();
        let names_somebody = co_authors.is_some();
        for who in co_authors.into_iter().flatten() {
            self.co_author(who, place, catalogue);
        }
        // With an address it is somebody, and the address says who; a name before it proves nothing.
        if names_somebody && value.contains('<') {
            return;
        }
        for marker in &catalogue.markers {
            let Matcher::Trailer { keys, values } = &marker.matcher else { continue };
            if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                continue;
            }
            if denies(value, &marker.none) {
                self.declared_none.get_or_insert_with(|| (line.number, Evidence::text(line.text)));
                continue;
            }
            let fits = values.is_empty() || values.iter().any(|pattern| pattern.fits(value));
            if let Some(named) = fits.then(|| named_in(marker, value, catalogue)).flatten() {
                let how = if names_somebody { How::CoAuthor } else { how(marker.kind) };
                self.keep(evidence(marker, how, place.clone(), line.text, named));
            }
        }
    }

    fn co_author(&mut self, who: Identity, place: &Place, catalogue: &Catalogue) {
        let nature = self.identity(&who, How::CoAuthor, place.clone(), catalogue);
        if self.seen.insert(who.clone()) {
            self.co_authors.push((who, nature));
        }
    }

    /// What a tool writes before the subject is followed by words, unlike a version of a package of its name.
    fn subject(&mut self, marker: &Marker, starts: &[String], subject: &str) {
        let rest = starts.iter().find(|start| pattern::starts(subject, start)).and_then(|start| subject.get(start.len()..));
        if rest.is_some_and(|rest| rest.starts_with(char::is_alphabetic) && !rest.starts_with("init at ")) {
            let place = Place::Message { line: 1, in_trailer_block: false };
            self.keep(evidence(marker, How::Subject, place, subject, Named::default()));
        }
    }
}

/// The best mark that an identity bears.
fn tool_identity<'c>(name: &str, email: &str, how: How, catalogue: &'c Catalogue) -> Option<(&'c Marker, Named)> {
    let signing = how != How::CoAuthor;
    // An address without an owner belongs to nobody, so nobody's is at a vendor.
    let local = email.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let of_vendor = catalogue.is_vendor(email) && !matches!(local.as_str(), "noreply" | "no-reply");
    let fits = |marker: &&Marker| match &marker.matcher {
        Matcher::Identity { pattern, signs, private, .. } => {
            !marker.automation_alone && pattern.fits(name, email) && (signing || !signs) && !(*private && of_vendor)
        }
        _ => false,
    };
    // Of equally good marks the first row counts.
    let marker =
        catalogue.markers.iter().filter(fits).reduce(|best, marker| if marker.strength > best.strength { marker } else { best })?;
    let named = if marker.names.is_some() { catalogue.named(name).unwrap_or_default() } else { Named::default() };
    Some((marker, Named { model: catalogue.model(name), ..named }))
}

fn bot(name: &str, email: &str, catalogue: &Catalogue) -> Option<String> {
    let known = catalogue.automation.iter().find(|bot| bot.identity.fits(name, email));
    let login = || email.split('@').next().unwrap_or_default().split_once('+').map_or(email.split('@').next(), |(_, login)| Some(login));
    match known {
        Some(bot) if bot.id != "*" => Some(bot.id.clone()),
        Some(_) => login().map(|login| login.trim_end_matches("[bot]").to_ascii_lowercase()),
        None => user_bot(name, login()?),
    }
}

/// An account that calls itself a bot in its name and in its address, `Babel Bot <babel-bot@…>`.
fn user_bot(name: &str, login: &str) -> Option<String> {
    let called = name.to_ascii_lowercase().replace([' ', '_'], "-");
    let login = login.to_ascii_lowercase().replace('_', "-");
    (called == login && (login.ends_with("-bot") || login.ends_with("-robot"))).then_some(login)
}

/// What the value names, when that is what the mark asks for.
fn named_in(marker: &Marker, value: &str, catalogue: &Catalogue) -> Option<Named> {
    let Some(wanted) = marker.names else { return Some(Named { tool: None, model: catalogue.model(value) }) };
    let who = Identity::parse(value);
    let named = match value.contains('@') {
        // An address makes it somebody: a tool by its own mark, or by a model with its version.
        true => match tool_identity(clipped(&who.name), clipped(&who.email), How::CoAuthor, catalogue) {
            Some((mark, named)) if mark.strength > Strength::Weak => {
                Some(Named { tool: mark.tool.clone().or(named.tool), model: named.model })
            }
            _ => catalogue.named(&who.name).filter(|named| named.model.is_some()),
        },
        false => catalogue.named(value),
    };
    match wanted {
        Names::Tool => named,
        Names::ToolOrAgent => named.or_else(|| is_agent_and_model(value).then(Named::default)),
        Names::Anything => Some(named.unwrap_or_default()),
    }
}

/// `AGENT_NAME:MODEL_VERSION [TOOL]` (Documentation/process/coding-assistants.rst of the Linux kernel).
fn is_agent_and_model(value: &str) -> bool {
    let first = value.split_whitespace().next().unwrap_or_default();
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    first.split_once(':').is_some_and(|(agent, model)| is_word(agent) && is_word(model) && !agent.eq_ignore_ascii_case("https"))
}

/// Whether a value's first word is one that denies.
fn denies(value: &str, none: &[String]) -> bool {
    let word = value.split(|c: char| !c.is_alphanumeric() && c != '/').next().unwrap_or_default();
    none.iter().any(|no| no.eq_ignore_ascii_case(word))
}

/// The rest of a line behind a mark that it begins with.
fn line_mark<'l>(line: &'l str, plain: &'l str, start: &str, alone: bool) -> Option<&'l str> {
    let text = [plain, line].into_iter().find(|text| pattern::begins(text, start))?;
    let rest = text.get(start.trim_end_matches('?').len()..)?;
    (!alone || rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')).then_some(rest)
}

/// A line without the emblem that tools put before their footers.
fn without_emblem(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| !c.is_ascii() || c == ' ');
    if line.len() - rest.len() <= 16 { rest } else { line }
}

/// What stands behind a checked box of a list.
fn checked(line: &str) -> Option<&str> {
    let item = line.strip_prefix(['-', '*'])?.trim_start();
    item.strip_prefix("[x]").or_else(|| item.strip_prefix("[X]")).map(str::trim_start)
}

fn how(kind: Kind) -> How {
    match kind {
        Kind::Identity | Kind::Bot | Kind::NameSuffix => How::CoAuthor,
        Kind::Trailer | Kind::AssistedBy | Kind::GeneratedBy | Kind::AiTrailer => How::Trailer,
        Kind::SessionTrailer | Kind::SessionUrl => How::SessionLink,
        Kind::Footer => How::Footer,
        Kind::Checkbox => How::Checkbox,
    }
}

fn evidence(marker: &Marker, how: How, place: Place, text: &str, named: Named) -> Evidence {
    Evidence {
        strength: marker.strength,
        extent: Extent::Commit,
        how,
        place,
        marker: marker.id.clone(),
        role: marker.role,
        tool: marker.tool.clone().or(named.tool),
        model: named.model,
        commit: None,
        text: Evidence::text(text),
    }
}

fn clipped(text: &str) -> &str {
    text.char_indices().nth(MOST_NAME).map_or(text, |(at, _)| &text[..at])
}
