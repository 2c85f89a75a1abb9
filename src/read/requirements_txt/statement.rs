//! What a line says: a requirement with its options, another file, or settings for all.
//!
//! Options are read as pip reads them: the requirement ends where a word starts with `-`, the rest
//! is split like a shell command (Python's `shlex`) and read by Python's `optparse`, which also
//! takes unambiguous beginnings of long names and values joined to short ones.

use super::line::{BadLine, Line, is_space, trimmed};
use crate::model::Digest;
use crate::model::text::quoted;

#[derive(Debug)]
pub(super) enum Statement {
    Nothing,
    Requirement(Stated),
    /// Another file: installed with `-r`, only limiting versions with `-c`.
    File {
        path: String,
        role: Role,
    },
    Settings(Vec<Setting>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Requirements,
    Constraints,
}

#[derive(Debug)]
pub(super) struct Stated {
    pub text: String,
    pub editable: bool,
    /// Alternatives: one file of several gets installed.
    pub hashes: Vec<Digest>,
}

#[derive(Debug)]
pub(super) enum Setting {
    Index(String),
    FurtherIndex(String),
    NoIndex,
    FindLinks(String),
    RequireHashes,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Opt {
    Index,
    FurtherIndex,
    NoIndex,
    FindLinks,
    RequireHashes,
    Requirement,
    Constraint,
    Editable,
    Hash,
    /// No matter to what is installed from where.
    Other,
}

/// An option that pip reads in a requirements file.
struct Known {
    short: Option<char>,
    long: &'static [&'static str],
    takes_value: bool,
    /// Whether beginnings of the long name are taken for it. Not for options of older pips.
    abbreviated: bool,
    opt: Opt,
}

const fn option(short: Option<char>, long: &'static [&'static str], takes_value: bool, opt: Opt) -> Known {
    Known { short, long, takes_value, abbreviated: true, opt }
}

/// An option that pip no longer takes: older commits have them.
const fn former(short: Option<char>, long: &'static [&'static str], takes_value: bool) -> Known {
    Known { short, long, takes_value, abbreviated: false, opt: Opt::Other }
}

const OPTIONS: &[Known] = &[
    option(Some('i'), &["index-url", "pypi-url"], true, Opt::Index),
    option(None, &["extra-index-url"], true, Opt::FurtherIndex),
    option(None, &["no-index"], false, Opt::NoIndex),
    option(Some('c'), &["constraint"], true, Opt::Constraint),
    option(Some('r'), &["requirement"], true, Opt::Requirement),
    option(Some('e'), &["editable"], true, Opt::Editable),
    option(Some('f'), &["find-links"], true, Opt::FindLinks),
    option(None, &["no-binary"], true, Opt::Other),
    option(None, &["only-binary"], true, Opt::Other),
    option(None, &["prefer-binary"], false, Opt::Other),
    option(None, &["require-hashes"], false, Opt::RequireHashes),
    option(None, &["no-require-hashes"], false, Opt::Other),
    option(None, &["pre"], false, Opt::Other),
    option(None, &["all-releases"], true, Opt::Other),
    option(None, &["only-final"], true, Opt::Other),
    option(None, &["trusted-host"], true, Opt::Other),
    option(None, &["use-feature"], true, Opt::Other),
    option(None, &["hash"], true, Opt::Hash),
    option(Some('C'), &["config-settings", "config-setting"], true, Opt::Other),
    former(None, &["global-option"], true),
    former(None, &["install-option"], true),
    former(None, &["allow-external"], true),
    former(None, &["allow-unverified"], true),
    former(None, &["allow-all-external"], false),
    former(None, &["process-dependency-links"], false),
    former(None, &["use-wheel"], false),
    former(None, &["no-use-wheel"], false),
    former(Some('Z'), &["always-unzip"], false),
];

impl Statement {
    /// Also gives what stands in the line and has no effect: pip passes over it without a word,
    /// the reader shall not.
    pub fn read(line: &Line<'_>) -> Result<(Statement, Vec<Ignored>), BadLine> {
        let (text, options_at) = split_options(&line.text);
        if options_at == line.text.len() {
            let stated = || Statement::Requirement(Stated { text: text.to_owned(), editable: false, hashes: Vec::new() });
            return Ok((if text.is_empty() { Statement::Nothing } else { stated() }, Vec::new()));
        }
        if let Some(hashes) = only_hashes(&line.text[options_at..]).filter(|_| !text.is_empty()) {
            return Ok((Statement::Requirement(Stated { text: text.to_owned(), editable: false, hashes }), Vec::new()));
        }
        let words = words(&line.text, options_at, line)?;
        let given = options(&words, line)?;
        meaning(text, given, line)
    }
}

/// A part of a line that pip passes over, for people.
pub(super) type Ignored = String;

/// Where the options start: at the first word with a `-` before it. Names may hold `-C`.
fn split_options(text: &str) -> (&str, usize) {
    let starts_word = |&at: &usize| text[..at].chars().next_back().is_none_or(is_space);
    let at = memchr::memchr_iter(b'-', text.as_bytes()).find(starts_word).unwrap_or(text.len());
    (trimmed(&text[..at]), at)
}

/// The hashes, where the options are nothing else and each is sound: nearly all of a file is that.
fn only_hashes(options: &str) -> Option<Vec<Digest>> {
    let words = options.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.map(|word| Digest::from_prefixed_hex(word.strip_prefix("--hash=")?).ok()).collect()
}

/// A word of the options, and where it starts in the line.
type Word = (usize, String);

/// Python's `shlex.split`.
fn words(text: &str, from: usize, line: &Line<'_>) -> Result<Vec<Word>, BadLine> {
    let options = &text[from..];
    if !options.contains(['\'', '"', '\\']) {
        return Ok(plain_words(options, from));
    }
    quoted_words(text, from, line)
}

fn plain_words(options: &str, from: usize) -> Vec<Word> {
    let mut at = from;
    let mut words = Vec::new();
    for word in options.split([' ', '\t', '\r', '\n']) {
        if !word.is_empty() {
            words.push((at, word.to_owned()));
        }
        at += word.len() + 1;
    }
    words
}

fn quoted_words(text: &str, from: usize, line: &Line<'_>) -> Result<Vec<Word>, BadLine> {
    let mut words: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let escaped = match (quote, c) {
            (None, '\\') => true,
            (Some('"'), '\\') => matches!(chars.peek(), Some((_, '"' | '\\'))),
            _ => false,
        };
        let into = |word: &mut Option<Word>, c: Option<char>| word.get_or_insert_with(|| (from + at, String::new())).1.extend(c);
        match (quote, c) {
            _ if escaped => match chars.next() {
                Some((_, next)) => into(&mut word, Some(next)),
                None => return Err(BadLine::syntax(line.number_at(from + at), "the options end with a backslash")),
            },
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                into(&mut word, None);
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            _ => into(&mut word, Some(c)),
        }
    }
    if quote.is_some() {
        return Err(BadLine::syntax(line.number_at(from), "a quotation mark in the options is not closed"));
    }
    words.extend(word);
    Ok(words)
}

/// What the options say, in their order; `Err` in an item is a word that belongs to none.
type Given = Result<(Opt, Word), Word>;

/// Python's `optparse`, `parse_args`.
fn options(words: &[Word], line: &Line<'_>) -> Result<Vec<Given>, BadLine> {
    let mut given = Vec::new();
    let mut rest = words.iter();
    while let Some((at, word)) = rest.next() {
        if word == "--" {
            given.extend(rest.by_ref().cloned().map(Err));
            break;
        }
        if word == "-" || !word.starts_with('-') {
            given.push(Err((*at, word.clone())));
            continue;
        }
        let (known, joined) = known(word).map_err(|message| BadLine::syntax(line.number_at(*at), message))?;
        let value = match (known.takes_value, joined) {
            (true, Some(value)) => (*at, value.to_owned()),
            (true, None) => rest.next().cloned().ok_or_else(|| without_value(word, *at, line))?,
            (false, None) => (*at, String::new()),
            (false, Some(_)) => {
                return Err(BadLine::syntax(line.number_at(*at), format!("the option {} takes no value", quoted(option_name(word)))));
            }
        };
        given.push(Ok((known.opt, value)));
    }
    Ok(given)
}

fn without_value(word: &str, at: usize, line: &Line<'_>) -> BadLine {
    BadLine::syntax(line.number_at(at), format!("the option {} has no value", quoted(option_name(word))))
}

/// The option's name alone: its value may be a secret.
fn option_name(word: &str) -> &str {
    if word.starts_with("--") { word.split('=').next().unwrap_or(word) } else { word.get(..2).unwrap_or("-") }
}

/// The option that a word names, and the value joined to it.
fn known(word: &str) -> Result<(&'static Known, Option<&str>), String> {
    let unknown = || format!("pip knows no option {} in a requirements file", quoted(option_name(word)));
    let Some(long) = word.strip_prefix("--") else {
        let mut letters = word[1..].chars();
        let letter = letters.next();
        let known = OPTIONS.iter().find(|known| known.short.is_some() && known.short == letter).ok_or_else(unknown)?;
        let value = letters.as_str();
        return Ok((known, (!value.is_empty()).then_some(value)));
    };
    let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
    if let Some(known) = OPTIONS.iter().find(|known| known.long.contains(&name)) {
        return Ok((known, value));
    }
    let begins = |known: &&Known| known.abbreviated && known.long.iter().any(|long| long.starts_with(name));
    let mut candidates = OPTIONS.iter().filter(begins);
    match (candidates.next(), candidates.next()) {
        (Some(known), None) => Ok((known, value)),
        (Some(_), Some(_)) => Err(format!("the option {} may mean several", quoted(option_name(word)))),
        _ => Err(unknown()),
    }
}

/// pip's order of what counts in a line: the requirement, `-e`, `-r`, `-c`, settings. The first
/// `-e`, `-r` or `-c` counts, the others are passed over.
fn meaning(text: &str, given: Vec<Given>, line: &Line<'_>) -> Result<(Statement, Vec<Ignored>), BadLine> {
    let mut found = Found::default();
    for item in given {
        found.take(item, line)?;
    }
    let mut files = found.includes.into_iter().chain(found.constraints);
    let statement = if !text.is_empty() {
        Statement::Requirement(Stated { text: text.to_owned(), editable: false, hashes: found.hashes })
    } else if let Some(text) = found.editables.pop_front() {
        let text = with_marker(text, &mut found.stray, line);
        Statement::Requirement(Stated { text, editable: true, hashes: Vec::new() })
    } else if let Some((role, path)) = files.next() {
        Statement::File { path, role }
    } else {
        Statement::Settings(found.settings)
    };
    let mut ignored: Vec<Ignored> = found.stray.into_iter().map(|(_, word)| word).collect();
    ignored.extend(found.editables);
    ignored.extend(files.map(|(_, path)| path));
    Ok((statement, ignored))
}

/// uv takes a marker behind `-e ./folder`; to pip its words are strays.
fn with_marker(text: String, stray: &mut Vec<Word>, line: &Line<'_>) -> String {
    match stray.first() {
        Some((at, word)) if word.starts_with(';') => {
            let text = format!("{text} ; {}", &line.text[at + 1..]);
            stray.clear();
            text
        }
        _ => text,
    }
}

#[derive(Default)]
struct Found {
    editables: std::collections::VecDeque<String>,
    includes: Vec<(Role, String)>,
    constraints: Vec<(Role, String)>,
    hashes: Vec<Digest>,
    settings: Vec<Setting>,
    stray: Vec<Word>,
}

impl Found {
    fn take(&mut self, item: Given, line: &Line<'_>) -> Result<(), BadLine> {
        let (opt, (at, value)) = match item {
            Ok(given) => given,
            Err(stray) => {
                self.stray.push(stray);
                return Ok(());
            }
        };
        match opt {
            Opt::FurtherIndex => self.settings.push(Setting::FurtherIndex(value)),
            Opt::Index => self.settings.push(Setting::Index(value)),
            Opt::NoIndex => self.settings.push(Setting::NoIndex),
            Opt::FindLinks => self.settings.push(Setting::FindLinks(value)),
            Opt::RequireHashes => self.settings.push(Setting::RequireHashes),
            Opt::Editable => self.editables.push_back(value),
            Opt::Requirement => self.includes.push((Role::Requirements, value)),
            Opt::Constraint => self.constraints.push((Role::Constraints, value)),
            Opt::Hash => {
                let bad = |error| BadLine::syntax(line.number_at(at), format!("the hash {} cannot be read: {error}", quoted(&value)));
                self.hashes.push(Digest::from_prefixed_hex(&value).map_err(bad)?);
            }
            Opt::Other => {}
        }
        Ok(())
    }
}
