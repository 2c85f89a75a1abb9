//! Annotations of GitHub Actions: workflow commands, which the runner reads from what a step prints.
//!
//! This is the one report whose lines are commands. A line begins with one of three fixed words; of what follows
//! nothing ends the line, nothing ends a property, and the rest of it stays inert.

use super::inert::Inert;
use super::remarks::{Remark, Weight, remarks};
use super::{Report, Reported, Style, summary};
use crate::judge::Verdict;
use crate::model::text::{shortened, visible};
use std::io::{self, Write};

pub struct Github;

/// Annotations of one kind. GitHub shows the first ten of a kind and step; the log keeps them all.
const MOST: usize = 50;
/// Characters of a message: GitHub cuts those of more than 64 KiB.
const LONGEST: usize = 2_000;

impl Report for Github {
    fn id(&self) -> &'static str {
        "github"
    }

    /// Each line makes its own rest inert: a filter over the whole would take the commands as well.
    fn write(&self, reported: &Reported<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        self.draw(reported, style, &mut out)?;
        out.flush()
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let verdict = format!("{}: {} ({})", summary::verdict(reported), summary::summary(reported), summary::compared(reported));
        Annotation { kind: of_verdict(reported.judgement.verdict), file: None, title: "sbomgate", message: &verdict }.write(out)?;
        let remarks = remarks(reported);
        for kind in [Kind::Error, Kind::Warning, Kind::Notice] {
            let of_kind: Vec<&Remark<'_>> = remarks.iter().filter(|remark| Kind::of(remark) == kind).collect();
            for remark in of_kind.iter().take(MOST) {
                let title = format!("sbomgate {}: {}", remark.weight.word(), remark.code);
                let file = remark.file.map(|file| (file.as_str(), remark.line));
                Annotation { kind, file, title: &title, message: &remark.text() }.write(out)?;
            }
            if of_kind.len() > MOST {
                let message = format!("{} more of this kind are in the other reports", of_kind.len() - MOST);
                Annotation { kind, file: None, title: "sbomgate", message: &message }.write(out)?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn of(remark: &Remark<'_>) -> Kind {
        match remark.weight {
            Weight::Blocking | Weight::Error => Kind::Error,
            Weight::Asked | Weight::Warning => Kind::Warning,
            Weight::Note | Weight::Gap => Kind::Notice,
        }
    }

    fn command(self) -> &'static str {
        match self {
            Kind::Error => "::error ",
            Kind::Warning => "::warning ",
            Kind::Notice => "::notice ",
        }
    }
}

fn of_verdict(verdict: Option<Verdict>) -> Kind {
    match verdict {
        Some(Verdict::Allow) => Kind::Notice,
        Some(Verdict::NeedsApproval) => Kind::Warning,
        Some(Verdict::Deny) | None => Kind::Error,
    }
}

struct Annotation<'a> {
    kind: Kind,
    file: Option<(&'a str, Option<u32>)>,
    title: &'a str,
    message: &'a str,
}

impl Annotation<'_> {
    /// One line: `::error file=a/b.json,line=7,title=sbomgate%3A advisory::message`.
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(self.kind.command().as_bytes())?;
        let mut rest = Inert::within_line(&mut *out);
        if let Some((file, line)) = self.file {
            write!(rest, "file={},", property(file))?;
            if let Some(line) = line {
                write!(rest, "line={line},")?;
            }
        }
        write!(rest, "title={}::{}", property(self.title), data(&shortened(self.message, LONGEST)))?;
        out.write_all(b"\n")
    }
}

/// As the runner's own library escapes a message.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same of a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{Annotation, Kind};

    #[test]
    fn nothing_of_an_annotation_is_another_command() {
        let hostile = "a\n::error::x\r::set-output name=a::b %0A,line=1::c ##[error]d ##vso[task]e";
        let mut out = Vec::new();
        Annotation { kind: Kind::Notice, file: Some((hostile, Some(3))), title: hostile, message: hostile }.write(&mut out).unwrap();
        let line = String::from_utf8(out).unwrap();
        assert_eq!(line.lines().count(), 1, "{line}");
        let (properties, message) = line.strip_prefix("::notice ").unwrap().split_once("::").unwrap();
        assert_eq!(properties.split(',').map(|one| one.split('=').next().unwrap()).collect::<Vec<_>>(), ["file", "line", "title"]);
        assert!(message.contains("%250A") && !line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}
